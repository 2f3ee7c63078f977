from bihuan.kernel.registry.apps import FacedConfig


class FinancingConfig(FacedConfig):
    name = "bihuan.mechanisms.financing"
    label = "financing"
