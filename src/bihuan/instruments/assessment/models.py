"""Tables of assessment. Points are hundredths."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.evidence.models import StoredFile
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.registry.written import Watched


class Scheme(Watched):
    """An edition of a scheme as the district entered it for a year; the catalogue's own stands until one is adopted."""

    key = models.CharField(max_length=30)
    year = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField()
    body = models.JSONField()
    adopted_at = models.DateTimeField(null=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    person = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering = ["key", "-year", "-number"]
        constraints = [models.UniqueConstraint(fields=["key", "year", "number"], name="one_scheme_edition")]

    def __str__(self) -> str:
        return f"{self.key} {self.year}/{self.number}"


class Assessment(Watched):
    """One unit's year under one scheme. From the announcement on `facts` and `scheme` are kept as they were."""

    class State(models.TextChoices):
        RUNNING = "running", _("running score")
        SELF = "self", _("self-review")
        REVIEWED = "reviewed", _("self-review done")
        ANNOUNCED = "announced", _("result announced")
        FINAL = "final", _("final")

    key = models.CharField(max_length=30)
    mechanism = models.CharField(max_length=20)
    year = models.PositiveSmallIntegerField()
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="assessments")
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    scheme = models.JSONField(null=True)
    facts = models.JSONField(null=True)
    """Metric → [counted, whole] at the announcement."""
    as_of = models.DateTimeField(null=True)
    """The moment of those facts."""
    veto = models.TextField(blank=True)
    """Why a person decided that the whole result is a failure."""
    total = models.IntegerField(null=True)
    level = models.CharField(max_length=10, blank=True)
    appeal_until = models.DateField(null=True)

    class Meta:
        ordering = ["-year", "key", "unit__name"]
        constraints = [models.UniqueConstraint(fields=["key", "year", "unit"], name="one_assessment_a_year")]

    def __str__(self) -> str:
        return f"{self.key} {self.year} {self.unit_id}"


class Score(Watched):
    """The score at the end of a quarter (2026Q1) or of the year (2026), as it was taken."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="scores")
    period = models.CharField(max_length=6)
    at = models.DateTimeField()
    total = models.IntegerField()
    level = models.CharField(max_length=10)
    body = models.JSONField()
    """`facts`, and `items`: points by item."""

    class Meta:
        ordering = ["period"]
        constraints = [models.UniqueConstraint(fields=["assessment", "period"], name="one_score_a_period")]

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.period}"


class Mark(Watched):
    """What a person changed at an item: the unit's claim beside what was computed, or the assessor's finding. With words and
    evidence."""

    class Side(models.TextChoices):
        SELF = "self", _("self-review")
        ASSESSOR = "assessor", _("assessor")

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="marks")
    item = models.CharField(max_length=40)
    side = models.CharField(max_length=8, choices=Side)
    points = models.IntegerField()
    text = models.TextField()
    person = models.CharField(max_length=150)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["assessment", "item", "side"], name="one_mark_a_side")]

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.item} {self.points}"


class Appeal(Watched):
    """A unit appeals against what an item lost; another unit than the assessor decides."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="appeals")
    item = models.CharField(max_length=40)
    text = models.TextField()
    person = models.CharField(max_length=150)
    at = models.DateTimeField()
    decider = models.ForeignKey(Unit, models.PROTECT, related_name="appeals")
    due = models.DateField()
    upheld = models.BooleanField(null=True)
    points = models.PositiveIntegerField(default=0)
    """Given back."""
    answer = models.TextField(blank=True)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["due", "id"]
        constraints = [models.UniqueConstraint(fields=["assessment", "item"], name="one_appeal_an_item")]

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.item}"


class Proof(Watched):
    """Evidence of a mark or an appeal."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="proofs")
    item = models.CharField(max_length=40)
    side = models.CharField(max_length=8)
    """self, assessor, appeal or veto."""
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="proofs")
    name = models.CharField(max_length=200)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class Kept(models.Model):
    """Facts of a unit from one source in a year: a cache, reckoned anew for whom events or time have touched."""

    year = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=30)
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="+")
    facts = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["year", "source", "unit"], name="facts_kept_once")]

    def __str__(self) -> str:
        return f"{self.year} {self.source} {self.unit_id}"


class Reckoned(models.Model):
    """How far a source was reckoned in a year: through which event, and as of when."""

    year = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=30)
    through = models.BigIntegerField()
    at = models.DateTimeField()
    live = models.BooleanField(default=False)
    """Reckoned as of the moment in which it was done, so that nothing in the ledger happened later."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["year", "source"], name="reckoned_once")]

    def __str__(self) -> str:
        return f"{self.year} {self.source}"
