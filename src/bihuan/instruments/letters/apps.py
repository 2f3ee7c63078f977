from django.apps import AppConfig


class LettersConfig(AppConfig):
    name = "bihuan.instruments.letters"
    label = "letters"
