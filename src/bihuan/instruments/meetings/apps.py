from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "bihuan.instruments.meetings"
    label = "meetings"
