from bihuan.kernel.registry.apps import FacedConfig


class LettersConfig(FacedConfig):
    name = "bihuan.instruments.letters"
    label = "letters"
