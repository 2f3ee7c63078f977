"""Tables of subjects."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.orgs.models import Territory, Unit
from bihuan.kernel.registry.written import Watched


class Subject(Watched):
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
        ordering = ["name", "pk"]
        indexes = [models.Index(fields=["type", "name"], name="subject_type_name")]

    def __str__(self) -> str:
        return self.name


class SubjectLabel(Watched):
    """One of many labels: key unit, crowded, high-rise, provincial key project, …"""

    subject = models.ForeignKey(Subject, models.CASCADE, related_name="labels")
    label = models.CharField(max_length=30, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "label"], name="subject_label_once")]

    def __str__(self) -> str:
        return self.label


class SubjectFile(models.Model):
    """What a file holds beside its head, as the fold of its events: part → key → values. Which parts there are, and what
    they mean, is for those who work with them (instruments/projects)."""

    subject = models.OneToOneField(Subject, models.CASCADE, primary_key=True, related_name="file")
    body = models.JSONField(default=dict)

    def __str__(self) -> str:
        return str(self.subject)


class SubjectParty(Watched):
    """A unit that has to do with a subject: its builder, the leader in charge, the service officer. It may see the file.

    `title` names the post in that unit, where one person answers for it; who holds the post today is asked of the posts.
    """

    subject = models.ForeignKey(Subject, models.CASCADE, related_name="parties")
    role = models.CharField(max_length=20)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    title = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "role"], name="one_party_a_role")]

    def __str__(self) -> str:
        return f"{self.role} {self.unit_id}"
