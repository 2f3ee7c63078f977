"""The table of keys."""

from django.db import models

from bihuan.kernel.orgs.models import Person, Unit
from bihuan.kernel.registry.written import Watched


class Key(Watched):
    """A key: never itself, only its hash, and its first letters by which a person knows it again."""

    owner = models.ForeignKey(Person, models.CASCADE, related_name="api_keys")
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=60)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    made = models.DateTimeField()
    used = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.prefix
