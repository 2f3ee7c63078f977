"""Tables of financing. All of it is confidential: read it through `selectors`, which know who may see what.

Files, figures and pushes are no part of a project's file, whose record anyone who sees the project may take along.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bihuan.instruments.jobs.search import Search
from bihuan.kernel.evidence.models import StoredFile
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.registry.written import Watched
from bihuan.kernel.subjects.models import Subject


class File(Watched):
    """The financing file of a project. Below `developer` everything is the fold of its steps."""

    class State(models.TextChoices):
        FOUND = "found", _("found")
        HANDED = "handed", _("self-check handed in")
        DISTRICT = "district", _("passed by the district")
        CITY = "city", _("passed by the city, to be pushed")
        PUSHED = "pushed", _("pushed, answer awaited")
        REPAIR = "repair", _("being repaired")
        LISTED = "listed", _("in the list")
        CREDITED = "credited", _("credited")
        SIGNED = "signed", _("signed")
        DRAWING = "drawing", _("being drawn")
        DELIVERED = "delivered", _("delivered")
        CLOSED = "closed", _("loan closed")
        OUT = "out", _("moved out")

    code = models.CharField(max_length=20, unique=True)
    subject = models.OneToOneField(Subject, models.PROTECT, related_name="financing")
    developer = models.ForeignKey(Unit, models.PROTECT, related_name="financing_files")
    opened = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.FOUND)
    treatment = models.CharField(max_length=10, blank=True)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class Push(Watched):
    """A file sent to one bank. One is open at a time: whoever comes after never learns of those before."""

    code = models.CharField(max_length=20, unique=True)
    file = models.ForeignKey(File, models.CASCADE, related_name="pushes")
    n = models.PositiveSmallIntegerField()
    bank = models.ForeignKey(Unit, models.PROTECT, related_name="pushes")
    day = models.DateField()
    batch = models.CharField(max_length=40, blank=True)
    preliminary = models.PositiveSmallIntegerField()
    """Working days for the first answer, as they were when it was pushed."""
    decision = models.PositiveSmallIntegerField()
    due = models.DateField(null=True)
    """The last day of the answer that is awaited; None while none is."""
    ended = models.DateField(null=True)
    """When the bank's part was over without a loan, or the loan was closed."""

    class Meta:
        ordering = ["file", "n"]
        constraints = [
            models.UniqueConstraint(fields=["file"], condition=Q(ended=None), name="one_open_push"),
            models.UniqueConstraint(fields=["file", "n"], name="one_push_a_place"),
        ]
        indexes = [models.Index(fields=["bank", "ended"])]

    def __str__(self) -> str:
        return self.code


class Step(Watched):
    """One step of a file, or of one of its pushes. The event is the record; this is its row."""

    file = models.ForeignKey(File, models.CASCADE, related_name="steps")
    push = models.ForeignKey(Push, models.CASCADE, null=True, related_name="steps")
    n = models.PositiveSmallIntegerField()
    what = models.CharField(max_length=12)
    day = models.DateField()
    entered_at = models.DateTimeField()
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    person = models.CharField(max_length=150)
    amount = models.BigIntegerField(default=0)
    """Fen."""
    data = models.JSONField(default=dict)
    matter = models.OneToOneField(Matter, models.PROTECT, null=True, related_name="financing_step")

    class Meta:
        ordering = ["file", "n"]
        constraints = [models.UniqueConstraint(fields=["file", "n"], name="one_financing_step_a_place")]
        indexes = [models.Index(fields=["what", "day"])]

    def __str__(self) -> str:
        return f"{self.file_id} {self.n} {self.what}"


class Figure(Watched):
    """What a figure of a file was on a day, and who says so. The latest day counts; what came before stays."""

    file = models.ForeignKey(File, models.CASCADE, related_name="figures")
    key = models.CharField(max_length=20)
    part = models.CharField(max_length=40, blank=True)
    """The building, or the code of the bank."""
    value = models.CharField(max_length=500)
    """Money in fen, days as 2024-04-30, yes or no as 1 or 0, banks by code; empty where it was taken back."""
    day = models.DateField()
    source = models.CharField(max_length=120)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    person = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering = ["day", "id"]
        indexes = [models.Index(fields=["file", "key", "part", "day"])]

    def __str__(self) -> str:
        return f"{self.file_id} {self.key} {self.day}"


class Proof(Watched):
    """A file that a step rests on."""

    step = models.ForeignKey(Step, models.CASCADE, related_name="proofs")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="financing_proofs")
    name = models.CharField(max_length=200)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class Edition(Watched):
    """A condition set as the office wrote it anew, from a day on."""

    side = models.CharField(max_length=4)
    valid_from = models.DateField()
    body = models.JSONField()
    person = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering = ["side", "valid_from"]
        constraints = [models.UniqueConstraint(fields=["side", "valid_from"], name="one_financing_edition_a_day")]

    def __str__(self) -> str:
        return f"{self.side} {self.valid_from}"


class Statement(Watched):
    """A bank statement of a supervised account, being read or read."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        READY = "ready", _("taken in")
        STOPPED = "stopped", _("stopped")
        REFUSED = "refused", _("refused")

    file = models.ForeignKey(File, models.CASCADE, related_name="statements")
    account = models.CharField(max_length=40)
    upload = models.ForeignKey(StoredFile, models.PROTECT, related_name="statements")
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    so_far = models.PositiveIntegerField(default=0)
    """Lines read so far while it waits to be over."""
    lines = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    changed = models.JSONField(default=list)
    """Lines that stand otherwise already: {line, key, before, now}; never applied by themselves."""
    failed = models.JSONField(default=list)
    """Lines that could not be read: [line, sentence, params]."""
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    person = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class Movement(Watched):
    """A line of a statement: money in (above zero) or out (below)."""

    file = models.ForeignKey(File, models.CASCADE, related_name="movements")
    statement = models.ForeignKey(Statement, models.PROTECT, related_name="movements")
    key = models.CharField(max_length=64)
    day = models.DateField()
    amount = models.BigIntegerField()
    balance = models.BigIntegerField(null=True)
    payee = models.CharField(max_length=120, blank=True)
    summary = models.CharField(max_length=200, blank=True)
    digest = models.CharField(max_length=16)

    class Meta:
        ordering = ["day", "id"]
        constraints = [models.UniqueConstraint(fields=["file", "key"], name="one_movement_a_key")]
        indexes = [models.Index(fields=["file", "day"])]

    def __str__(self) -> str:
        return f"{self.day} {self.amount}"


class Appetite(Watched):
    """What a bank can take on, as it or the office said last."""

    bank = models.OneToOneField(Unit, models.CASCADE, related_name="appetite")
    capacity = models.BigIntegerField()
    most = models.PositiveSmallIntegerField(null=True)
    least = models.BigIntegerField(default=0)
    top = models.BigIntegerField(null=True)
    share = models.PositiveSmallIntegerField(default=100)
    likes = models.JSONField(default=dict)
    """Points by treatment or township."""
    never = models.JSONField(default=list)
    day = models.DateField()

    def __str__(self) -> str:
        return f"{self.bank_id} {self.capacity}"


class Proposal(Search):
    """A search for lead banks: what was asked for and what it proposes."""

    asked = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"proposal {self.pk}"


class Choice(Watched):
    """The lead bank that people decided on for a file that is to be pushed; gone once it is."""

    file = models.OneToOneField(File, models.CASCADE, related_name="choice")
    bank = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    broken = models.JSONField(default=list)
    person = models.CharField(max_length=150)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.file_id} {self.bank_id}"
