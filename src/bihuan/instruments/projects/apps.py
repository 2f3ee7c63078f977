from bihuan.kernel.registry.apps import FacedConfig


class ProjectsConfig(FacedConfig):
    name = "bihuan.instruments.projects"
    label = "projects"
