from bihuan.kernel.registry.apps import FacedConfig


class CounsellingConfig(FacedConfig):
    name = "bihuan.mechanisms.counselling"
    label = "counselling"
