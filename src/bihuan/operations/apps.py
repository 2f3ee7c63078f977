from bihuan.kernel.registry.apps import FacedConfig


class OperationsConfig(FacedConfig):
    name = "bihuan.operations"
    label = "operations"
