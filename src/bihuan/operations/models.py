"""The one table of operations: how each check of the record went last."""

from django.db import models


class Check(models.Model):
    """A check of the record: when it was made last and when it held last, how much it looked at, and what it found."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()
    held_at = models.DateTimeField(null=True)
    looked_at = models.JSONField(default=dict)
    """Counts, by what is counted."""
    found = models.PositiveIntegerField(default=0)
    faults = models.JSONField(default=list)
    """The first of what was found, as sentences; `found` says how many there are."""

    def __str__(self) -> str:
        return self.name
