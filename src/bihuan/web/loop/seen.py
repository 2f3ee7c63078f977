"""Matters that a viewer may see."""

from __future__ import annotations

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.selectors import visible_to

from ..surface.middleware import viewer


def matter_or_404(request: HttpRequest, number: int) -> Matter:
    """A matter that the viewer may see; strangers learn nothing."""
    rows = visible_to(viewer(request)).select_related(
        "subject", "territory", "raiser", "assigner", "lead", "verifier", "owed_by"
    )
    return get_object_or_404(rows, number=number)
