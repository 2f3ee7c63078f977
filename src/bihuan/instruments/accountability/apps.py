from django.apps import AppConfig


class AccountabilityConfig(AppConfig):
    name = "bihuan.instruments.accountability"
    label = "accountability"

    def ready(self) -> None:
        from bihuan.instruments.supervision.services import UPHELD

        from .services import taken_back

        UPHELD["measure"] = taken_back
