"""What the worker does for the fire mechanism."""

from __future__ import annotations

from django.utils import timezone
from django_tasks import task

from . import planning
from .models import VisitPlan


@task()
def propose(pk: int) -> None:
    """Propose one plan of visits."""
    planning.propose(plan=VisitPlan.objects.select_related("owner", "unit").get(pk=pk), at=timezone.now())
