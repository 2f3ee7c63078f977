"""What the clock itself does: reminders, supervision slips, planned resumptions, automatic acceptance, re-clocking.

Any number of workers may run: a step is an event, a place in a stream exists once, and whoever comes second is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from django.db.models import QuerySet

from bihuan.kernel.calendars.selectors import forget, version
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.kinds import AUTOMATIC, Kind
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.domain.state import State

from .many import act_many
from .models import Matter
from .services import act, load
from .writing import Conflict

BATCH = 500


def tick(*, at: datetime) -> int:
    """Do what is due at `at`; how many events came of it. Safe to run anywhere, any number of times."""
    done = 0
    for number in list(
        Matter.objects.filter(next_at__lte=at).order_by("next_at").values_list("number", flat=True)[:BATCH]
    ):
        done += _step(number, at)
    return done


def _step(number: int, at: datetime) -> int:
    state, kind, stream = load(number)
    command = due_command(state, kind, at)
    if command is None:
        return 0
    try:
        act(number=number, command=command, version=stream.seq)
    except (Refused, Conflict):
        # another worker or a person was faster; the next tick looks again
        return 0
    return 1


def due_command(s: State, kind: Kind, at: datetime) -> c.Command | None:
    """What the clock itself has to do to a matter at `at`, if anything."""
    if s.paused:
        return c.Resume(c.CLOCK, at)
    if s.state == "assigned" and kind.auto_accept and s.due is not None and at < s.due:
        return c.Accept(c.CLOCK, at)
    for step in kind.ladder:
        if step.name in AUTOMATIC and step.name not in s.escalated:
            return c.Escalate(c.CLOCK, at, step.name)
    return None


def reclock(
    *, at: datetime, notice: str, territory_path: str = "", progress: Callable[[int, int], bool] = lambda done, of: True
) -> int:
    """Recompute the due dates of open matters (of one territory's subtree) after a calendar changed.

    One event for each that moves; `progress(done, of)` may stop it by returning False. How many moved.
    """
    forget()
    rows = Matter.objects.filter(open=True, territory__path__startswith=territory_path)
    total, moved, done = rows.count(), 0, 0
    for numbers in _numbers(rows):
        if not progress(done, total):
            break
        outcomes = act_many(dict.fromkeys(numbers, c.Reclock(c.CLOCK, at, notice)))
        moved += sum(isinstance(o, Matter) for o in outcomes.values())
        done += len(numbers)
    progress(total, total)
    return moved


def _numbers(rows: QuerySet[Matter]) -> Iterator[list[int]]:
    last = 0
    while batch := list(rows.filter(number__gt=last).order_by("number").values_list("number", flat=True)[:BATCH]):
        yield batch
        last = batch[-1]


class _Known:
    """The calendar by which this worker last reckoned."""

    version: object = None


def follow_calendar(now: datetime) -> int:
    """Recompute due dates where a notice was loaded since this worker last looked; how many moved."""
    found = version()
    if _Known.version is None:
        _Known.version = found
    if found == _Known.version:
        return 0
    moved = reclock(at=now, notice="calendar changed")
    _Known.version = found
    return moved
