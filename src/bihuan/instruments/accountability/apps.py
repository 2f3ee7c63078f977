from bihuan.kernel.registry.apps import FacedConfig


class AccountabilityConfig(FacedConfig):
    name = "bihuan.instruments.accountability"
    label = "accountability"
