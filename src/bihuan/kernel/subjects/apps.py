from django.apps import AppConfig


class SubjectsConfig(AppConfig):
    name = "bihuan.kernel.subjects"
    label = "subjects"
