from django.apps import AppConfig


class MattersConfig(AppConfig):
    name = "bihuan.kernel.matters"
    label = "matters"
