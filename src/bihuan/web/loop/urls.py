"""Addresses of this room."""

from django.urls import path

from . import evidence, matter, matters, mechanism, plans, supervision

urlpatterns = [
    path("matters/", matters.matters, name="matters"),
    path("matters/new/", matters.new, name="matter_new"),
    path("matters/verify/", matters.verify_many, name="verify_many"),
    path("matters/views/", matters.save_view, name="save_view"),
    path("matters/views/<int:pk>/drop/", matters.drop_view, name="drop_view"),
    path("matters/<int:number>/", matter.matter, name="matter"),
    path("matters/<int:number>/register.xlsx", matter.register, name="matter_register"),
    path("matters/<int:number>/object/<str:against>/", supervision.object_to, name="object_to"),
    path("matters/<int:number>/<str:name>/", matter.act, name="act"),
    path("objections/", supervision.objections, name="objections"),
    path("objections/<int:pk>/", supervision.objection, name="objection"),
    path("second-looks/", supervision.second_looks, name="second_looks"),
    path("second-looks/<int:pk>/", supervision.second_look, name="second_look"),
    path("plans/", plans.plans, name="plans"),
    path("plans/new/", plans.new, name="plan_new"),
    path("plans/<int:pk>/stop/", plans.stop, name="plan_stop"),
    path("evidence/stage/", evidence.take_in, name="stage"),
    path("evidence/<int:pk>/", evidence.download, name="evidence"),
    path("evidence/<int:pk>/small/", evidence.download, {"small": True}, name="evidence_small"),
    path("m/<str:name>/", mechanism.mechanism, name="mechanism"),
]
