from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "bihuan.kernel.evidence"
    label = "evidence"
