from bihuan.kernel.registry.apps import FacedConfig


class FilesConfig(FacedConfig):
    name = "bihuan.kernel.files"
    label = "files"
