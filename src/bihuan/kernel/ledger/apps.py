from django.apps import AppConfig
from django.db.models.signals import post_migrate


class LedgerConfig(AppConfig):
    name = "bihuan.kernel.ledger"
    label = "ledger"

    def ready(self) -> None:
        from .triggers import after_migrate

        post_migrate.connect(after_migrate, sender=self)
