"""Tables of papers."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.evidence.models import StoredFile
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.orgs.models import Territory, Unit
from bihuan.kernel.registry.written import Watched


class Template(Watched):
    """A template that an office uploaded for one kind of paper; the newest of a unit is the one it uses."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="templates")
    kind = models.CharField(max_length=30)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="templates")
    name = models.CharField(max_length=200)
    person = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class Series(Watched):
    """The last number that a unit gave in a year to one kind of paper."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=30)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "kind", "year"], name="one_series_a_year")]

    def __str__(self) -> str:
        return f"{self.kind} {self.year} {self.last}"


class Paper(Watched):
    """One paper. `context` is what it was filled from, so that it can be filled again and compared."""

    class State(models.TextChoices):
        WAITING = "waiting", _("being written")
        FAILED = "failed", _("could not be written")
        DRAFT = "draft", _("draft")
        ISSUED = "issued", _("issued")
        DROPPED = "dropped", _("dropped")

    kind = models.CharField(max_length=30)
    title = models.CharField(max_length=200)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="papers")
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="+")
    sector = models.CharField(max_length=20, blank=True)
    about = models.CharField(max_length=60, blank=True)
    """The stream that it speaks of: `meeting:3`, `matter:12`; empty for a report."""
    matter = models.ForeignKey(Matter, models.PROTECT, null=True, related_name="papers")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    context = models.JSONField(default=dict)
    template = models.CharField(max_length=64, blank=True)
    """The hash of the uploaded template; empty for the catalogue's own."""
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="papers")
    edited = models.BooleanField(default=False)
    number = models.CharField(max_length=80, blank=True)
    error = models.CharField(max_length=300, blank=True)
    person = models.CharField(max_length=150)
    at = models.DateTimeField()
    issued_by = models.CharField(max_length=150, blank=True)
    issued_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["about"], name="paper_about")]

    def __str__(self) -> str:
        return self.title


class Reader(Watched):
    """A unit to which an issued paper goes."""

    paper = models.ForeignKey(Paper, models.CASCADE, related_name="readers")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["paper", "unit"], name="one_reader_once")]

    def __str__(self) -> str:
        return f"{self.paper_id} → {self.unit_id}"
