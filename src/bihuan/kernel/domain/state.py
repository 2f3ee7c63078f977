"""The state of a matter as a fold of its events. `evolve` is total over known events and needs no calendar:
whatever a calendar decided stands in the event, so an old ledger folds to the same rows for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from .clocks import Limit, Span

OPEN = ("raised", "assigned", "handling", "submitted")
STATES = (*OPEN, "closed", "withdrawn", "merged")


@dataclass(frozen=True, slots=True)
class Event:
    """What happened: `at` is event time; entry time is the ledger's. `data` holds JSON values without floats."""

    type: str
    at: datetime
    by: str
    unit: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class State:
    """Everything the loop knows of one matter. Units and people are codes; `due` is the first moment too late."""

    state: str
    kind: str
    edition: str
    title: str
    description: str
    subject: str
    territory: str
    raiser: str
    raised_by: str
    raised_at: datetime
    assigner: str
    round: int = 1
    lead: str = ""
    officer: str = ""
    """The person of the lead unit who holds it."""
    supporting: tuple[str, ...] = ()
    verifier: str = ""
    revisitor: str = ""
    returned: tuple[str, ...] = ()
    final: bool = False
    limit: Limit | None = None
    extra: int = 0
    clock_start: datetime | None = None
    spans: tuple[Span, ...] = ()
    returned_at: datetime | None = None
    assigned_at: datetime | None = None
    accepted_at: datetime | None = None
    submitted_at: datetime | None = None
    closed_at: datetime | None = None
    pause_asked: dict[str, Any] | None = None
    paused_from: datetime | None = None
    paused_until: date | None = None
    extension_asked: int = 0
    percent: int = 0
    progress: str = ""
    evidence: tuple[tuple[str, str, int, str], ...] = ()
    """(sha256, media type, round, unit)."""
    handlers: frozenset[str] = frozenset()
    answered: frozenset[str] = frozenset()
    escalated: tuple[str, ...] = ()
    due: datetime | None = None
    warn: datetime | None = None
    provisional: bool = False
    next_at: datetime | None = None
    late: int = 0
    revisit_due: date | None = None
    revisited: bool = False
    merged_into: str = ""
    rounds: tuple[dict[str, Any], ...] = ()

    @property
    def open(self) -> bool:
        """Somebody still owes something."""
        return self.state in OPEN

    @property
    def paused(self) -> bool:
        """A recorded pause runs."""
        return self.paused_from is not None

    @property
    def owed_by(self) -> str:
        """The unit that must act next; empty when nobody must."""
        if self.state == "raised":
            return self.assigner
        if self.state in ("assigned", "handling"):
            return self.lead
        if self.state == "submitted":
            return self.verifier
        return self.revisitor if self.state == "closed" and self.revisit_due else ""


def stamp(moment: datetime) -> str:
    """A moment as text with microseconds, UTC, the form of every time in the ledger."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def moment(text: str) -> datetime:
    """The inverse of `stamp`."""
    return datetime.fromisoformat(text)


def fold(events: Iterable[Event]) -> State | None:
    """The state after these events; None when there are none."""
    state: State | None = None
    for event in events:
        state = evolve(state, event)
    return state


def evolve(state: State | None, event: Event) -> State:
    """The next state. ValueError when the event cannot follow."""
    if event.type == "Raised":
        if state is not None:
            raise ValueError("a matter is raised once")
        after = _raised(event)
    else:
        if state is None:
            raise ValueError(f"{event.type} before Raised")
        try:
            after = CHANGES[event.type](state, event)
        except KeyError as error:
            raise ValueError(f"{event.type}: {error.args[0]} is unknown or missing") from None
    clock = event.data.get("clock")
    return with_clock(after, clock) if clock else after


def with_clock(state: State, clock: dict[str, Any]) -> State:
    """The state with the clock that an event carries."""
    return replace(
        state,
        due=moment(clock["due"]) if clock["due"] else None,
        warn=moment(clock["warn"]) if clock["warn"] else None,
        provisional=clock["provisional"],
        next_at=moment(clock["next"]) if clock["next"] else None,
    )


def _raised(e: Event) -> State:
    d = e.data
    return State(
        "raised", d["kind"], d["edition"], d["title"], d["description"], d["subject"], d["territory"],
        d["raiser"], e.by, e.at, d["assigner"],
    )  # fmt: skip


def _assigned(s: State, e: Event) -> State:
    d = e.data
    return replace(
        s, state="assigned", lead=d["lead"], supporting=tuple(d["supporting"]), verifier=d["verifier"],
        revisitor=d["revisitor"], limit=Limit.of(d["limit"]), clock_start=moment(d["start"]) if d["start"] else None,
        assigned_at=e.at, accepted_at=None, officer="", final=d["final"], extra=0, spans=(), answered=frozenset(),
    )  # fmt: skip


def _returned(s: State, e: Event) -> State:
    return replace(
        s, state="raised", returned=(*s.returned, s.lead), returned_at=e.at, lead="", supporting=(), clock_start=None
    )


def _accepted(s: State, e: Event) -> State:
    start = moment(e.data["start"]) if e.data["start"] else s.clock_start
    return replace(
        s,
        state="handling",
        officer="" if e.by == "clock" or e.data.get("by_register") else e.by,
        accepted_at=e.at,
        clock_start=start,
        handlers=_with(s, e),
    )


def _with(s: State, e: Event) -> frozenset[str]:
    return s.handlers if e.by == "clock" or e.data.get("by_register") else s.handlers | {e.by}


def _progressed(s: State, e: Event) -> State:
    percent = e.data["percent"]
    return replace(
        s, progress=e.data["text"], percent=s.percent if percent is None else percent, handlers=_with(s, e),
        answered=s.answered | {e.unit} if e.unit in s.supporting else s.answered,
    )  # fmt: skip


def _attached(s: State, e: Event) -> State:
    files = tuple((f["sha256"], f["type"], s.round, e.unit) for f in e.data["files"])
    handlers = _with(s, e) if e.unit == s.lead or e.unit in s.supporting else s.handlers
    return replace(s, evidence=s.evidence + files, handlers=handlers)


def _absorbed(s: State, e: Event) -> State:
    return replace(
        s, evidence=s.evidence + tuple((f["sha256"], f["type"], s.round, f["unit"]) for f in e.data["files"])
    )


def _paused(s: State, e: Event) -> State:
    return replace(
        s, pause_asked=None, paused_from=e.at, paused_until=date.fromisoformat(e.data["until"])
    )  # fmt: skip


def _resumed(s: State, e: Event) -> State:
    assert s.paused_from is not None
    return replace(s, spans=(*s.spans, (s.paused_from, e.at)), paused_from=None, paused_until=None)


def _granted(s: State, e: Event) -> State:
    return replace(s, extra=s.extra + e.data["n"], extension_asked=0)


def _transferred(s: State, e: Event) -> State:
    start = moment(e.data["start"]) if e.data["start"] else s.clock_start
    return replace(
        s, state="assigned", lead=e.data["lead"], supporting=tuple(u for u in s.supporting if u != e.data["lead"]),
        assigned_at=e.at, accepted_at=None, officer="", clock_start=start, spans=() if e.data["start"] else s.spans,
        extension_asked=0, pause_asked=None,
    )  # fmt: skip


def _regraded(s: State, e: Event) -> State:
    return replace(
        s, kind=e.data["kind"], edition=e.data["edition"], limit=Limit.of(e.data["limit"]) if s.limit else None
    )


def _submitted(s: State, e: Event) -> State:
    return replace(
        s, state="submitted", submitted_at=e.at, late=e.data["late"], progress=e.data["text"] or s.progress,
        handlers=_with(s, e), answered=s.answered | set(e.data["waived"]), extension_asked=0, pause_asked=None,
    )  # fmt: skip


def _verified(s: State, e: Event) -> State:
    revisit = e.data["revisit"]
    return replace(
        s, state="closed", closed_at=e.at, revisit_due=date.fromisoformat(revisit) if revisit else None, percent=100
    )


def _sent_back(s: State, e: Event) -> State:
    assert s.submitted_at is not None
    return replace(s, state="handling", spans=(*s.spans, (s.submitted_at, e.at)), submitted_at=None, late=0)


def _revisited(s: State, e: Event) -> State:
    again = e.data.get("next")
    return replace(s, revisited=again is None, revisit_due=date.fromisoformat(again) if again else None)


def _reopened(s: State, e: Event) -> State:
    result = {"round": s.round, "late": s.late, "closed_at": stamp(s.closed_at) if s.closed_at else None}
    return replace(
        s, state="assigned", round=s.round + 1, rounds=(*s.rounds, result), clock_start=e.at, spans=(), extra=0,
        assigned_at=e.at, accepted_at=None, submitted_at=None, closed_at=None, answered=frozenset(), escalated=(),
        revisit_due=None, revisited=False, late=0, percent=0, limit=Limit.of(e.data["limit"]), final=False,
    )  # fmt: skip


AMENDABLE = ("title", "description", "supporting", "verifier", "limit", "territory")


def _amended(s: State, e: Event) -> State:
    changes = dict(e.data["changes"])
    if "supporting" in changes:
        changes["supporting"] = tuple(changes["supporting"])
    if "limit" in changes:
        changes["limit"] = Limit.of(changes["limit"])
    return replace(s, **changes)


CHANGES: dict[str, Callable[[State, Event], State]] = {
    "Assigned": _assigned,
    "Returned": _returned,
    "Accepted": _accepted,
    "Progressed": _progressed,
    "Attached": _attached,
    "Absorbed": _absorbed,
    "PauseAsked": lambda s, e: replace(s, pause_asked=dict(e.data)),
    "PauseRefused": lambda s, e: replace(s, pause_asked=None),
    "Paused": _paused,
    "Resumed": _resumed,
    "ExtensionAsked": lambda s, e: replace(s, extension_asked=e.data["n"]),
    "ExtensionGranted": _granted,
    "ExtensionRefused": lambda s, e: replace(s, extension_asked=0),
    "Transferred": _transferred,
    "Regraded": _regraded,
    "Submitted": _submitted,
    "Verified": _verified,
    "SentBack": _sent_back,
    "Revisited": _revisited,
    "Reopened": _reopened,
    "Merged": lambda s, e: replace(s, state="merged", merged_into=e.data["into"]),
    "Withdrawn": lambda s, e: replace(s, state="withdrawn"),
    "Escalated": lambda s, e: replace(s, escalated=(*s.escalated, e.data["step"])),
    "Amended": _amended,
    "HandedOver": lambda s, e: replace(s, officer=e.data["to"], handlers=s.handlers | {e.data["to"]} - {""}),
    "Reclocked": lambda s, e: s,
}

HARMLESS = frozenset(
    {"HandedOver", "Absorbed", "Progressed", "Attached", "Escalated", "Reclocked", "PauseAsked", "ExtensionAsked"}
)
"""Events that never invalidate a form that was open when they happened."""
