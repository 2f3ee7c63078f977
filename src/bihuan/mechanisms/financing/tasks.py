"""What the worker does for financing."""

from __future__ import annotations

from django.utils import timezone
from django_tasks import task

from . import accounts, leading
from .models import Proposal, Statement


@task()
def statement(pk: int) -> None:
    """Take a statement in."""
    accounts.take_in(row=Statement.objects.select_related("file", "unit").get(pk=pk), at=timezone.now())


@task()
def propose(pk: int) -> None:
    """Look for lead banks."""
    leading.search(row=Proposal.objects.select_related("owner").get(pk=pk), at=timezone.now())
