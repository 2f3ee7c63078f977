"""Addresses of this room."""

from django.urls import path

from . import calendars, orgs, security, structure

urlpatterns = [
    path("units/", orgs.orgs, name="orgs"),
    path("units/posts/<int:pk>/handover/", orgs.handover, name="handover"),
    path("units/new/", structure.unit, name="unit_new"),
    path("units/<str:code>/edit/", structure.unit, name="unit"),
    path("territories/", structure.territories, name="territories"),
    path("territories/new/", structure.territory, name="territory_new"),
    path("territories/<str:code>/edit/", structure.territory, name="territory"),
    path("kinds/", structure.kind_list, name="kinds"),
    path("kinds/<str:name>/new/", structure.kind, name="kind_new"),
    path("people/new/", structure.person, name="person_new"),
    path("channels/", structure.channels, name="channels"),
    path("channels/<int:pk>/again/", structure.channel_again, name="channel_again"),
    path("people/", security.people, name="people"),
    path("people/<str:username>/<str:name>/", security.account, name="account_act"),
    path("posts/new/", security.post, name="post_new"),
    path("posts/<int:pk>/fill/", security.post, name="post_fill"),
    path("calendars/", calendars.calendars, name="calendars"),
    path("calendars/notice/", calendars.notice, name="notice"),
    path("calendars/closure/", calendars.closure, name="closure"),
]
