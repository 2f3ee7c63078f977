from bihuan.kernel.registry.apps import FacedConfig


class CalendarsConfig(FacedConfig):
    name = "bihuan.kernel.calendars"
    label = "calendars"
