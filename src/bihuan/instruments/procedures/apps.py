from django.apps import AppConfig


class ProceduresConfig(AppConfig):
    name = "bihuan.instruments.procedures"
    label = "procedures"

    def ready(self) -> None:
        from bihuan.kernel.matters.services import GUARDS

        from .services import guard

        GUARDS.append(guard)
