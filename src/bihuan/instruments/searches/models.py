"""What every watched search keeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.refusal import must
from bihuan.kernel.orgs.models import Person


class Search(models.Model):
    """A search in the worker: how it stands, the best so far and the bound; its owner may stop it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        READY = "ready", _("ready")

    owner = models.ForeignKey(Person, models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    wanted = models.BooleanField(default=True)
    first = models.PositiveIntegerField(default=0)
    cost = models.PositiveIntegerField(default=0)
    bound = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        abstract = True
        ordering = ["-id"]

    @property
    def searching(self) -> bool:
        """Whether it is not over."""
        return self.state != self.State.READY

    def change(self, **values: Any) -> None:
        """Write some columns, whoever else writes others."""
        type(self)._default_manager.filter(pk=self.pk).update(**values)

    def stop(self, viewer: Viewer) -> None:
        """Stop with the best so far; refused for others than its owner."""
        must(self.owner_id == viewer.person.pk)
        self.change(wanted=False)

    def watched(self, better: Callable[[int, int], bool]) -> Callable[[int, int], bool]:
        """For the solver: writes down the first value and each that is `better` than the one before; False once it is stopped."""
        seen: list[int] = []

        def told(value: int, bound: int) -> bool:
            if not seen or better(value, seen[-1]):
                seen.append(value)
                self.change(cost=value, first=seen[0])
            return type(self)._default_manager.filter(pk=self.pk, wanted=True).exists()

        return told
