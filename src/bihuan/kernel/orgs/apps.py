from bihuan.kernel.registry.apps import FacedConfig


class OrgsConfig(FacedConfig):
    name = "bihuan.kernel.orgs"
    label = "orgs"
