"""Tables of the fire mechanism. Records are projections of `premises:<code>`; standings are caches with a rebuild."""

from hashlib import sha256
from secrets import token_hex
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from bihuan.instruments.lateness.models import Late, MayBeLate
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.evidence.models import StoredFile
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.orgs.models import Person, Territory, Unit
from bihuan.kernel.registry.written import Watched
from bihuan.kernel.subjects.models import Subject


class Record(MayBeLate, Watched):
    """Something that was done at a premises: an inspection, a patrol, a drill, … One entry feeds file, duties and coverage, unless
    it came late and no second person confirmed it."""

    class What(models.TextChoices):
        INSPECTION = "inspection", _("inspection")
        PATROL = "patrol", _("patrol")
        DRILL = "drill", _("drill")
        TRAINING = "training", _("training")
        DETECTION = "detection", _("detection")
        MAINTENANCE = "maintenance", _("maintenance")
        URGING = "urging", _("urging of rectification")

    class Kind(models.TextChoices):
        SELF = "self", _("own check")
        GRID = "grid", _("grid")
        TOWNSHIP = "township", _("township")
        DEPARTMENT = "department", _("department")
        DOUBLE_RANDOM = "double_random", _("double random")
        SPECIAL = "special", _("special campaign")
        HOLIDAY = "holiday", _("holiday")
        COMPLAINT = "complaint", _("on a complaint")
        OPENING = "opening", _("before opening")
        EVENT = "event", _("before an event")
        NIGHT = "night", _("at night")
        UNANNOUNCED = "unannounced", _("unannounced")
        RECHECK = "recheck", _("re-check")
        REVISIT = "revisit", _("revisit")

    client = models.UUIDField(unique=True)
    """Given by the device that entered it: sent again, it is the same record."""
    subject = models.ForeignKey(Subject, models.PROTECT, related_name="records")
    what = models.CharField(max_length=12, choices=What)
    kind = models.CharField(max_length=14, choices=Kind, blank=True)
    by = models.CharField(max_length=8)
    """unit, township or brigade: whose duty it meets."""
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    person = models.CharField(max_length=150)
    people = models.JSONField(default=list)
    at = models.DateTimeField()
    night = models.BooleanField(default=False)
    device_at = models.DateTimeField(null=True)
    entered_at = models.DateTimeField()
    items = models.JSONField(default=dict)
    """Item → ok, bad or none (not applicable)."""
    note = models.TextField(blank=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    look = models.CharField(max_length=16, blank=True)
    """The same for inspections that say the same of everything; empty where nothing was ticked."""

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["subject", "what", "by", "night", "-at"], name="record_last"),
            models.Index(fields=["unit", "-at"], name="record_unit"),
            models.Index(fields=["-at"], name="record_at"),
            models.Index(fields=["look", "-at"], name="record_look", condition=~models.Q(look="")),
            models.Index(fields=["unit"], name="record_waits", condition=models.Q(late=Late.WAITING)),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.subject_id} {local_day(self.at)}"


class Finding(Watched):
    """What an inspection found bad: corrected on the spot it stays a violation, else it is (or was already) a hazard matter."""

    record = models.ForeignKey(Record, models.CASCADE, related_name="findings")
    item = models.CharField(max_length=30)
    group = models.CharField(max_length=20)
    text = models.TextField()
    place = models.CharField(max_length=100, blank=True)
    basis = models.CharField(max_length=100, blank=True)
    measured = models.CharField(max_length=60, blank=True)
    spot = models.BooleanField()
    matter = models.ForeignKey(Matter, models.PROTECT, null=True, related_name="findings")
    again = models.BooleanField(default=False)
    """The hazard was known and open already."""

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.record_id} {self.item}"


class RecordFile(Watched):
    """A photo or paper of a record, of one finding where it shows one."""

    record = models.ForeignKey(Record, models.CASCADE, related_name="files")
    finding = models.ForeignKey(Finding, models.CASCADE, null=True, related_name="files")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="record_files")
    name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.name


class Standing(models.Model):
    """How a premises stands, as far as lists and maps need it at once. Dates, not lights: what is late is seen at the look."""

    subject = models.OneToOneField(Subject, models.CASCADE, primary_key=True, related_name="standing")
    territory = models.ForeignKey(Territory, models.CASCADE, related_name="+")
    placed = models.BooleanField(default=False)
    """It lies in a township or below, not in the district at large."""
    sector = models.BooleanField(default=False)
    managed = models.BooleanField(default=False)
    verified = models.BooleanField(default=False)
    """Somebody of the district was there once."""
    last_seen = models.DateTimeField(null=True)
    last_night = models.DateTimeField(null=True)
    sleeping = models.BooleanField(default=False)
    watch_due = models.DateTimeField(null=True)
    """From when a look by the township or the brigade is missing."""
    own_due = models.DateTimeField(null=True)
    """From when a duty of its own is missing."""
    tenant_since = models.DateField(null=True)
    """The oldest tenant that nobody has verified."""
    vacant_since = models.DateField(null=True)
    outage_since = models.DateField(null=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    points = models.PositiveSmallIntegerField(default=0)
    why = models.JSONField(default=dict)
    """Points by signal."""
    weight = models.PositiveSmallIntegerField(default=1)
    """How much depends on it, from its labels: what the planner visits first."""
    reckoned = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["territory", "watch_due"], name="standing_watch"),
            models.Index(fields=["-points"], name="standing_points"),
        ]

    def __str__(self) -> str:
        return str(self.subject_id)


class Complainant(Watched):
    """Who complained, apart from the matter and never in the ledger; seen by the unit that took it, masked by all others.

    The ledger knows name and telephone by `digest` alone, which tells nothing without `salt`.
    """

    matter = models.OneToOneField(Matter, models.CASCADE, primary_key=True, related_name="complainant")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    name = models.CharField(max_length=40, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    source = models.CharField(max_length=20)
    salt = models.CharField(max_length=32, blank=True, default="")
    digest = models.CharField(max_length=64, blank=True, default="")

    def __str__(self) -> str:
        return f"{self.matter_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A new one is sealed: what is put in its place later does not fit."""
        if self._state.adding:
            self.salt = token_hex(16)
            self.digest = self.sealed()
        super().save(*args, **kwargs)

    def sealed(self) -> str:
        """The digest of what stands here, in hex."""
        return sha256("\n".join((self.salt, self.name, self.phone)).encode()).hexdigest()


class VisitPlan(Watched):
    """A proposal of who visits what on which day; edited by people, never binding."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        READY = "ready", _("ready")
        STOPPED = "stopped", _("stopped")
        FAILED = "failed", _("failed")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    owner = models.ForeignKey(Person, models.PROTECT, related_name="+")
    title = models.CharField(max_length=80)
    begins = models.DateField()
    days = models.PositiveSmallIntegerField()
    teams = models.JSONField()
    """Names of the teams."""
    minutes = models.PositiveSmallIntegerField(default=360)
    visit = models.PositiveSmallIntegerField(default=40)
    share = models.PositiveSmallIntegerField(default=20)
    """Hundredths of the visits that are drawn by lot."""
    seed = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    wanted = models.BooleanField(default=True)
    progress = models.CharField(max_length=120, blank=True)
    result = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.title


class PlannedVisit(Watched):
    """One visit of a plan. `why` is legal, lot or risk."""

    plan = models.ForeignKey(VisitPlan, models.CASCADE, related_name="visits")
    subject = models.ForeignKey(Subject, models.CASCADE, related_name="+")
    day = models.DateField()
    team = models.PositiveSmallIntegerField()
    order = models.PositiveSmallIntegerField()
    why = models.CharField(max_length=6)

    class Meta:
        ordering = ["day", "team", "order", "pk"]
        constraints = [models.UniqueConstraint(fields=["plan", "subject"], name="visited_once_a_plan")]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.subject_id}"


class Campaign(Watched):
    """A campaign with targets; its figures come from the record, its key points are free text."""

    name = models.CharField(max_length=80)
    begins = models.DateField()
    ends = models.DateField()
    about = models.TextField(blank=True)
    stock_day = models.DateField()
    """Major hazards found up to this day are the stock that is to be brought to zero."""
    targets = models.JSONField(default=list)
    """Each with `name`, `metric` (of campaigns.METRICS, empty for a text), `value`, `until`."""
    points = models.TextField(blank=True)
    """The year's key points: an indented outline, one point a line."""
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-begins", "name", "pk"]

    def __str__(self) -> str:
        return self.name


class CampaignReport(Watched):
    """The report of a quarter or half-year: figures as they stood, and words."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="reports")
    period = models.CharField(max_length=7)
    """2026Q1 or 2026H1."""
    figures = models.JSONField()
    text = models.TextField(blank=True)
    person = models.CharField(max_length=150)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-period", "pk"]
        constraints = [models.UniqueConstraint(fields=["campaign", "unit", "period"], name="one_campaign_report")]

    def __str__(self) -> str:
        return self.period


class Incident(Watched):
    """A fire. Grades are kept as reckoned by the scales of its day: provisional until the window for deaths is over and a person
    reviewed it."""

    class State(models.TextChoices):
        PROVISIONAL = "provisional", _("provisional")
        FINAL = "final", _("final")
        ANNULLED = "annulled", _("annulled")

    at = models.DateTimeField(db_index=True)
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="+")
    subject = models.ForeignKey(Subject, models.PROTECT, null=True, related_name="incidents")
    address = models.CharField(max_length=200)
    area = models.CharField(max_length=10)
    object = models.CharField(max_length=10)
    place = models.CharField(max_length=12)
    cause = models.CharField(max_length=6)
    people = models.JSONField(default=list)
    """Who was harmed, without names: `serious`, and the day of a death as `died`."""
    loss = models.BigIntegerField(default=0)
    """Direct loss in fen."""
    households = models.PositiveIntegerField(default=0)
    text = models.TextField(blank=True)
    statistics = models.CharField(max_length=12)
    accident = models.CharField(max_length=12)
    state = models.CharField(max_length=12, choices=State, default=State.PROVISIONAL)
    findings = models.TextField(blank=True)
    """Duties and lessons, as the review found."""
    failed = models.ManyToManyField(Unit, related_name="+", through="IncidentFailure")
    """Units that the review found to have failed a duty."""
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    person = models.CharField(max_length=150)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.address} {local_day(self.at)}"


class IncidentFailure(Watched):
    """A unit that the review of a fire found to have failed a duty."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="failures")
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="+")

    class Meta:
        db_table = "fire_incident_failed"
        unique_together = [("incident", "unit")]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.unit_id}"


class PastFigure(Watched):
    """Figures of a quarter or a year from before the register, as a sheet told them. `dimension` is whole, territory, area,
    object, place, cause or band; `key` its code, empty for the whole."""

    year = models.PositiveSmallIntegerField()
    quarter = models.PositiveSmallIntegerField(default=0)
    """0 is the whole year."""
    dimension = models.CharField(max_length=10)
    key = models.CharField(max_length=32, blank=True)
    fires = models.PositiveIntegerField()
    dead = models.PositiveIntegerField()
    hurt = models.PositiveIntegerField()
    loss = models.BigIntegerField()
    larger = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["year", "quarter", "dimension", "key"], name="one_past_figure")]

    def __str__(self) -> str:
        return f"{self.year} {self.quarter} {self.dimension} {self.key}"
