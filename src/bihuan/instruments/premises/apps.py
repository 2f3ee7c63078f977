from bihuan.kernel.registry.apps import FacedConfig


class PremisesConfig(FacedConfig):
    name = "bihuan.instruments.premises"
    label = "premises"
