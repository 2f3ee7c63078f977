"""What the worker does for premises."""

from __future__ import annotations

from django.utils import timezone
from django_tasks import task

from . import imports
from .models import PremisesImport


@task()
def write(pk: int) -> None:
    """Write one sheet of premises."""
    row = PremisesImport.objects.select_related("owner", "unit__territory", "file").get(pk=pk)
    if row.state == PremisesImport.State.RUNNING:
        imports.write(imported=row, at=timezone.now())
