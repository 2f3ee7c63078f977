"""What a command leads to, and writing it: events and rows together or not at all."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.kinds import Kind
from bihuan.kernel.domain.loop import decided
from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.domain.state import HARMLESS, Event, State
from bihuan.kernel.evidence.models import StoredFile
from bihuan.kernel.ledger import selectors as ledger
from bihuan.kernel.ledger.services import append_with, entry_time
from bihuan.kernel.orgs.selectors import place_of, unit_ids
from bihuan.kernel.subjects.models import Subject

from .catalogue import kind_edition
from .finding import indexed, searched
from .models import Attachment, Involvement, Matter
from .projection import ATTACHING, attachments, codes, columns, parts, stream_of
from .remembered import Remembered, remember

MOST_SUBJECTS = 50_000


class Conflict(Exception):
    """Somebody else acted first. `events` are what happened since the form was opened."""

    def __init__(self, number: int, events: list[Event]) -> None:
        super().__init__(f"matter {number} changed meanwhile")
        self.number, self.events = number, events


@dataclass(frozen=True, slots=True)
class Step:
    """What a command leads to, not yet written. `more` when other tables than the matter's change too."""

    number: int
    found: Remembered
    state: State
    events: list[Event]
    fields: dict[str, Any]
    changed: dict[str, Any]
    units: dict[str, int]
    involved: bool
    more: bool


def decide(number: int, command: c.Command, version: int | None, found: Remembered, kind: Kind) -> Step | None:
    """Decide by a state; None when nothing follows. Refused, or Conflict with events since `version`."""
    if version is not None and version < found.seq:
        since = ledger.stream(stream_of(number)).events[version:]
        if any(e.type not in HARMLESS and not _apart(e, command) for e in since):
            raise Conflict(number, since)
    before = found.state
    calendar = calendar_for(place_of(before.territory)[1])
    events, state = decided(before, command, kind, calendar)
    if not events or state is None:
        return None
    units, places, subjects = _maps(before, state)
    was = columns(before, kind, units, places, subjects)
    fields = columns(state, kind_edition(state.kind, state.edition), units, places, subjects)
    changed = {name: value for name, value in fields.items() if was[name] != value}
    involved = codes(state) != codes(before) or parts(state, units) != parts(before, units)
    more = involved or searched(before, state) or any(e.type in ATTACHING for e in events)
    return Step(number, found, state, events, fields, changed, units, involved, more)


def _apart(event: Event, command: c.Command) -> bool:
    """Whether both correct a matter and neither touches what the other does."""
    return (
        event.type == "Amended"
        and isinstance(command, c.Amend)
        and not set(event.data["changes"]) & set(command.changes)
    )


def write(step: Step, token: str | None) -> Matter:
    # one statement needs no transaction of its own; within somebody else's it needs a place to fall back to
    alone = not step.more and connection.vendor == "postgresql" and not connection.in_atomic_block
    with nullcontext() if alone else transaction.atomic():
        end = append_with(
            stream=stream_of(step.number), events=step.events, after=step.found.end, entered_at=entry_time(step.events[0].at),
            token=token, model=Matter, key=step.number, changed=step.changed,
        )  # fmt: skip
        if step.more:
            write_more(step)
    return written(step, end)


def write_more(step: Step) -> None:
    """The other tables that a step changes."""
    if step.involved:
        _involve(step.number, parts(step.state, step.units))
    _attach(step.number, step.state, step.events)
    indexed(step.number, step.found.state, step.state)


def written(step: Step, end: tuple[int, str]) -> Matter:
    """The row of a step that is written."""
    remember(step.number, step.state, end)
    return _row({"number": step.number, "version": end[0], **step.fields})


COLUMNS = tuple(f.attname for f in Matter._meta.concrete_fields)


def _row(fields: dict[str, Any]) -> Matter:
    """A row as read from the database; by position, which is the quick way."""
    return Matter.from_db("default", COLUMNS, [fields[name] for name in COLUMNS])


_subjects: dict[str, int] = {}
"""Ids of subjects by code, as far as this process has met them; neither ever changes."""


def _maps(before: State, state: State) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    named = codes(state) | codes(before)
    units = unit_ids(named)
    if len(units) < len(named):
        raise Refused(N_("There is no such unit: %(code)s."), field="lead", code="、".join(sorted(named - set(units))))
    if state.subject not in _subjects:
        if len(_subjects) > MOST_SUBJECTS:
            _subjects.clear()
        _subjects[state.subject] = Subject.objects.values_list("id", flat=True).get(code=state.subject)
    places = {code: place_of(code)[0] for code in (before.territory, state.territory)}
    return units, places, {state.subject: _subjects[state.subject]}


def _involve(number: int, wanted: set[tuple[int, str]]) -> None:
    have = {(i.unit_id, i.role): i for i in Involvement.objects.filter(matter=number)}
    gone = [i.pk for key, i in have.items() if key not in wanted]
    if gone:
        Involvement.objects.filter(pk__in=gone).delete()
    Involvement.objects.bulk_create(
        Involvement(matter_id=number, unit_id=u, role=r) for u, r in sorted(wanted - set(have))
    )


def _attach(number: int, state: State, events: list[Event]) -> None:
    rows = [row for event in events for row in attachments(event, state.round)]
    if not rows:
        return
    units = unit_ids({r["unit"] for r in rows})
    known = set(StoredFile.objects.filter(pk__in=[r["file_id"] for r in rows]).values_list("pk", flat=True))
    if {r["file_id"] for r in rows} - known:
        raise Refused(N_("Choose at least one file."), field="files")
    Attachment.objects.bulk_create(
        Attachment(**{k: v for k, v in row.items() if k != "unit"}, unit_id=units[row["unit"]], matter_id=number)
        for row in rows
    )
