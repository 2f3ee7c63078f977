from bihuan.kernel.registry.apps import FacedConfig


class KeysConfig(FacedConfig):
    name = "bihuan.instruments.keys"
    label = "keys"
