"""Complaints: 24 hours or 3 working days, the complainant apart and masked, clusters noticed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, QuerySet

from bihuan.instruments.procedures.selectors import stream_of
from bihuan.instruments.procedures.services import start
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.selectors import visible_to
from bihuan.kernel.matters.services import raise_matter
from bihuan.kernel.registry.streams import Contradiction
from bihuan.kernel.subjects.models import Subject

from .inspections import unit_for
from .models import Complainant
from .selectors import scheme

URGENT = ("exits", "facilities")
"""What must be looked at within 24 hours: blocked or locked exits, facilities switched off (order 120 art. 18)."""
ABOUT = (*URGENT, "decoration", "ebike", "explosive", "other")
SOURCES = ("12345", "96119", "119", "letter", "visit", "other")


@transaction.atomic
def take(
    *, viewer: Viewer, subject: Subject, about: str, title: str, text: str, source: str, name: str, phone: str, at: datetime,
    token: str | None = None,
) -> Matter:  # fmt: skip
    """Take a complaint: the matter with its clock, the procedure of the answer, and the complainant apart.

    Whoever complained stands neither in the matter nor in the ledger.
    """
    if about not in ABOUT or source not in SOURCES:
        raise Refused(N_("Choose one of those offered."), field="about")
    unit = unit_for(viewer, subject)
    for part in (name.strip(), phone.strip()):
        if len(part) > 1 and part in f"{title} {text}":
            raise Refused(N_("Leave the complainant out of title and text; they are read by others."), field="text")
    kind = "complaint_urgent" if about in URGENT else "complaint"
    matter = raise_matter(
        actor=c.Actor(viewer.person.username, frozenset({unit.code})), at=at, kind_id=kind, title=title, description=text, subject=subject,
        raiser=unit, token=token,
    )  # fmt: skip
    if not Complainant.objects.filter(matter=matter).exists():
        Complainant.objects.create(
            matter=matter, unit=unit, name=name.strip()[:40], phone=phone.strip()[:30], source=source
        )
        start(person=viewer.person.username, unit=unit.code, matter=matter, procedure="complaint", at=at)
    return matter


def contradictions() -> Iterator[Contradiction]:
    """Complainants that are not who was taken down. One without name, telephone and salt was erased, or written anew from the
    ledger, which never knew them."""
    table = Complainant._meta.db_table
    for row in Complainant.objects.exclude(salt="", name="", phone="").iterator():
        if row.digest != row.sealed():
            message = N_("name or telephone are not those that were taken down")
            yield Contradiction(stream_of(row.matter_id), table, str(row.pk), "digest", message)


def told_to(viewer: Viewer, matter: Matter) -> tuple[str, str, str, bool] | None:
    """(name, telephone, source, whole) of who complained, masked but for the unit that took it; None for other matters."""
    row = Complainant.objects.filter(matter=matter).select_related("unit").first()
    if row is None:
        return None
    if row.unit.code in viewer.acting:
        return row.name, row.phone, row.source, True
    return _mask(row.name, 1), _mask(row.phone, 3), row.source, False


def _mask(text: str, kept: int) -> str:
    return text[:kept] + "*" * min(6, max(0, len(text) - kept)) if text else ""


def clusters(viewer: Viewer, now: datetime) -> QuerySet[Matter, Any]:
    """Premises with two or more complaints within the signal's span: subject, name, how many, the latest."""
    since = now - timedelta(days=scheme().of("complaints").within)
    rows = visible_to(viewer).filter(kind__startswith="complaint", raised_at__gte=since).order_by()
    grouped = rows.values("subject__code", "subject__name").annotate(n=Count("pk"), latest=Max("raised_at"))
    return grouped.filter(n__gte=2).order_by("-n", "-latest")
