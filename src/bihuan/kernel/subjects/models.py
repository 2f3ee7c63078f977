"""Tables of subjects."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.orgs.models import Territory, Unit


class Subject(models.Model):
    """A project or a premises; one file, whichever mechanism looks at it. `code` stands for it in the ledger."""

    class Type(models.TextChoices):
        PROJECT = "project", _("project")
        PREMISES = "premises", _("premises")

    code = models.CharField(max_length=32, unique=True)
    type = models.CharField(max_length=10, choices=Type)
    name = models.CharField(max_length=120, db_index=True)
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="subjects")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="subjects")
    address = models.CharField(max_length=200, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    created = models.DateTimeField()

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(fields=["type", "name"], name="subject_type_name")]

    def __str__(self) -> str:
        return self.name


class SubjectLabel(models.Model):
    """One of many labels: key unit, crowded, high-rise, provincial key project, …"""

    subject = models.ForeignKey(Subject, models.CASCADE, related_name="labels")
    label = models.CharField(max_length=30, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "label"], name="subject_label_once")]

    def __str__(self) -> str:
        return self.label
