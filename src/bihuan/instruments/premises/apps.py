from django.apps import AppConfig


class PremisesConfig(AppConfig):
    name = "bihuan.instruments.premises"
    label = "premises"
