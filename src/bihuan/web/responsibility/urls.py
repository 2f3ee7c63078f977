"""Addresses of this room."""

from django.urls import path

from . import assessments, commendations, letters, measures, schemes, signing, year

urlpatterns = [
    path("year/", year.year, name="year"),
    path("year/meeting/", year.annual, name="annual"),
    path("letters/", letters.letters, name="letters"),
    path("letters/sign/", signing.sign_many, name="sign_many"),
    path("letters/new/<str:name>/", letters.new, name="letter_new"),
    path("letters/batches/<int:pk>/<str:name>/", letters.batch, name="letter_batch"),
    path("letters/<int:pk>/", letters.letter, name="letter"),
    path("letters/<int:pk>/sign/", signing.sign, name="letter_sign"),
    path("letters/<int:pk>/paper/", signing.scan, name="letter_scan"),
    path("letters/<int:pk>/<str:name>/", signing.act, name="letter_act"),
    path("assessments/", assessments.assessments, name="assessments"),
    path("assessments/open/<str:key>/", assessments.open_year, name="assessment_open"),
    path("assessments/years/<str:key>/<int:year>/<str:name>/", assessments.year_act, name="assessment_year"),
    path("assessments/appeals/<int:pk>/", assessments.appeal_decide, name="appeal_decide"),
    path("assessments/proofs/<int:pk>/", assessments.proof, name="proof"),
    path("assessments/<int:pk>/", assessments.assessment, name="assessment"),
    path("assessments/<int:pk>/rows/<str:metric>/", assessments.rows, name="assessment_rows"),
    path("assessments/<int:pk>/items/<str:item>/appeal/", assessments.appeal, name="assessment_appeal"),
    path("assessments/<int:pk>/items/<str:item>/<str:side>/", assessments.mark, name="assessment_mark"),
    path("assessments/<int:pk>/<str:name>/", assessments.act, name="assessment_act"),
    path("schemes/", schemes.scheme_list, name="schemes"),
    path("schemes/<str:key>/<int:year>/", schemes.scheme, name="scheme"),
    path("schemes/<str:key>/<int:year>/sheet.xlsx", schemes.sheet, name="scheme_sheet"),
    path("schemes/<str:key>/<int:year>/load/", schemes.load, name="scheme_load"),
    path("measures/", measures.measures, name="measures"),
    path("measures/new/", measures.new, name="measure_new"),
    path("measures/<int:pk>/", measures.measure, name="measure"),
    path("measures/<int:pk>/<str:name>/", measures.act, name="measure_act"),
    path("commendations/", commendations.commendations, name="commendations"),
    path("commendations/new/", commendations.new, name="commendation_new"),
    path("commendations/<int:pk>/", commendations.commendation, name="commendation"),
    path("commendations/<int:pk>/nominate/", commendations.nominate, name="nominate"),
    path("commendations/<int:pk>/paper/", commendations.paper, name="commendation_paper"),
    path("commendations/<int:pk>/voices/<int:voice>/", commendations.answer, name="voice_answer"),
    path("commendations/<int:pk>/<int:nominee>/<str:name>/", commendations.act, name="nominee_act"),
]
