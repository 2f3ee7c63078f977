from bihuan.kernel.registry.apps import FacedConfig


class AdministrationConfig(FacedConfig):
    name = "bihuan.instruments.administration"
    label = "administration"
