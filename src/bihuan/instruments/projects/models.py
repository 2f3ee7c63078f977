"""Tables of project files; what is not a file lies in the subject's own (kernel/subjects)."""

from django.db import models

from bihuan.kernel.evidence.models import StoredFile
from bihuan.kernel.registry.written import Watched
from bihuan.kernel.subjects.models import Subject


class Photo(Watched):
    """A progress photo, by the month it shows."""

    subject = models.ForeignKey(Subject, models.CASCADE, related_name="photos")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="photos")
    name = models.CharField(max_length=200)
    month = models.CharField(max_length=7)
    person = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-month", "id"]
        constraints = [models.UniqueConstraint(fields=["subject", "file"], name="one_photo_a_file")]

    def __str__(self) -> str:
        return self.name
