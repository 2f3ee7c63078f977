from django.apps import AppConfig


class CommendationConfig(AppConfig):
    name = "bihuan.instruments.commendation"
    label = "commendation"
