from bihuan.kernel.registry.apps import FacedConfig


class CommendationConfig(FacedConfig):
    name = "bihuan.instruments.commendation"
    label = "commendation"
