"""Tables of calendars."""

from django.db import models

from bihuan.kernel.orgs.models import Territory
from bihuan.kernel.registry.written import Watched


class HolidayNotice(Watched):
    """A notice of the State Council for one year, or a closure that one territory declared (then `territory` is set)."""

    year = models.IntegerField()
    number = models.CharField(max_length=120)
    issued = models.DateField()
    days_off = models.JSONField()
    """{"2026-10-01": "国庆节", …}"""
    makeup_days = models.JSONField()
    territory = models.ForeignKey(Territory, models.PROTECT, null=True, blank=True)
    loaded_by = models.CharField(max_length=150, blank=True)
    loaded_at = models.DateTimeField()

    class Meta:
        ordering = ["year", "id"]

    def __str__(self) -> str:
        return self.number
