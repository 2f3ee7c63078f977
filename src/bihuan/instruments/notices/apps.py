from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "bihuan.instruments.notices"
    label = "notices"
