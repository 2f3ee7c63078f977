"""Addresses of this room."""

from django.urls import path

from . import steps

urlpatterns = [
    path("matters/<int:number>/procedures/<str:name>/", steps.begin, name="procedure"),
    path("matters/<int:number>/procedures/<int:run>/<str:name>/", steps.step, name="step"),
    path("fire/steps/", steps.step_list, name="steps"),
    path("fire/steps/files/<int:pk>/", steps.step_file, name="step_file"),
    path("fire/complaints/", steps.complaint_list, name="complaints"),
]
