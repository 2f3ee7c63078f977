from bihuan.kernel.registry.apps import FacedConfig


class NoticesConfig(FacedConfig):
    name = "bihuan.instruments.notices"
    label = "notices"
