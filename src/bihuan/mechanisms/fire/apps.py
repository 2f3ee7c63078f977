from bihuan.kernel.registry.apps import FacedConfig


class FireConfig(FacedConfig):
    name = "bihuan.mechanisms.fire"
    label = "fire"

    def ready(self) -> None:
        from bihuan.instruments.premises.services import CHECKS

        from . import judgement, periods

        CHECKS["judgement"] = judgement.check
        CHECKS["periods"] = periods.check
        super().ready()
