"""What every watched search keeps. Abstract: each instrument or mechanism has its own table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
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
        FAILED = "failed", _("failed")

    owner = models.ForeignKey(Person, models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    wanted = models.BooleanField(default=True)
    trouble = models.CharField(max_length=300, blank=True)
    """Why it failed, a msgid."""
    first = models.PositiveIntegerField(default=0)
    cost = models.PositiveIntegerField(default=0)
    bound = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        abstract = True
        ordering = ["-id"]

    @classmethod
    def open(cls) -> models.QuerySet[Any]:
        """Those that are not over."""
        return cls._default_manager.filter(state__in=[cls.State.WAITING, cls.State.RUNNING])

    @property
    def searching(self) -> bool:
        """Whether it is not over."""
        return self.state in (self.State.WAITING, self.State.RUNNING)

    def begin(self) -> bool:
        """Say that it runs; False when it is over already."""
        return bool(self.open().filter(pk=self.pk).update(state=self.State.RUNNING))

    def end(self, **values: Any) -> bool:
        """Keep the result; False when it ended otherwise meanwhile, and stays so."""
        return bool(self.open().filter(pk=self.pk).update(state=self.State.READY, **values))

    @classmethod
    def give_up(cls, pk: int, why: str, at: datetime) -> None:
        """It failed for good."""
        cls.open().filter(pk=pk).update(state=cls.State.FAILED, trouble=why[:300])

    def stop(self, viewer: Viewer) -> None:
        """Stop with the best so far; refused for others than its owner."""
        must(self.owner_id == viewer.person.pk)
        type(self)._default_manager.filter(pk=self.pk).update(wanted=False)

    def watched(self, better: Callable[[int, int], bool]) -> Callable[[int, int], bool]:
        """For the solver: writes down the first value and each that is `better` than the one before; False once it is stopped."""
        seen: list[int] = []

        def told(value: int, bound: int) -> bool:
            if not seen or better(value, seen[-1]):
                seen.append(value)
                self.open().filter(pk=self.pk).update(cost=value, first=seen[0])
            return self.open().filter(pk=self.pk, wanted=True).exists()

        return told
