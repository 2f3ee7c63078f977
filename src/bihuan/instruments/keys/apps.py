from django.apps import AppConfig


class KeysConfig(AppConfig):
    name = "bihuan.instruments.keys"
    label = "keys"
