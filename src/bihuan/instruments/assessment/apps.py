from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    name = "bihuan.instruments.assessment"
    label = "assessment"
