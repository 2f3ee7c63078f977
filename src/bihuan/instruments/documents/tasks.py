"""What the worker does for papers."""

from __future__ import annotations

from django.utils import timezone
from django_tasks import task

from . import services


@task()
def write(paper_id: int) -> None:
    """Write the file of one paper."""
    services.written(paper_id=paper_id, at=timezone.now())
