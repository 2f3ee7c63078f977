"""Tables of commendation."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.registry.written import Watched

STAGES = ("nominated", "notice1", "review1", "notice2", "review2", "notice3", "commended")
"""Two reviews and three public notices, in this order; a nominee stands at one of them."""


class Round(Watched):
    """Who is to be commended for a year: how many units and persons, and what the record must show of them."""

    mechanism = models.CharField(max_length=20)
    year = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    units = models.PositiveSmallIntegerField()
    people = models.PositiveSmallIntegerField()
    level = models.CharField(max_length=10, default="good")
    """The level that the year's assessment must reach."""
    notice_days = models.PositiveSmallIntegerField(default=5)
    office = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    person = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-year", "-id"]

    def __str__(self) -> str:
        return self.title


class Nominee(Watched):
    """A unit or a person of a unit. `checks` is what the record said at the nomination."""

    class State(models.TextChoices):
        OPEN = "open", _("under way")
        COMMENDED = "commended", _("commended")
        REFUSED = "refused", _("not commended")

    round = models.ForeignKey(Round, models.CASCADE, related_name="nominees")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    name = models.CharField(max_length=30, blank=True)
    """The person; empty where the unit itself is nominated."""
    post = models.CharField(max_length=60, blank=True)
    reason = models.TextField()
    by = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    checks = models.JSONField()
    stage = models.CharField(max_length=10, default="nominated")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    until = models.DateField(null=True)
    """The last day of the notice that runs."""
    person = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering = ["name", "unit__name"]
        constraints = [models.UniqueConstraint(fields=["round", "unit", "name"], name="nominated_once")]

    def __str__(self) -> str:
        return f"{self.unit.name} {self.name}".strip()


class Voice(Watched):
    """What somebody said against a nominee during a public notice, and the office's answer."""

    nominee = models.ForeignKey(Nominee, models.CASCADE, related_name="voices")
    stage = models.CharField(max_length=10)
    text = models.TextField()
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    person = models.CharField(max_length=150)
    at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text
