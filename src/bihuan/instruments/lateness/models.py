"""The columns of a record that may have been entered late."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Late(models.TextChoices):
    """How a record that was entered late stands."""

    WAITING = "waiting", _("entered late, waits for a second person")
    CONFIRMED = "confirmed", _("entered late, confirmed by a second person")
    DECLINED = "declined", _("entered late, does not count")


class MayBeLate(models.Model):
    """`late` is empty for what was entered in time; the reason is given on entry, the rest by the second person."""

    late = models.CharField(max_length=9, choices=Late, blank=True, default="")
    late_reason = models.CharField(max_length=300, blank=True, default="")
    late_by = models.CharField(max_length=150, blank=True, default="")
    late_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    @property
    def counts(self) -> bool:
        """Whether it counts for anything: in time, or confirmed."""
        return self.late in COUNTING


COUNTING = ("", Late.CONFIRMED.value)


def counted(prefix: str = "") -> Q:
    """The rows that count; `prefix` is the path to them, with its two underscores."""
    return Q(**{f"{prefix}late__in": COUNTING})
