from django.apps import AppConfig


class CounsellingConfig(AppConfig):
    name = "bihuan.mechanisms.counselling"
    label = "counselling"
