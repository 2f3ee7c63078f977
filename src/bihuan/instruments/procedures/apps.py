from bihuan.kernel.registry.apps import FacedConfig


class ProceduresConfig(FacedConfig):
    name = "bihuan.instruments.procedures"
    label = "procedures"
