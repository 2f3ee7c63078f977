"""Reading supervision: what one's unit decides, objects to or looks at, and what hangs on matters one may see."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.matters.selectors import visible_to

from .models import Draw, Objection, SecondLook


def objections_visible_to(viewer: Viewer) -> QuerySet[Objection]:
    """Objections that the viewer's units raise or decide, and those of visible matters."""
    if viewer.admin:
        return Objection.objects.none()
    return Objection.objects.filter(
        Q(unit__in=viewer.units) | Q(decider__in=viewer.units) | Q(matter__in=visible_to(viewer))
    )


def looks_visible_to(viewer: Viewer) -> QuerySet[SecondLook]:
    """Second looks that fell to the viewer's units, and those at visible matters."""
    if viewer.admin:
        return SecondLook.objects.none()
    return SecondLook.objects.filter(Q(unit__in=viewer.units) | Q(matter__in=visible_to(viewer)))


def draws_visible_to(viewer: Viewer) -> QuerySet[Draw]:
    """Lots of which the viewer sees a look; their numbers name no matter."""
    return Draw.objects.filter(pk__in=looks_visible_to(viewer).values("draw"))
