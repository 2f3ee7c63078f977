"""Tables of evidence."""

from django.db import models

from bihuan.kernel.orgs.models import Person
from bihuan.kernel.registry.written import Watched


class StoredFile(Watched):
    """A file kept once, under its hash."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    media_type = models.CharField(max_length=80)
    size = models.PositiveBigIntegerField()
    taken_at = models.CharField(max_length=30, blank=True)
    """The device's own time from EXIF, as it stands there; empty when there is none."""
    device = models.CharField(max_length=60, blank=True)
    place = models.CharField(max_length=30, blank=True)
    """Latitude and longitude from EXIF (WGS 84), in degrees; empty when there are none."""
    look = models.CharField(max_length=16, blank=True)
    """What a picture looks like, the same after saving anew; empty for other files."""
    stored_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.sha256

    @property
    def is_picture(self) -> bool:
        """Whether it has a thumbnail."""
        return self.media_type.startswith("image/")


class Staged(models.Model):
    """An upload that waits for the form it belongs to, so that a form error costs nobody a photo."""

    owner = models.ForeignKey(Person, models.CASCADE)
    file = models.ForeignKey(StoredFile, models.CASCADE)
    name = models.CharField(max_length=200)
    staged_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Look(models.Model):
    """A quarter of a picture's look, for finding pictures that share one: `part` is its place and four hex digits."""

    file = models.ForeignKey(StoredFile, models.CASCADE, related_name="looks")
    part = models.CharField(max_length=5, db_index=True)

    def __str__(self) -> str:
        return self.part
