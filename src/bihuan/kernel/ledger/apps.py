from django.db.models.signals import post_migrate

from bihuan.kernel.registry.apps import FacedConfig


class LedgerConfig(FacedConfig):
    name = "bihuan.kernel.ledger"
    label = "ledger"

    def ready(self) -> None:
        from .triggers import after_migrate

        post_migrate.connect(after_migrate, sender=self)
        super().ready()
