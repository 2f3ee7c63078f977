"""Tables of the promotion mechanism."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.evidence.models import StoredFile
from bihuan.kernel.orgs.models import Person, Unit
from bihuan.kernel.registry.written import Watched
from bihuan.kernel.subjects.models import Subject


class Choice(Watched):
    """Which scheme of lights the district uses; the newest counts, the others say what was used before."""

    scheme = models.CharField(max_length=30)
    person = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.scheme


class FigureImport(Watched):
    """A sheet of monthly figures on its way in; nothing is written before it is confirmed."""

    class State(models.TextChoices):
        PREVIEW = "preview", _("preview")
        CONFIRMED = "confirmed", _("confirmed")
        DROPPED = "dropped", _("dropped")

    owner = models.ForeignKey(Person, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="figure_imports")
    name = models.CharField(max_length=200)
    month = models.CharField(max_length=7)
    """The month of rows that name none."""
    state = models.CharField(max_length=10, choices=State, default=State.PREVIEW)
    counts = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class DemandLink(Watched):
    """A link by which an enterprise raises demands of one project without an account."""

    subject = models.ForeignKey(Subject, models.PROTECT, related_name="demand_links")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    """The enterprise, in whose name demands are raised and answers rated."""
    code = models.CharField(max_length=40, unique=True)
    person = models.CharField(max_length=150)
    at = models.DateTimeField()
    until = models.DateField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.subject_id} {self.unit_id}"
