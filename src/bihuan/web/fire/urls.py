"""Addresses of this room."""

from django.urls import path

from . import campaigns, field, incidents, overview, visits

urlpatterns = [
    path("fire/blind/", overview.blind, name="blind"),
    path("fire/signals/", overview.signals, name="signals"),
    path("fire/fires/", incidents.incidents, name="incidents"),
    path("fire/fires/new/", incidents.edit, name="incident_new"),
    path("fire/fires/<int:pk>/", incidents.incident, name="incident"),
    path("fire/fires/<int:pk>/edit/", incidents.edit, name="incident_edit"),
    path("fire/fires/<int:pk>/<str:name>/", incidents.act, name="incident_act"),
    path("fire/situation/", incidents.situation_page, name="situation"),
    path("fire/situation/bulletin/", incidents.bulletin, name="bulletin"),
    path("fire/situation/past/", incidents.past, name="past_figures"),
    path("fire/situation/past/sample.xlsx", incidents.past_sample, name="past_sample"),
    path("fire/centres/", overview.centre_list, name="centres"),
    path("fire/centres/<str:code>/", overview.centre, name="centre"),
    path("fire/rules/", overview.tables, name="fire_tables"),
    path("fire/rules/load/", overview.table_load, name="table_load"),
    path("fire/visits/", visits.plan_list, name="visit_plans"),
    path("fire/visits/<int:pk>/", visits.plan, name="visit_plan"),
    path("fire/visits/<int:pk>/add/", visits.visit_add, name="visit_add"),
    path("fire/visits/<int:pk>/<int:visit>/", visits.visit, name="visit"),
    path("fire/campaigns/", campaigns.campaign_list, name="campaigns"),
    path("fire/campaigns/new/", campaigns.edit, name="campaign_new"),
    path("fire/campaigns/<int:pk>/", campaigns.campaign, name="campaign"),
    path("fire/campaigns/<int:pk>/edit/", campaigns.edit, name="campaign_edit"),
    path("fire/campaigns/<int:pk>/report/", campaigns.report, name="campaign_report"),
    path("field/", field.shell, name="field"),
    path("field/list.json", field.today, name="field_list"),
    path("field/photo/", field.photo, name="field_photo"),
    path("field/enter/", field.enter_record, name="field_enter"),
    path("field/worker.js", field.worker, name="field_worker"),
    path("field/app.webmanifest", field.manifest, name="field_manifest"),
    path("m/fire/", overview.overview, name="fire"),
]
