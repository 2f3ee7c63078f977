from bihuan.kernel.registry.apps import FacedConfig


class FireConfig(FacedConfig):
    name = "bihuan.mechanisms.fire"
    label = "fire"

    def ready(self) -> None:
        from bihuan.instruments.assessment.metrics import register
        from bihuan.instruments.assessment.sources import matter_source, meeting_source, post_source
        from bihuan.instruments.letters.selectors import letter_source
        from bihuan.instruments.premises.services import CHECKS

        from . import judgement, periods
        from .metrics import FIRE_KINDS, SOURCE

        CHECKS["judgement"] = judgement.check
        CHECKS["periods"] = periods.check
        register(
            matter_source("fire", FIRE_KINDS),
            meeting_source("fire"),
            post_source("fire"),
            letter_source("fire"),
            SOURCE,
        )

        super().ready()
