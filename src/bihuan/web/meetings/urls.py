"""Addresses of this room."""

from django.urls import path

from . import meeting_day, meetings

urlpatterns = [
    path("meetings/", meetings.meetings, name="meetings"),
    path("meetings/new/", meetings.new, name="meeting_new"),
    path("meetings/<int:pk>/", meetings.meeting, name="meeting"),
    path("meetings/<int:pk>/agenda/", meetings.agenda, name="agenda"),
    path("meetings/<int:pk>/invite/", meetings.invite, name="invite"),
    path("meetings/<int:pk>/cancel/", meetings.cancel, name="meeting_cancel"),
    path("meetings/<int:pk>/screen/", meeting_day.screen, name="screen"),
    path("meetings/<int:pk>/decide/", meeting_day.decide, name="decide"),
    path("meetings/<int:pk>/decisions/<int:number>/<str:name>/", meeting_day.decision, name="decision"),
    path("meetings/<int:pk>/papers/", meetings.paper, name="meeting_paper"),
    path("meetings/<int:pk>/code/", meeting_day.code, name="meeting_code"),
    path("meetings/<int:pk>/<str:name>/", meetings.step, name="meeting_step"),
    path("door/<str:code>/", meeting_day.door, name="door"),
]
