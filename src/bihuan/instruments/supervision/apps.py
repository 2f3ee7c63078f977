from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "bihuan.instruments.supervision"
    label = "supervision"
