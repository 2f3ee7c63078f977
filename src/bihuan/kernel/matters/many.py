"""One command each for many matters in one transaction: bulk actions of a list, re-clocking."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.ledger.services import StaleStream, append_many, drafted, entry_time

from .models import Matter
from .projection import stream_of
from .remembered import heads
from .services import act, not_future
from .writing import Conflict, Step, decide, write_more, written

Outcome = Matter | Refused | Conflict | None
"""The matter as it stands now, why it was not done, or None where there was nothing to do."""


def act_many(commands: Mapping[int, c.Command]) -> dict[int, Outcome]:
    """Give each matter its command; every one that can be done is its own event, and those that cannot say why.

    All that can be done is done in one transaction; where somebody wrote to one of them in the same moment, each is tried
    alone. Refused as a whole for a moment that has not come.
    """
    for command in commands.values():
        not_future(command.at)
    try:
        return _together(commands)
    except StaleStream:
        return {number: _alone(number, command) for number, command in commands.items()}


def _alone(number: int, command: c.Command) -> Outcome:
    try:
        return act(number=number, command=command)
    except (Refused, Conflict) as error:
        return error


@transaction.atomic
def _together(commands: Mapping[int, c.Command]) -> dict[int, Outcome]:
    found, out, steps = heads(list(commands)), dict[int, Outcome](), list[Step]()
    for number, command in commands.items():
        try:
            step = decide(number, command, None, *found[number])
        except Refused as error:
            out[number] = error
            continue
        out[number] = None
        if step is not None:
            steps.append(step)
    rows: list[dict[str, Any]] = []
    ends = {}
    for step in steps:
        new, ends[step.number] = drafted(
            stream=stream_of(step.number),
            events=step.events,
            after=step.found.end,
            entered_at=entry_time(step.events[0].at),
        )
        rows += new
    if rows:
        changed = [{"number": s.number, **s.changed, "version": ends[s.number][0]} for s in steps]
        append_many(rows, Matter, "number", changed)
    for step in steps:
        if step.more:
            write_more(step)
        out[step.number] = written(step, ends[step.number])
    return out
