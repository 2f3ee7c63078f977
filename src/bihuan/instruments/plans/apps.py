from bihuan.kernel.registry.apps import FacedConfig


class PlansConfig(FacedConfig):
    name = "bihuan.instruments.plans"
    label = "plans"
