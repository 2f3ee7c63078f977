"""Tables of register imports."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.evidence.models import StoredFile
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.orgs.models import Person, Territory, Unit
from bihuan.kernel.registry.written import Watched


class RegisterImport(Watched):
    """One uploaded register: first a preview with its corrections, then confirmed or dropped."""

    class State(models.TextChoices):
        PREVIEW = "preview", _("preview")
        CONFIRMED = "confirmed", _("confirmed")
        DROPPED = "dropped", _("dropped")

    owner = models.ForeignKey(Person, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20)
    as_of = models.DateField(null=True, blank=True)
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.PREVIEW)
    corrections = models.JSONField(default=dict)
    """{"5:due": "2024-05-10"}: cells put right in the preview."""
    left_out = models.JSONField(default=list)
    """Row numbers that the officer does not take over."""
    units = models.JSONField(default=dict)
    """Answers about names of units that the directory does not know: {name: unit id, or 0 for a new unit}."""
    counts = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class RegisterEntry(Watched):
    """What a register last said of one matter; how a row is known again."""

    register = models.CharField(max_length=20)
    key = models.CharField(max_length=64, unique=True)
    series = models.CharField(max_length=64, db_index=True)
    """Which register: its kind, its title without dates and who filed it."""
    values = models.JSONField()
    matter = models.OneToOneField(Matter, models.CASCADE, related_name="entry")
    imported = models.ForeignKey(RegisterImport, models.PROTECT, related_name="entries")

    def __str__(self) -> str:
        return f"{self.register} {self.matter_id}"
