from bihuan.kernel.registry.apps import FacedConfig


class ProceduresConfig(FacedConfig):
    name = "bihuan.instruments.procedures"
    label = "procedures"

    def ready(self) -> None:
        from bihuan.kernel.matters.services import GUARDS

        from .services import guard

        GUARDS.append(guard)

        super().ready()
