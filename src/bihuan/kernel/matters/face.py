"""What the room of matters says of itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as N

from bihuan.kernel.domain.state import Event, evolve, stamp
from bihuan.kernel.orgs.models import Territory, Unit
from bihuan.kernel.registry import duties, events, streams
from bihuan.kernel.registry.streams import Rows, Sight, StreamKind, Table, for_audit, for_everybody
from bihuan.kernel.registry.written import plain
from bihuan.kernel.subjects.models import Subject

from . import clockwork, finding, vocabulary
from .catalogue import kind_edition
from .models import Attachment, Involvement, KindEdition, Matter
from .projection import attachments, columns, parts, stream_of
from .selectors import visible_to


class _Ids(dict[str, int]):
    """Ids by code; a code whose row is gone has none, so every row that names it differs."""

    def __missing__(self, code: str) -> int:
        return -1


def fold_matters() -> Callable[[str, list[Event], Rows], None]:
    """The fold of a matter's events to its rows: head, units involved, evidence."""
    units = _Ids(Unit.objects.values_list("code", "id"))
    places = _Ids(Territory.objects.values_list("code", "id"))
    subjects = _Ids(Subject.objects.values_list("code", "id"))
    fields = {f.attname: f for f in Matter._meta.concrete_fields}

    def fold(stream: str, told: list[Event], rows: Rows) -> None:
        number = int(stream.partition(":")[2])
        state = None
        files = []
        for event in told:
            state = evolve(state, event)
            files += list(attachments(event, state.round))
        assert state is not None
        head = columns(state, kind_edition(state.kind, state.edition), units, places, subjects)
        values = {"number": number, **head, "version": len(told)}
        rows[Matter._meta.db_table] = {str(number): {c: plain(fields[c], v) for c, v in values.items()}}
        rows[Involvement._meta.db_table] = {
            f"{number}|{unit}|{role}": {"matter_id": number, "unit_id": unit, "role": role}
            for unit, role in parts(state, units)
        }
        rows[Attachment._meta.db_table] = {
            f"{number}|{f['file_id']}|{units[f['unit']]}|{f['round']}|{stamp(f['attached_at'])}": {
                "matter_id": number, "file_id": f["file_id"], "name": f["name"], "unit_id": units[f["unit"]], "person": f["person"],
                "round": f["round"], "attached_at": stamp(f["attached_at"]),
            }
            for f in files
        }  # fmt: skip

    return fold


def _matter_seen(viewer: Any, name: str) -> Sight | None:
    row = visible_to(viewer).filter(number=int(name)).first() if name.isascii() and name.isdigit() else None
    return Sight(str(row), "matter", (row.number,)) if row else None


def _settle(now: datetime) -> None:
    while finding.settle():
        pass


def register() -> None:
    """Events, streams and duties of matters."""
    events.register(
        *vocabulary.TYPES,
        events.EventType("KindRevised", N("entered an edition of a kind"), {"valid_from": "date", "body": "{}"}),
        events.EventType("FileSeen", N("opened a confidential file"), {"file": "hash", "matter": "id"}),
    )
    whole = N("numbered by the database, and nothing refers to it")
    streams.register(
        StreamKind(
            "matter", N("matters"), seen=_matter_seen, folding=fold_matters,
            tables=(
                Table(Matter, lambda m: stream_of(m.number), captured=False),
                Table(
                    Involvement, lambda i: stream_of(i.matter_id), key=("matter_id", "unit_id", "role"), undecided={"id": whole},
                    captured=False,
                ),
                Table(
                    Attachment, lambda a: stream_of(a.matter_id), key=("matter_id", "file_id", "unit_id", "round", "attached_at"),
                    undecided={"id": whole}, captured=False,
                ),
            ),
        ),
        StreamKind("kind", N("editions of kinds"), seen=for_everybody(N("editions of kinds"), "kinds"), tables=(Table(KindEdition, lambda k: f"kind:{k.kind}"),)),
        StreamKind("seen", N("looks at confidential files"), seen=for_audit(N("looks at confidential files"))),
    )  # fmt: skip
    duties.register(
        duties.Duty(
            "clock",
            N("reminders, supervision slips and planned ends of pauses"),
            lambda now: clockwork.tick(at=now),
            order=10,
        ),
        duties.Duty("search", N("making what was written lately faster to find"), _settle, order=30),
        duties.Duty("calendar", N("due dates after a new notice of holidays"), clockwork.follow_calendar, order=90),
    )
