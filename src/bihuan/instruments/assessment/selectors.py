"""Reading assessments: one's own, and all of a mechanism for its office, supervision, and those who oversee everything."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from bihuan.kernel.access.viewer import Viewer, oversees_all
from bihuan.kernel.orgs.selectors import carriers

from .catalogue import shipped
from .metrics import Row, source_of, year_span
from .models import Appeal, Assessment, Proof
from .reckoning import Sheet, as_of


def keeps(viewer: Viewer, mechanism: str) -> bool:
    """Whether the viewer's unit runs the assessments of a mechanism."""
    return bool(carriers(f"coordinate.{mechanism}") & viewer.acting)


def kept_by(viewer: Viewer) -> list[str]:
    """The mechanisms whose year the viewer's units run, of those that have schemes."""
    return [m for m in sorted({s["mechanism"] for s in shipped().values()}) if keeps(viewer, m)]


def assessments_visible_to(viewer: Viewer) -> QuerySet[Assessment]:
    """Assessments that the viewer may see."""
    if viewer.admin:
        return Assessment.objects.none()
    wide = {
        m
        for m in Assessment.objects.order_by().values_list("mechanism", flat=True).distinct()
        if oversees_all(viewer, m)
    }
    return Assessment.objects.filter(Q(unit__in=viewer.units) | Q(mechanism__in=wide))


def full(rows: QuerySet[Assessment]) -> QuerySet[Assessment]:
    """With all that a sheet needs, in few queries."""
    return rows.select_related("unit").prefetch_related("marks", "appeals")


def proofs_visible_to(viewer: Viewer) -> QuerySet[Proof]:
    """Evidence of visible assessments."""
    return Proof.objects.filter(assessment__in=assessments_visible_to(viewer)).select_related("file")


def appeals_visible_to(viewer: Viewer) -> QuerySet[Appeal]:
    """Appeals of visible assessments, and those that the viewer's unit decides."""
    return Appeal.objects.filter(Q(assessment__in=assessments_visible_to(viewer)) | Q(decider__in=viewer.units))


def rows_of(viewer: Viewer, sheet: Sheet, metric: str) -> list[Row]:
    """The rows behind a figure of an assessment, as of the moment of its facts. LookupError for an unknown metric."""
    a = sheet.assessment
    moment = a.as_of or as_of(a.year)
    if moment is None:
        return []
    return list(source_of(metric).rows(viewer, metric, a.unit_id, year_span(a.year, moment)))
