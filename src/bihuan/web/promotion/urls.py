"""Addresses of this room."""

from django.urls import path

from . import overview

urlpatterns = [
    path("figures/", overview.figure_list, name="figure_list"),
    path("figures/<int:pk>/", overview.figure, name="figures"),
    path("lights/", overview.lights, name="lights"),
    path("m/promotion/", overview.overview, name="promotion"),
]
