"""Writing matters: the only place that does. A command becomes events and rows in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypedDict

from django.db import connection, transaction
from django.utils import timezone

from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.chain import GENESIS
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.kinds import Kind
from bihuan.kernel.domain.loop import decided
from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.domain.state import HARMLESS, Event, State, fold
from bihuan.kernel.evidence.models import StoredFile
from bihuan.kernel.ledger import selectors as ledger
from bihuan.kernel.ledger.models import Event as Recorded
from bihuan.kernel.ledger.rows import insert
from bihuan.kernel.ledger.services import StaleStream, append, append_with, entry_time
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.orgs.selectors import function_unit, place_of, unit_ids
from bihuan.kernel.subjects.models import Subject

from .catalogue import kind_edition, kind_on
from .finding import MATTERS, indexed, matter_text, searched
from .heads import Head, head, met, remember
from .models import Attachment, Involvement, Matter
from .numbers import take
from .projection import ATTACHING, attachments, codes, columns, parts, stream_of

MOST_SUBJECTS = 50_000


class Conflict(Exception):
    """Somebody else acted first. `events` are what happened since the form was opened."""

    def __init__(self, number: int, events: list[Event]) -> None:
        super().__init__(f"matter {number} changed meanwhile")
        self.number, self.events = number, events


def party(rule: str, *, raiser: str, assigner: str = "", verifier: str = "") -> str:
    """The unit code that a kind's rule names. LookupError when a function is carried by nobody."""
    known = {"raiser": raiser, "assigner": assigner, "verifier": verifier}
    return known[rule] if rule in known else function_unit(rule.removeprefix("function:"))


def raise_matter(
    *, actor: c.Actor, at: datetime, kind_id: str, title: str, description: str, subject: Subject, raiser: Unit,
    token: str | None = None, register: dict[str, Any] | None = None, assigner: str = "",
) -> Matter:  # fmt: skip
    """Raise a matter. The caller has checked that the raiser may see the subject.

    Refused for a kind that does not fit the subject, missing text, or a date that has not come. The same `token` again
    returns the matter of the first time.
    """
    kind = kind_on(kind_id, local_day(at))
    if kind.subject != subject.type:
        raise Refused(N_("This kind hangs on another type of subject."), field="subject")
    _not_future(at)
    try:
        with transaction.atomic():
            earlier = _by_token(token)
            if earlier is not None:
                return Matter.objects.get(number=earlier)
            place = subject.territory
            command = c.Raise(
                actor, at, title, description, subject.code, place.code, raiser.code,
                assigner or party(kind.assigner, raiser=raiser.code), register,
            )  # fmt: skip
            events, state = decided(None, command, kind, calendar_for(place.path))
            assert state is not None
            number = take()[0]
            known = {raiser.code: raiser.id}
            return _create(number, events, state, kind, known, {place.code: place.id}, subject, token)
    except StaleStream:
        earlier = _by_token(token)
        if earlier is None:
            raise
        return Matter.objects.get(number=earlier)


def _create(
    number: int, events: list[Event], state: State, kind: Kind, units: dict[str, int], places: Mapping[str, int],
    subject: Subject, token: str | None,
) -> Matter:  # fmt: skip
    entered = entry_time(events[0].at)
    append(stream=stream_of(number), events=events, after=(0, GENESIS), entered_at=entered, token=token)
    units.update(unit_ids(codes(state) - set(units)))
    fields = {
        "number": number,
        "version": len(events),
        **columns(state, kind, units, places, {subject.code: subject.id}),
    }
    insert(Matter, [fields])
    insert(Involvement, [{"matter_id": number, "unit_id": u, "role": r} for u, r in sorted(parts(state, units))])
    MATTERS.add(number, matter_text(state, subject))
    return Matter(**fields)


def _by_token(token: str | None) -> int | None:
    if token is None:
        return None
    stream = Recorded.objects.filter(token=token).values_list("stream", flat=True).first()
    return int(stream.partition(":")[2]) if stream else None


def done_with(token: str) -> int | None:
    """The number of the matter on which the form with this token has had its effect already."""
    return _by_token(token)


def _not_future(at: datetime) -> None:
    if at > timezone.now():
        raise Refused(N_("This lies in the future."), field="at")


def load(number: int) -> tuple[State, Kind, ledger.Stream]:
    """The state of a matter from its events, the edition of its kind, and its stream."""
    stream = ledger.stream(stream_of(number))
    state = fold(stream.events)
    assert state is not None, f"matter {number} has no events"
    return state, kind_edition(state.kind, state.edition), stream


def act(*, number: int, command: c.Command, version: int | None = None, token: str | None = None) -> Matter:
    """Give a command to a matter.

    1. events since `version` that could matter to the form raise Conflict;
    2. the decider says yes with events, or Refused;
    3. events and rows are written together or not at all; the place in the stream is the lock, so whoever came second
       gets Conflict;
    4. whatever went wrong, a token that was used already means that the form was posted twice: nothing more happens.
    """
    _not_future(command.at)
    try:
        return _act(number, command, version, token)
    except (Refused, Conflict, StaleStream) as error:
        if _by_token(token) is not None:
            return Matter.objects.get(number=number)
        if isinstance(error, StaleStream):
            fresh = ledger.stream(stream_of(number))
            raise Conflict(number, fresh.events[version or 0 :]) from None
        raise


TRIES = 5


def _act(number: int, command: c.Command, version: int | None, token: str | None) -> Matter:
    """By the state this process met last, if it did; when the stream has gone on since, again by the present one."""
    known = met(number) if connection.vendor == "postgresql" and not connection.in_atomic_block else None
    if known is not None and (version is None or version == known.seq):
        try:
            step = decide(number, command, None, known, kind_edition(known.state.kind, known.state.edition))
            if step is not None:
                return _write(step, token)
        except (Refused, StaleStream):
            pass  # the state may be an old one: the present one has the last word
    for attempt in range(TRIES):
        step = decide(number, command, version, *head(number))
        if step is None:
            break
        try:
            return _write(step, token)
        except StaleStream:
            if attempt == TRIES - 1 or _by_token(token) is not None:
                raise
    return Matter.objects.get(number=number)


@dataclass(frozen=True, slots=True)
class Step:
    """What a command leads to, not yet written. `more` when other tables than the matter's change too."""

    number: int
    found: Head
    state: State
    events: list[Event]
    fields: dict[str, Any]
    changed: dict[str, Any]
    units: dict[str, int]
    involved: bool
    more: bool


def decide(number: int, command: c.Command, version: int | None, found: Head, kind: Kind) -> Step | None:
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


def _write(step: Step, token: str | None) -> Matter:
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


class Parties(TypedDict):
    """Who checks and who calls back."""

    verifier: str
    revisitor: str


def assignment(kind: Kind, state: State, lead: str) -> Parties:
    """Who verifies and revisits when `lead` leads: what the kind says, else the supervision office."""
    known = {"raiser": state.raiser, "assigner": state.assigner}
    verifier = party(kind.verifier, **known)
    if verifier == lead:
        verifier = next((u for u in (function_unit("supervision"), state.assigner, state.raiser) if u != lead), "")
    return {"verifier": verifier, "revisitor": party(kind.revisitor, verifier=verifier, **known)}


def do(
    *, viewer: Viewer, number: int, command: c.Command, version: int | None = None, token: str | None = None,
    files: tuple[dict[str, str], ...] = (),
) -> Matter:  # fmt: skip
    """Give a command as a viewer: the actor becomes superior where the viewer's scope covers the matter.

    With `files` they are attached first, in the same transaction: both happen or neither does.
    """
    row = Matter.objects.only("territory_id", "sector").get(number=number)
    command = replace(command, actor=viewer.actor(row.territory_id, row.sector))
    if not files:
        return act(number=number, command=command, version=version, token=token)
    with transaction.atomic():
        if _by_token(token) is None:
            attached = act(number=number, command=c.Attach(command.actor, command.at, files), version=version)
            version = attached.version
        return act(number=number, command=command, version=version, token=token)


def merge(
    *, viewer: Viewer, number: int, into: Matter, at: datetime, explicit: bool, reason: str, version: int | None,
    token: str | None,
) -> Matter:  # fmt: skip
    """Merge a duplicate into another open matter, which takes over its evidence; the viewer must assign both."""
    if into.pk == number:
        raise Refused(N_("A matter cannot be merged into itself."), field="into")
    row = Matter.objects.select_related("subject").get(number=number)
    actor = viewer.actor(row.territory_id, row.sector)
    command = c.Merge(actor, at, str(into.pk), into.open, row.subject_id == into.subject_id, explicit, reason)
    files = tuple(
        {"sha256": a.file_id, "name": a.name, "type": a.file.media_type, "unit": a.unit.code}
        for a in Attachment.objects.filter(matter_id=number).select_related("file", "unit")
    )
    with transaction.atomic():
        merged = act(number=number, command=command, version=version, token=token)
        act(number=into.pk, command=c.Absorb(actor, at, str(number), files))
    return merged
