"""Addresses of this room."""

from django.urls import path

from . import papers

urlpatterns = [
    path("matters/<int:number>/paper/", papers.of_a_matter, name="matter_paper"),
    path("papers/", papers.papers, name="papers"),
    path("papers/report/", papers.report, name="paper_report"),
    path("papers/templates/", papers.templates, name="templates"),
    path("papers/templates/<str:name>/", papers.template, name="template"),
    path("papers/templates/<str:name>/file/", papers.template_file, name="template_file"),
    path("papers/<int:pk>/", papers.paper, name="paper"),
    path("papers/<int:pk>/file/", papers.download, name="paper_file"),
    path("papers/<int:pk>/<str:name>/", papers.act, name="paper_act"),
]
