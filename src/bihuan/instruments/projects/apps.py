from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "bihuan.instruments.projects"
    label = "projects"
