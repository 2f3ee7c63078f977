"""The table of the toy: what a unit vowed."""

from django.db import models

from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.registry.written import Watched


class Vow(Watched):
    """A vow of a unit, until a day."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    text = models.CharField(max_length=80)
    until = models.DateField()
    kept = models.BooleanField(default=False)

    class Meta:
        app_label = "toy"

    def __str__(self) -> str:
        return self.text
