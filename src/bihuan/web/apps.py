from bihuan.kernel.registry.apps import FacedConfig


class WebConfig(FacedConfig):
    name = "bihuan.web"
    label = "web"
