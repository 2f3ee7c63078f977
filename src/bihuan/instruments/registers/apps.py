from django.apps import AppConfig


class RegistersConfig(AppConfig):
    name = "bihuan.instruments.registers"
    label = "registers"
