from bihuan.kernel.registry.apps import FacedConfig


class FireConfig(FacedConfig):
    name = "bihuan.mechanisms.fire"
    label = "fire"
