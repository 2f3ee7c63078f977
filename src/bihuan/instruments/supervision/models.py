"""Tables of supervision."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.matters.models import Matter
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.registry.written import Watched


class Objection(Watched):
    """A unit objects to what a named person decided: a demand declined, an interview, a circular, a list to put right. It is about a
    matter, or about something beside matters that has a stream (`about`)."""

    class Against(models.TextChoices):
        DECLINED = "declined", _("the demand was declined")
        INTERVIEW = "interview", _("interview")
        CIRCULAR = "circular", _("circular")
        RECTIFY = "rectify", _("list to put right")

    matter = models.ForeignKey(Matter, models.PROTECT, null=True, related_name="objections")
    about = models.CharField(max_length=60, blank=True)
    name = models.CharField(max_length=200, blank=True)
    """What it is about, in words, where that is no matter."""
    against = models.CharField(max_length=10, choices=Against)
    round = models.PositiveSmallIntegerField(default=1)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    decider = models.ForeignKey(Unit, models.PROTECT, related_name="objections")
    reason = models.TextField()
    person = models.CharField(max_length=150)
    at = models.DateTimeField()
    due = models.DateField()
    upheld = models.BooleanField(null=True)
    answer = models.TextField(blank=True)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)
    again = models.ForeignKey(Matter, models.PROTECT, null=True, related_name="+")
    """The demand raised anew when the objection to its decline was upheld."""

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["matter", "against", "round"], name="one_objection_a_round"),
            models.UniqueConstraint(fields=["about"], name="one_objection_beside", condition=~models.Q(about="")),
        ]

    def __str__(self) -> str:
        return f"#{self.matter_id} {self.matter.title}" if self.matter else self.name


class Draw(Watched):
    """A lot drawn among the matters of a mechanism that closed in a month. `seed` is public: anyone can draw it again."""

    mechanism = models.CharField(max_length=20)
    month = models.CharField(max_length=7)
    percent = models.PositiveSmallIntegerField()
    seed = models.CharField(max_length=64)
    closed = models.PositiveIntegerField()
    person = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["mechanism", "month"], name="one_draw_a_month")]

    def __str__(self) -> str:
        return f"{self.mechanism} {self.month}"


class SecondLook(Watched):
    """A drawn matter and the unit, none of those that worked on it, that looks again."""

    draw = models.ForeignKey(Draw, models.CASCADE, related_name="looks")
    matter = models.ForeignKey(Matter, models.PROTECT, related_name="looks")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="looks")
    good = models.BooleanField(null=True)
    findings = models.TextField(blank=True)
    person = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["draw", "matter"], name="drawn_once")]

    def __str__(self) -> str:
        return f"{self.draw_id} {self.matter_id}"
