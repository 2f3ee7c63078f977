from bihuan.kernel.registry.apps import FacedConfig


class DocumentsConfig(FacedConfig):
    name = "bihuan.instruments.documents"
    label = "documents"
