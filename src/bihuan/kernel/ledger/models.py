"""The table of the ledger."""

from django.db import models


class Event(models.Model):
    """One event. `body` is the canonical JSON that was hashed; the other columns repeat parts of it for look-ups, and
    `verify` proves that they agree. Rows are never changed or deleted: triggers refuse it."""

    stream = models.CharField(max_length=60)
    seq = models.PositiveIntegerField()
    type = models.CharField(max_length=30)
    entered_at = models.DateTimeField()
    body = models.TextField()
    hash = models.CharField(max_length=64)
    token = models.CharField(max_length=36, null=True)
    """The form that led to it: a form posted twice has one effect."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stream", "seq"], name="one_event_a_place"),
            models.UniqueConstraint(fields=["token"], name="one_event_a_form", condition=models.Q(token__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.stream}#{self.seq} {self.type}"
