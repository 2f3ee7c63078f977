from bihuan.kernel.registry.apps import FacedConfig


class EvidenceConfig(FacedConfig):
    name = "bihuan.kernel.evidence"
    label = "evidence"
