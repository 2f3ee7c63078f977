"""Tables of meetings."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bihuan.instruments.lateness.models import MayBeLate
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.orgs.models import Territory, Unit
from bihuan.kernel.registry.written import Watched
from bihuan.kernel.subjects.models import Subject


class Meeting(Watched, MayBeLate):
    """One meeting. `serial` counts those of one kind and host in a year: the tenth promotion meeting of 2024."""

    class Kind(models.TextChoices):
        PROMOTION = "promotion", _("promotion meeting")
        SPECIAL = "special", _("special meeting")
        COUNSELLING = "counselling", _("counselling session")
        FINANCING = "financing", _("financing consultation")
        WORK = "work", _("work meeting")
        ANNUAL = "annual", _("annual meeting")
        SIGNING = "signing", _("signing ceremony")

    class State(models.TextChoices):
        PREPARED = "prepared", _("being prepared")
        CALLED = "called", _("called")
        HELD = "held", _("held")
        CANCELLED = "cancelled", _("cancelled")

    kind = models.CharField(max_length=12, choices=Kind)
    title = models.CharField(max_length=120)
    year = models.PositiveSmallIntegerField()
    serial = models.PositiveSmallIntegerField()
    host = models.ForeignKey(Unit, models.PROTECT, related_name="meetings")
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="+")
    sector = models.CharField(max_length=20, blank=True)
    chair = models.CharField(max_length=60)
    """The post of whoever chairs, never a name."""
    starts_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.PREPARED)
    code = models.CharField(max_length=40, unique=True)
    """What the QR code at the door leads to."""
    person = models.CharField(max_length=150)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-starts_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["host", "kind", "year", "serial"], name="one_serial_a_year")]

    def __str__(self) -> str:
        return self.title

    @property
    def guarded(self) -> bool:
        """Whether its guests see neither the agenda nor each other: banks are not to learn of one another."""
        return self.kind in (self.Kind.FINANCING, self.Kind.SIGNING)


class Venue(Watched):
    """A place where a meeting sits; the first is the main one."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="venues")
    name = models.CharField(max_length=80)
    main = models.BooleanField(default=False)

    class Meta:
        ordering = ["-main", "id"]

    def __str__(self) -> str:
        return self.name


class Invitation(Watched):
    """A unit that is to come, and where it sits."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="invitations")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="invitations")
    venue = models.ForeignKey(Venue, models.RESTRICT, null=True, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["meeting", "unit"], name="invited_once")]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.unit_id}"


class Item(Watched):
    """A point of the agenda; `why` says in a word of the catalogue of reasons why it is there."""

    class Why(models.TextChoices):
        UNSOLVED = "unsolved", _("unsolved decision of last time")
        RED = "red", _("red project")
        ESCALATED = "escalated", _("escalated matter")
        DEMAND = "demand", _("demand of an enterprise")
        ADDED = "added", _("put on by the office")

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="items")
    place = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    subject = models.ForeignKey(Subject, models.PROTECT, null=True, related_name="+")
    matter = models.ForeignKey(Matter, models.PROTECT, null=True, related_name="+")
    why = models.CharField(max_length=10, choices=Why)

    class Meta:
        ordering = ["place", "id"]

    def __str__(self) -> str:
        return self.title


class SignIn(Watched):
    """Somebody who came. `person` is empty for whoever came by the code at the door without an account."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="sign_ins")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    venue = models.ForeignKey(Venue, models.RESTRICT, null=True, related_name="+")
    name = models.CharField(max_length=30)
    person = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["meeting", "unit", "name"], name="came_once")]

    def __str__(self) -> str:
        return self.name


class Decision(Watched):
    """Unit, task and due day; a matter from the moment it is confirmed."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="decisions")
    item = models.ForeignKey(Item, models.RESTRICT, null=True, related_name="decisions")
    subject = models.ForeignKey(Subject, models.PROTECT, related_name="+")
    lead = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    supporting = models.ManyToManyField(Unit, through="Helper", related_name="+")
    task = models.CharField(max_length=200)
    due = models.DateField()
    matter = models.OneToOneField(Matter, models.PROTECT, null=True, related_name="decision")
    person = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.task


class Helper(Watched):
    """A unit that supports what was decided."""

    decision = models.ForeignKey(Decision, models.CASCADE, related_name="helpers")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")

    class Meta:
        db_table = "meetings_decision_supporting"
        unique_together = (("decision", "unit"),)

    def __str__(self) -> str:
        return f"{self.decision_id} {self.unit_id}"
