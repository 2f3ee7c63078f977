from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "bihuan.instruments.plans"
    label = "plans"
