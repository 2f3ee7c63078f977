"""Tables of procedures: projections of the stream `procedure:<matter>`."""

from django.db import models

from bihuan.kernel.evidence.models import StoredFile
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.registry.written import Watched


class Procedure(Watched):
    """A procedure under way on a matter. `seen` is the version of the matter by which its steps were reckoned."""

    matter = models.ForeignKey(Matter, models.CASCADE, related_name="procedures")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=20)
    started_at = models.DateTimeField()
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    seen = models.PositiveIntegerField(default=0)
    stale_at = models.DateTimeField(null=True)
    """When time alone begins a step (the matter's due moment)."""

    class Meta:
        ordering = ["matter", "number"]
        constraints = [models.UniqueConstraint(fields=["matter", "number"], name="procedure_number_once")]

    def __str__(self) -> str:
        return f"{self.matter_id} {self.name}"


class OpenStep(models.Model):
    """A step that has begun and is not done: whose it is and until when. A cache, reckoned anew at every change."""

    procedure = models.ForeignKey(Procedure, models.CASCADE, related_name="steps")
    step = models.CharField(max_length=20)
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="+")
    begun_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, db_index=True)
    warn_at = models.DateTimeField(null=True, db_index=True)
    warned = models.BooleanField(default=False)

    class Meta:
        ordering = ["due_at", "id"]

    def __str__(self) -> str:
        return f"{self.procedure_id} {self.step}"


class StepFile(Watched):
    """Evidence of a step's record."""

    procedure = models.ForeignKey(Procedure, models.CASCADE, related_name="files")
    seq = models.PositiveIntegerField()
    """The event of the stream that names it."""
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="step_files")
    name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.name
