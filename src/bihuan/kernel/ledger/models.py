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
    effect = models.TextField(null=True)
    """What the event wrote to the rows of its stream: canonical JSON {"rows": table → key → columns, "salt": …}. The body holds its
    hash (`effect`), so that it is proven, and may be kept from those who take the event along."""
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


class Leaf(models.Model):
    """An event's place in the tree over the whole ledger. `hash` is the hex leaf hash (RFC 9162)."""

    index = models.BigIntegerField(primary_key=True)
    stream = models.CharField(max_length=60)
    seq = models.PositiveIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stream", "seq"], name="one_leaf_an_event")]

    def __str__(self) -> str:
        return f"{self.index}: {self.stream}#{self.seq}"


class Node(models.Model):
    """A complete subtree above the leaves; `place` is level * 2**48 + index. Never changes once written."""

    place = models.BigIntegerField(primary_key=True)
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.place >> 48}/{self.place & (2**48 - 1)}"


class Checkpoint(models.Model):
    """A signed head of the tree: `note` is what was signed, with the signature; `through` the last event that it may cover.

    The note names `origin`, `size` and `root`; which hash, when and by which key stands beside it.
    """

    origin = models.CharField(max_length=200)
    """The name of the log, the same in every row."""
    size = models.BigIntegerField(primary_key=True)
    root = models.CharField(max_length=64)
    hash = models.CharField(max_length=10)
    key = models.CharField(max_length=64)
    """The public key, in hex."""
    note = models.TextField()
    at = models.DateTimeField()
    through = models.BigIntegerField()

    class Meta:
        ordering = ["size"]

    def __str__(self) -> str:
        return f"{self.size} {self.root[:12]}"
