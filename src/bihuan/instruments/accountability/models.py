"""Tables of accountability."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bihuan.instruments.assessment.models import Assessment
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.registry.written import Watched


class Measure(Watched):
    """What a named person decides about a unit, on a basis. It stands until an objection against it is upheld."""

    class Kind(models.TextChoices):
        INTERVIEW = "interview", _("interview")
        CIRCULAR = "circular", _("circular")
        RECTIFY = "rectify", _("list to put right")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        APPROVED = "approved", _("approved")
        REFUSED = "refused", _("not approved")
        HELD = "held", _("held")
        TAKEN_BACK = "taken_back", _("taken back")

    kind = models.CharField(max_length=10, choices=Kind)
    mechanism = models.CharField(max_length=20)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="measures")
    office = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    assessment = models.ForeignKey(Assessment, models.PROTECT, null=True, related_name="measures")
    basis = models.CharField(max_length=200)
    text = models.TextField()
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    person = models.CharField(max_length=150)
    at = models.DateTimeField()
    approver = models.CharField(max_length=150, blank=True)
    approver_post = models.CharField(max_length=120, blank=True)
    approved_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)
    """What the approver said, or what was said when it was held."""

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.unit}"


class Point(Watched):
    """A point of a list to put right; a matter of the unit once the list is approved."""

    measure = models.ForeignKey(Measure, models.CASCADE, related_name="points")
    text = models.CharField(max_length=150)
    due = models.DateField()
    item = models.CharField(max_length=40, blank=True)
    """The item of the assessment that it comes from."""
    matter = models.OneToOneField(Matter, models.PROTECT, null=True, related_name="rectify_point")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text
