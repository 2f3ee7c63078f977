from bihuan.kernel.registry.apps import FacedConfig


class AssessmentConfig(FacedConfig):
    name = "bihuan.instruments.assessment"
    label = "assessment"
