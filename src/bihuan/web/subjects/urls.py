"""Addresses of this room."""

from django.urls import path

from . import demands, premises, projects, subjects

urlpatterns = [
    path("subjects/", subjects.subjects, name="subjects"),
    path("subjects/new/", subjects.new, name="subject_new"),
    path("subjects/<str:code>/", subjects.subject, name="subject"),
    path("subjects/<str:code>/<str:kind>.xlsx", subjects.register, name="subject_register"),
    path("subjects/<str:code>/file/", projects.edit, name="project_edit"),
    path("subjects/<str:code>/report/", projects.report, name="project_report"),
    path("subjects/<str:code>/excuse/", projects.excuse, name="project_excuse"),
    path("subjects/<str:code>/enter/<str:part>/", projects.entry, name="project_entry"),
    path("subjects/<str:code>/photos/<int:pk>/", projects.photo, name="project_photo"),
    path("subjects/<str:code>/photos/<int:pk>/small/", projects.photo, {"small": True}, name="project_photo_small"),
    path("subjects/<str:code>/demands/", demands.link, name="demand_link"),
    path("subjects/<str:code>/demands/<int:pk>/end/", demands.link_end, name="demand_link_end"),
    path("subjects/<str:code>/premises/", premises.edit, name="premises_edit"),
    path("subjects/<str:code>/premises/<str:part>/", premises.entry, name="premises_entry"),
    path("subjects/<str:code>/tenants/<str:key>/seen/", premises.seen, name="tenant_seen"),
    path("subjects/<str:code>/records/", premises.record_new, name="record_new"),
    path("records/<int:pk>/", premises.record, name="record"),
    path("records/photos/<int:pk>/", premises.photo, name="record_photo"),
    path("records/photos/<int:pk>/small/", premises.photo, {"small": True}, name="record_photo_small"),
    path("fire/import/", premises.import_list, name="premises_imports"),
    path("fire/import/<int:pk>/", premises.import_one, name="premises_import"),
    path("demand/<str:code>/", demands.demand, name="demand"),
    path("reports/", projects.reports, name="reports"),
]
