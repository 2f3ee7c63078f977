"""Addresses of this room."""

from django.urls import path

from . import registers

urlpatterns = [
    path("registers/<int:pk>/register.xlsx", registers.take_out, name="register_out"),
    path("registers/", registers.registers, name="registers"),
    path("registers/<int:pk>/", registers.register, name="register"),
    path("registers/<int:pk>/correct/", registers.correct, name="register_correct"),
    path("registers/<int:pk>/drop/", registers.drop, name="register_drop"),
]
