"""Tables of responsibility letters: projections of the streams `letters:<batch>` and `letter:<id>`."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.evidence.models import StoredFile
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.orgs.models import Person, Unit
from bihuan.kernel.registry.written import Watched
from bihuan.kernel.subjects.models import Subject


class Batch(Watched):
    """The letters that one unit issues to one audience in a year, with the wording they begin with."""

    mechanism = models.CharField(max_length=20)
    audience = models.CharField(max_length=20)
    year = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    issuer = models.ForeignKey(Unit, models.PROTECT, related_name="letters_issued")
    issuer_name = models.CharField(max_length=80)
    """The issuer's name as it is signed: it stays when the unit is called otherwise later."""
    subject = models.ForeignKey(Subject, models.PROTECT, related_name="+")
    """The year's work, on which the tasks hang."""
    body = models.JSONField()
    begins = models.DateField()
    ends = models.DateField()
    copies = models.PositiveSmallIntegerField(default=2)
    person = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-year", "mechanism", "id"]

    def __str__(self) -> str:
        return self.title


class Letter(Watched):
    """One letter. `digest` is the hash of its wording as it is signed; a signature names the hash that it signed."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        OFFERED = "offered", _("under negotiation")
        SIGNED = "signed", _("signed")
        WITHDRAWN = "withdrawn", _("withdrawn")

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="letters")
    party = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="letters")
    party_name = models.CharField(max_length=80)
    """The party's name; one that is no unit here signs on paper only."""
    body = models.JSONField()
    version = models.PositiveSmallIntegerField(default=1)
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    suggestion = models.JSONField(null=True)
    """The party's latest unanswered suggestion: `text`, `body`, `person`, `at`."""
    issuer_signer = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    party_signer = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)
    scan = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="letters")
    scan_name = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["party_name"]
        constraints = [models.UniqueConstraint(fields=["batch", "party_name"], name="one_letter_a_party")]

    def __str__(self) -> str:
        return f"{self.batch} {self.party_name}"


class Signature(Watched):
    """A named person signed this very wording for one side."""

    class Side(models.TextChoices):
        ISSUER = "issuer", _("issuing side")
        PARTY = "party", _("accepting side")

    letter = models.ForeignKey(Letter, models.CASCADE, related_name="signatures")
    side = models.CharField(max_length=6, choices=Side)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    post = models.CharField(max_length=120)
    version = models.PositiveSmallIntegerField()
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.UniqueConstraint(fields=["letter", "side", "version"], name="signed_once_a_side")]

    def __str__(self) -> str:
        return f"{self.letter_id} {self.side}"


class LetterTask(Watched):
    """A task of a signed letter and the matter that it became."""

    letter = models.ForeignKey(Letter, models.CASCADE, related_name="tasks")
    text = models.CharField(max_length=200)
    due = models.DateField()
    matter = models.OneToOneField(Matter, models.PROTECT, related_name="letter_task")

    class Meta:
        ordering = ["due", "id"]
        constraints = [models.UniqueConstraint(fields=["letter", "text", "due"], name="one_task_once")]

    def __str__(self) -> str:
        return self.text
