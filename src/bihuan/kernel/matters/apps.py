from bihuan.kernel.registry.apps import FacedConfig


class MattersConfig(FacedConfig):
    name = "bihuan.kernel.matters"
    label = "matters"
