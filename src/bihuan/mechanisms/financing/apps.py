from django.apps import AppConfig


class FinancingConfig(AppConfig):
    name = "bihuan.mechanisms.financing"
    label = "financing"
