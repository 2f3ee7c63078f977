"""The lease of a worker."""

from __future__ import annotations

from django.db import models


class Lease(models.Model):
    """Until when a worker is taken for living where its process cannot be looked at; it renews it while it works."""

    worker = models.CharField(max_length=64, primary_key=True)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return self.worker
