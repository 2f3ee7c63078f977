"""Tables of recurring plans."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.matters.models import Matter
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.registry.written import Watched
from bihuan.kernel.subjects.models import Subject


class Plan(Watched):
    """What comes again: a matter of this kind in every period."""

    class Every(models.TextChoices):
        WEEK = "week", _("week")
        MONTH = "month", _("month")
        QUARTER = "quarter", _("quarter")
        HALF = "half", _("half-year")
        YEAR = "year", _("year")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="plans")
    """Who made the promise: raises and assigns each matter."""
    lead = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    subject = models.ForeignKey(Subject, models.PROTECT, related_name="plans")
    kind = models.CharField(max_length=30)
    title = models.CharField(max_length=180)
    every = models.CharField(max_length=8, choices=Every)
    day = models.PositiveSmallIntegerField()
    workday = models.BooleanField(default=False)
    start = models.DateField()
    end = models.DateField(null=True)
    person = models.CharField(max_length=150)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.title


class Period(Watched):
    """One period of a plan: exists once, with its matter. `late` when it was made after its day."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="periods")
    name = models.CharField(max_length=10)
    day = models.DateField()
    late = models.BooleanField()
    matter = models.OneToOneField(Matter, models.PROTECT, related_name="period")

    class Meta:
        ordering = ["-day", "pk"]
        constraints = [models.UniqueConstraint(fields=["plan", "name"], name="one_period_once")]

    def __str__(self) -> str:
        return f"{self.plan} {self.name}"
