"""Tables of matters: projections of the ledger. Only services.py writes them."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.evidence.models import StoredFile
from bihuan.kernel.orgs.models import Territory, Unit
from bihuan.kernel.registry.written import Watched
from bihuan.kernel.subjects.models import Subject


class Matter(models.Model):
    """One thing to be done, as the fold of its stream says it stands. Lights are derived from `due_at` and `warn_at`."""

    class State(models.TextChoices):
        RAISED = "raised", _("raised")
        ASSIGNED = "assigned", _("assigned")
        HANDLING = "handling", _("handling")
        SUBMITTED = "submitted", _("submitted")
        CLOSED = "closed", _("closed")
        WITHDRAWN = "withdrawn", _("withdrawn")
        MERGED = "merged", _("merged")

    number = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=30)
    edition = models.CharField(max_length=10)
    mechanism = models.CharField(max_length=20)
    sector = models.CharField(max_length=20)
    confidential = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State)
    open = models.BooleanField()
    round = models.PositiveSmallIntegerField(default=1)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    subject = models.ForeignKey(Subject, models.PROTECT, related_name="matters", db_index=False)
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="matters", db_index=False)
    raiser = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    assigner = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    lead = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", db_index=False)
    verifier = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", db_index=False)
    owed_by = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", db_index=False)
    officer = models.CharField(max_length=150, blank=True)
    paused = models.BooleanField(default=False)
    due_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    provisional = models.BooleanField(default=False)
    late = models.IntegerField(default=0)
    percent = models.PositiveSmallIntegerField(default=0)
    raised_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    revisit_due = models.DateField(null=True)
    merged_into = models.BigIntegerField(null=True)
    version = models.PositiveIntegerField()

    class Meta:
        ordering = ["-number"]
        # partial, since Django asks for open matters by the bare column, which no plain index can serve; and wide, so that
        # one index answers for lights, kinds and territories without a look at the table
        indexes = [
            models.Index(
                fields=["due_at", "number", "warn_at", "paused", "kind", "territory"],
                name="matter_due",
                condition=models.Q(open=True),
            ),
            models.Index(
                fields=["owed_by", "due_at", "number"], name="matter_owed", condition=models.Q(owed_by__isnull=False)
            ),
            # what ended, counted by mechanism and territory without a look at the table
            models.Index(
                fields=["mechanism", "state", "territory", "late"], name="matter_ended", condition=models.Q(open=False)
            ),
            models.Index(fields=["next_at"], name="matter_next", condition=models.Q(next_at__isnull=False)),
            models.Index(fields=["subject", "-number"], name="matter_subject"),
            models.Index(fields=["state", "-number"], name="matter_state", condition=models.Q(open=True)),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.title}"

    def get_state_display(self) -> str:  # type: ignore[no-redef]
        """The state in words; Django's own makes the list of choices hashable in every row."""
        return str(STATES.get(self.state, self.state))


STATES: dict[str, Any] = dict(Matter.State.choices)
"""States in words."""


class Involvement(models.Model):
    """A unit's part in a matter; what `visible_to` looks at first."""

    class Role(models.TextChoices):
        RAISER = "raiser", _("raised it")
        ASSIGNER = "assigner", _("assigns")
        LEAD = "lead", _("leads")
        SUPPORTING = "supporting", _("supports")
        VERIFIER = "verifier", _("verifies")
        REVISITOR = "revisitor", _("revisits")

    matter = models.ForeignKey(Matter, models.CASCADE, related_name="involvements", db_index=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    role = models.CharField(max_length=10, choices=Role)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["matter", "unit", "role"], name="one_part_once")]
        indexes = [models.Index(fields=["unit", "-matter", "role"], name="involvement_unit")]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.role} {self.matter_id}"


class Attachment(models.Model):
    """A file that a unit attached as evidence."""

    matter = models.ForeignKey(Matter, models.CASCADE, related_name="attachments")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=200)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    person = models.CharField(max_length=150)
    round = models.PositiveSmallIntegerField()
    attached_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class KindEdition(Watched):
    """An edition of a kind that the district itself entered, beside those of catalogue/kinds. `body` as in the file."""

    kind = models.CharField(max_length=30)
    valid_from = models.DateField()
    body = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "valid_from"], name="one_edition_a_day")]

    def __str__(self) -> str:
        return f"{self.kind} {self.valid_from}"
