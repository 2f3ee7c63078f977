from bihuan.kernel.registry.apps import FacedConfig


class JobsConfig(FacedConfig):
    name = "bihuan.instruments.jobs"
    label = "jobs"
