"""All addresses."""

from django.urls import path
from django.urls.resolvers import URLPattern

from bihuan.web.views import (
    calendars,
    desk,
    evidence,
    matter,
    matters,
    mechanism,
    orgs,
    receipts,
    record,
    registers,
    session,
    subjects,
)

urlpatterns: list[URLPattern] = [
    path("", desk.desk, name="desk"),
    path("desk/<str:name>/", desk.group, name="desk_group"),
    path("sign-in/", session.SignIn.as_view(), name="sign_in"),
    path("sign-out/", session.SignOut.as_view(), name="sign_out"),
    path("language/", session.language, name="language"),
    path("healthz", session.health, name="health"),
    path("matters/", matters.matters, name="matters"),
    path("matters/new/", matters.new, name="matter_new"),
    path("matters/verify/", matters.verify_many, name="verify_many"),
    path("matters/views/", matters.save_view, name="save_view"),
    path("matters/views/<int:pk>/drop/", matters.drop_view, name="drop_view"),
    path("matters/<int:number>/", matter.matter, name="matter"),
    path("matters/<int:number>/<str:name>/", matter.act, name="act"),
    path("subjects/", subjects.subjects, name="subjects"),
    path("subjects/new/", subjects.new, name="subject_new"),
    path("subjects/<str:code>/", subjects.subject, name="subject"),
    path("registers/", registers.registers, name="registers"),
    path("registers/<int:pk>/", registers.register, name="register"),
    path("registers/<int:pk>/correct/", registers.correct, name="register_correct"),
    path("registers/<int:pk>/drop/", registers.drop, name="register_drop"),
    path("evidence/<int:pk>/", evidence.download, name="evidence"),
    path("receipts/check/", receipts.verifier_page, name="verifier"),
    path("receipts/<str:kind>/<str:name>/<int:seq>/", receipts.receipt, name="receipt"),
    path("receipts/<str:kind>/<str:name>/<int:seq>/file/", receipts.receipt_file, name="receipt_file"),
    path("receipts/<str:kind>/<str:name>/<int:seq>/code/", receipts.receipt_code, name="receipt_code"),
    path("ledger/", record.ledger, name="ledger"),
    path("units/", orgs.orgs, name="orgs"),
    path("units/posts/<int:pk>/handover/", orgs.handover, name="handover"),
    path("calendars/", calendars.calendars, name="calendars"),
    path("calendars/notice/", calendars.notice, name="notice"),
    path("calendars/closure/", calendars.closure, name="closure"),
    path("m/<str:name>/", mechanism.mechanism, name="mechanism"),
]
handler400 = "bihuan.web.errors.bad_request"
handler403 = "bihuan.web.errors.denied"
handler404 = "bihuan.web.errors.not_found"
handler500 = "bihuan.web.errors.broken"
