"""Tables of premises."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.evidence.models import StoredFile
from bihuan.kernel.orgs.models import Person, Unit
from bihuan.kernel.registry.written import Watched


class RuleTable(Watched):
    """A table of rules that the district loaded beside the shipped ones: labels of its province, clauses of a judgement
    standard, periods. `name` says which."""

    class Name(models.TextChoices):
        LABELS = "labels", _("labels")
        PERIODS = "periods", _("periods")
        JUDGEMENT = "judgement", _("judgement of major hazards")

    name = models.CharField(max_length=12, choices=Name)
    title = models.CharField(max_length=120)
    body = models.JSONField()
    person = models.CharField(max_length=150)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.title


class PremisesImport(Watched):
    """A sheet of premises on its way in: read and compared first, written whole or not at all by the worker."""

    class State(models.TextChoices):
        PREVIEW = "preview", _("preview")
        RUNNING = "running", _("running")
        CONFIRMED = "confirmed", _("confirmed")
        DROPPED = "dropped", _("dropped")

    owner = models.ForeignKey(Person, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="premises_imports")
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State, default=State.PREVIEW)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    wanted = models.BooleanField(default=True)
    """False once somebody asked to stop it."""
    trouble = models.CharField(max_length=300, blank=True)
    counts = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name
