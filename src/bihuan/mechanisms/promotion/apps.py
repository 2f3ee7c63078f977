from bihuan.kernel.registry.apps import FacedConfig


class PromotionConfig(FacedConfig):
    name = "bihuan.mechanisms.promotion"
    label = "promotion"
