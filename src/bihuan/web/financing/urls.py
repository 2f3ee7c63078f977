"""Addresses of this room."""

from django.urls import path

from . import exchange, files, lead_banks, overview, pushes, signing

urlpatterns = [
    path("financing/files/", overview.files, name="financing_files"),
    path("financing/files/new/", overview.file_new, name="financing_new"),
    path("financing/files/<str:code>/", files.file, name="financing_file"),
    path("financing/files/<str:code>/figures/<str:group>/", files.figure_form, name="financing_figures"),
    path("financing/files/<str:code>/check/<str:condition>/", files.check, name="financing_check"),
    path("financing/files/<str:code>/explain/", files.explain, name="financing_explain"),
    path("financing/files/<str:code>/inform/", files.inform, name="financing_inform"),
    path("financing/files/<str:code>/statement/", files.statement_new, name="statement_new"),
    path("financing/files/<str:code>/<str:what>/", files.act, name="financing_act"),
    path("financing/proofs/<int:pk>/", files.proof, name="financing_proof"),
    path("financing/statements/<int:pk>/", files.statement, name="statement"),
    path("financing/pushes/<str:code>/", pushes.push, name="push"),
    path("financing/pushes/<str:code>/<str:what>/", pushes.act, name="push_act"),
    path("financing/banks/", lead_banks.match, name="financing_match"),
    path("financing/banks/searches/<int:pk>/", lead_banks.search, name="financing_search"),
    path("financing/banks/<str:code>/", lead_banks.appetite, name="financing_appetite"),
    path("financing/lists/", overview.three_lists, name="financing_lists"),
    path("financing/warnings/", overview.warnings, name="financing_warnings"),
    path("financing/conditions/", overview.condition_page, name="financing_conditions"),
    path("financing/conditions/<str:side>/", overview.condition_edit, name="financing_condition"),
    path("financing/exchange/", exchange.exchange_page, name="financing_exchange"),
    path("financing/exchange/file/", exchange.exchange_file, name="financing_exchange_file"),
    path("financing/signing/", signing.new, name="signing_new"),
    path("financing/signing/<int:pk>/", signing.ceremony, name="signing"),
    path("financing/signing/<int:pk>/papers/", signing.paper, name="signing_paper"),
    path("m/financing/", overview.overview, name="financing"),
]
