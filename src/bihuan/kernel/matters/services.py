"""Writing matters: the only place that does. A command becomes events and rows in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypedDict

from django.db import transaction
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
from bihuan.kernel.ledger.services import StaleStream, append, entry_time
from bihuan.kernel.orgs.models import Territory, Unit
from bihuan.kernel.orgs.selectors import function_unit, unit_ids
from bihuan.kernel.subjects.models import Subject

from .catalogue import kind_edition, kind_on
from .finding import MATTERS, indexed, matter_text
from .models import Attachment, Involvement, Matter
from .numbers import take
from .projection import attachments, codes, columns, parts, stream_of


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

    1. a token that was used already means that the form was posted twice: nothing more happens;
    2. events since `version` that could matter to the form raise Conflict;
    3. the decider says yes with events, or Refused;
    4. events and rows are written in one transaction; a writer who came second gets Conflict.
    """
    _not_future(command.at)
    try:
        with transaction.atomic():
            if _by_token(token) is not None:
                return Matter.objects.get(number=number)
            state, kind, stream = load(number)
            if version is not None and version < stream.seq:
                since = stream.events[version:]
                if any(e.type not in HARMLESS for e in since):
                    raise Conflict(number, since)
            place = Territory.objects.only("path").get(code=state.territory)
            events, after = decided(state, command, kind, calendar_for(place.path))
            if not events or after is None:
                return Matter.objects.get(number=number)
            return _write(number, state, after, events, stream, token)
    except StaleStream:
        if _by_token(token) is not None:
            return Matter.objects.get(number=number)
        fresh = ledger.stream(stream_of(number))
        raise Conflict(number, fresh.events[version or 0 :]) from None


def _write(
    number: int, before: State, state: State, events: list[Event], stream: ledger.Stream, token: str | None
) -> Matter:
    entered = entry_time(events[0].at)
    append(stream=stream_of(number), events=events, after=stream.end, entered_at=entered, token=token)
    units, places, subjects = _maps(state)
    matter = Matter(number=number, version=stream.seq + len(events))
    kind = kind_edition(state.kind, state.edition)
    fields = columns(state, kind, units, places, subjects)
    for name, value in fields.items():
        setattr(matter, name, value)
    matter.save(force_update=True, update_fields=[f.removesuffix("_id") for f in fields] + ["version"])
    if codes(state) != codes(before) or parts(state, units) != parts(before, units):
        _involve(matter, parts(state, units))
    _attach(matter, state, events)
    indexed(number, before, state)
    return matter


def _maps(state: State) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    units = unit_ids(codes(state))
    missing = codes(state) - set(units)
    if missing:
        raise Refused(N_("There is no such unit: %(code)s."), field="lead", code="、".join(sorted(missing)))
    places = dict(Territory.objects.filter(code=state.territory).values_list("code", "id"))
    return units, places, dict(Subject.objects.filter(code=state.subject).values_list("code", "id"))


def _involve(matter: Matter, wanted: set[tuple[int, str]]) -> None:
    have = {(i.unit_id, i.role): i for i in Involvement.objects.filter(matter=matter)}
    gone = [i.pk for key, i in have.items() if key not in wanted]
    if gone:
        Involvement.objects.filter(pk__in=gone).delete()
    Involvement.objects.bulk_create(
        Involvement(matter=matter, unit_id=u, role=r) for u, r in sorted(wanted - set(have))
    )


def _attach(matter: Matter, state: State, events: list[Event]) -> None:
    rows = [row for event in events for row in attachments(event, state.round)]
    if not rows:
        return
    units = unit_ids({r["unit"] for r in rows})
    known = set(StoredFile.objects.filter(pk__in=[r["file_id"] for r in rows]).values_list("pk", flat=True))
    if {r["file_id"] for r in rows} - known:
        raise Refused(N_("Choose at least one file."), field="files")
    Attachment.objects.bulk_create(
        Attachment(**{k: v for k, v in row.items() if k != "unit"}, unit_id=units[row["unit"]], matter=matter)
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
