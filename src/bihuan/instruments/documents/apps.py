from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "bihuan.instruments.documents"
    label = "documents"
