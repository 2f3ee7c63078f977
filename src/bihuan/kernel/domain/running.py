"""Whose clock runs, until when, and when the clock itself must act next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from .clocks import Limit, Span, due, last_day, start_of, warn_at
from .kinds import AUTOMATIC, Kind
from .rules import WORKING
from .state import State, stamp
from .workdays import Workdays


def as_data(state: State) -> dict[str, Any]:
    """The clock of a state in the form in which events carry it."""
    return {
        "due": stamp(state.due) if state.due else None,
        "warn": stamp(state.warn) if state.warn else None,
        "provisional": state.provisional,
        "next": stamp(state.next_at) if state.next_at else None,
    }


def running(s: State, kind: Kind) -> tuple[datetime, Limit, int, Sequence[Span]] | None:
    """Whose clock runs: (start, limit, extra, pauses) of the assigner's, the handler's or the verifier's; None when
    it is paused or ended."""
    if s.paused or not s.open:
        return None
    if s.state in WORKING and s.clock_start is not None:
        assert s.limit is not None
        return s.clock_start, s.limit, s.extra, s.spans
    wait, start = {
        "raised": (kind.assign_within, s.returned_at or s.raised_at),
        "assigned": (kind.accept_within, s.assigned_at),
        "submitted": (kind.verify_within, s.submitted_at),
    }[s.state]
    assert start is not None
    return start, Limit("workdays", wait), 0, ()


def clock(s: State, kind: Kind, calendar: Workdays) -> dict[str, Any]:
    """Due, warning, whether provisional, and the next moment at which the clock itself must act."""
    none = {"due": None, "warn": None, "provisional": False, "next": None}
    if s.paused_until is not None and s.open:
        return {**none, "next": stamp(start_of(s.paused_until))}
    found = running(s, kind)
    if found is None:
        return none
    start, limit, extra, pauses = found
    answer = due(start, limit, calendar, extra=extra, pauses=pauses)
    if answer.moment is None:
        return none
    # a short wait for assigning or verifying warns on its last day only
    own = s.state in WORKING and s.clock_start is not None
    warn = warn_at(answer.moment, limit.unit, kind.warn if own else 1, calendar)
    follow = _next_step(s, kind, answer.moment, calendar)
    if s.state == "assigned" and kind.auto_accept and s.assigned_at is not None:
        accept = due(s.assigned_at, Limit("workdays", kind.accept_within), calendar).moment
        follow = min(m for m in (accept, follow) if m is not None)
    return {
        "due": stamp(answer.moment),
        "warn": stamp(warn) if warn else None,
        "provisional": answer.provisional,
        "next": stamp(follow) if follow else None,
    }


def _next_step(s: State, kind: Kind, moment: datetime, calendar: Workdays) -> datetime | None:
    """When the next automatic rung of the ladder is reached, if one is left in this round."""
    for step in kind.ladder:
        if step.name in AUTOMATIC and step.name not in s.escalated:
            if step.after == 0:
                return moment
            day = last_day(moment)
            assert day is not None
            return start_of(calendar.add(day, step.after))
    return None
