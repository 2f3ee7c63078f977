"""Writing matters: the only place that does. A command becomes events and rows in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypedDict

from django.db import connection, transaction
from django.utils import timezone

from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.chain import GENESIS
from bihuan.kernel.domain.clocks import Limit, local_day
from bihuan.kernel.domain.kinds import Kind
from bihuan.kernel.domain.loop import decided
from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.domain.state import Event, State, fold
from bihuan.kernel.ledger import selectors as ledger
from bihuan.kernel.ledger.models import Event as Recorded
from bihuan.kernel.ledger.rows import insert
from bihuan.kernel.ledger.services import StaleStream, append, entry_time
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.orgs.selectors import function_unit, unit_ids
from bihuan.kernel.registry.registry import Registry
from bihuan.kernel.subjects.models import Subject

from .catalogue import kind_edition, kind_on
from .finding import MATTERS, matter_text
from .models import Attachment, Involvement, Matter
from .numbers import take
from .projection import codes, columns, parts, stream_of
from .remembered import head, remembered
from .writing import Conflict, decide, write


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
    not_future(at)
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


def not_future(at: datetime) -> None:
    """Refused for a moment that has not come."""
    if at > timezone.now():
        raise Refused(N_("This lies in the future."), field="at")


def load(number: int) -> tuple[State, Kind, ledger.Stream]:
    """The state of a matter from its events, the edition of its kind, and its stream."""
    stream = ledger.stream(stream_of(number))
    state = fold(stream.events)
    assert state is not None, f"matter {number} has no events"
    return state, kind_edition(state.kind, state.edition), stream


GUARDS: Registry[Callable[[int, c.Command], None]] = Registry("guard of commands")
"""What instruments ask before a command is given, by number of the matter; each raises Refused."""


def act(*, number: int, command: c.Command, version: int | None = None, token: str | None = None) -> Matter:
    """Give a command to a matter.

    1. events since `version` that could matter to the form raise Conflict;
    2. the decider says yes with events, or Refused;
    3. events and rows are written together or not at all; the place in the stream is the lock, so whoever came second
       gets Conflict;
    4. whatever went wrong, a token that was used already means that the form was posted twice: nothing more happens.
    """
    not_future(command.at)
    try:
        for guard in GUARDS:
            guard(number, command)
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
    known = remembered(number) if connection.vendor == "postgresql" and not connection.in_atomic_block else None
    if known is not None and (version is None or version == known.seq):
        try:
            step = decide(number, command, None, known, kind_edition(known.state.kind, known.state.edition))
            if step is not None:
                return write(step, token)
        except (Refused, StaleStream):
            pass  # the state may be an old one: the present one has the last word
    for attempt in range(TRIES):
        step = decide(number, command, version, *head(number))
        if step is None:
            break
        try:
            return write(step, token)
        except StaleStream:
            if attempt == TRIES - 1 or _by_token(token) is not None:
                raise
    return Matter.objects.get(number=number)


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


@transaction.atomic
def promise(
    *, actor: c.Actor, at: datetime, kind_id: str, title: str, description: str, subject: Subject, raiser: Unit, lead: str, reason: str,
    limit: Limit | None = None, supporting: Sequence[str] = (), token: str | None = None,
) -> Matter:  # fmt: skip
    """Raise a matter and assign it in the same step, by the unit that raises it: within `limit`, else the kind's own.

    The same `token` again returns the matter of the first time. Whoever verifies supports nothing.
    """
    matter = raise_matter(
        actor=actor, at=at, kind_id=kind_id, title=title, description=description, subject=subject, raiser=raiser, assigner=raiser.code,
        token=token,
    )  # fmt: skip
    if matter.state != Matter.State.RAISED:
        return matter
    state, kind, _ = load(matter.number)
    parties = assignment(kind, state, lead)
    helping = tuple(u for u in supporting if u != parties["verifier"])
    command = c.Assign(actor, at, lead, helping, limit=limit or kind.limit, reason=reason, **parties)
    return act(number=matter.number, command=command)


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
