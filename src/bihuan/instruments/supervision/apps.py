from bihuan.kernel.registry.apps import FacedConfig


class SupervisionConfig(FacedConfig):
    name = "bihuan.instruments.supervision"
    label = "supervision"
