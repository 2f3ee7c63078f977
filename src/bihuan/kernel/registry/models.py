"""The one table of the registry: how the worker's duties went."""

from django.db import models


class DutyRun(models.Model):
    """How a duty went last. `failures` counts those in a row; `next_at` is when it is tried again after one."""

    name = models.CharField(max_length=60, primary_key=True)
    begun_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    next_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name
