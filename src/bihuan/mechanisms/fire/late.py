"""Records that were entered late: who may be the second person, and the deed. Its event stands in the premises' stream."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from bihuan.instruments.lateness.models import Late
from bihuan.instruments.lateness.services import TYPES, decide, second_unit
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.state import Event
from bihuan.kernel.ledger.models import Event as Recorded
from bihuan.kernel.ledger.selectors import happened
from bihuan.kernel.ledger.services import note
from bihuan.kernel.orgs.models import Post
from bihuan.kernel.orgs.selectors import carriers

from .inspections import tenants_seen
from .models import Record
from .selectors import records_visible_to
from .standing import refresh

MECHANISM = "fire"


def decider(viewer: Viewer, record: Record) -> str:
    """The unit in whose name the viewer may say whether a late record counts; empty when not."""
    if not record.late:
        return ""
    names = (record.person, *record.people)
    return second_unit(viewer, record.unit, record.subject.territory_id, MECHANISM, names)


def waiting(viewer: Viewer) -> list[Record]:
    """Late records that wait for the viewer as the second person, the oldest entry first."""
    near = Q(unit__in=[p.unit_id for p in viewer.posts if p.role == Post.Role.HEAD])
    whole = bool(viewer.acting & carriers(f"coordinate.{MECHANISM}"))
    for scope in viewer.scopes:
        if scope.superior and scope.sector in ("", MECHANISM):
            whole = whole or scope.territories is None
            near |= Q(subject__territory__in=scope.territories or ())
    rows = records_visible_to(viewer).filter(Q() if whole else near, late=Late.WAITING)
    rows = rows.select_related("unit", "subject__territory")
    return [r for r in rows.order_by("entered_at", "pk") if decider(viewer, r)]


@transaction.atomic
def decide_record(*, viewer: Viewer, record: Record, counts: bool, words: str, at: datetime) -> Record:
    """Say, as the second person, whether a record that came late counts; the caller has checked that the viewer sees it.

    1. under the lock of its row, so that two who decide at once decide one after the other;
    2. row and event in one transaction;
    3. once it counts, the tenants that it verified are verified, and the premises is reckoned anew.
    Refused for whoever entered it or is named in it, and for others who do not oversee it; see `lateness.decide`.
    """
    row: Record = Record.objects.select_for_update(of=("self",)).select_related("unit", "subject").get(pk=record.pk)
    unit = decider(viewer, row)
    row.save(update_fields=decide(row, viewer=viewer, unit=unit, counts=counts, words=words, at=at))
    told = {"record": str(row.client), "text": words.strip()}
    note(
        stream=f"premises:{row.subject.code}", event=Event(TYPES[counts], at, viewer.person.username, unit, told), at=at
    )
    if counts:
        tenants_seen(row, _tenants(row))
    refresh([row.subject_id], at)
    return row


def _tenants(row: Record) -> list[str]:
    """The tenants that a record verified, from its event."""
    body = Recorded.objects.values_list("body", flat=True).get(token=str(row.client))
    return list(happened(body).data["tenants"])
