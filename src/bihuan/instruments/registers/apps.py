from bihuan.kernel.registry.apps import FacedConfig


class RegistersConfig(FacedConfig):
    name = "bihuan.instruments.registers"
    label = "registers"
