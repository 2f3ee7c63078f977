"""Tables of evidence."""

from django.db import models

from bihuan.kernel.orgs.models import Person


class StoredFile(models.Model):
    """A file kept once, under its hash."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    media_type = models.CharField(max_length=80)
    size = models.PositiveBigIntegerField()
    taken_at = models.CharField(max_length=30, blank=True)
    """The device's own time from EXIF, as it stands there; empty when there is none."""
    stored_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.sha256


class Staged(models.Model):
    """An upload that waits for the form it belongs to, so that a form error costs nobody a photo."""

    owner = models.ForeignKey(Person, models.CASCADE)
    file = models.ForeignKey(StoredFile, models.CASCADE)
    name = models.CharField(max_length=200)
    staged_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
