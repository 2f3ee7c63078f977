from bihuan.kernel.registry.apps import FacedConfig


class MeetingsConfig(FacedConfig):
    name = "bihuan.instruments.meetings"
    label = "meetings"
