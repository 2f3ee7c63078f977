"""What the worker does for counselling."""

from __future__ import annotations

from django.utils import timezone
from django_tasks import task

from . import together
from .models import Reckoning


@task()
def reckon(pk: int) -> None:
    """Search for something better."""
    row = Reckoning.objects.select_related("owner", "session__meeting__host").get(pk=pk)
    together.reckon(row=row, at=timezone.now())
