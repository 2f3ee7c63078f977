from django.apps import AppConfig


class CalendarsConfig(AppConfig):
    name = "bihuan.kernel.calendars"
    label = "calendars"
