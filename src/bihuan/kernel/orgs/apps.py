from django.apps import AppConfig


class OrgsConfig(AppConfig):
    name = "bihuan.kernel.orgs"
    label = "orgs"
