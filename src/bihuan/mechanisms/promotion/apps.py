from django.apps import AppConfig


class PromotionConfig(AppConfig):
    name = "bihuan.mechanisms.promotion"
    label = "promotion"
