"""When something happened against when it was entered: what makes sense at all, and what came late. Pure.

The spans are dated data (catalogue/record.toml). What was decided on entry is kept with the record, so that a later edition
changes nothing of what stands.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from .clocks import local_day
from .kinds import BadCatalogue
from .refusal import N_, Refused

LONGEST_REASON = 300
_BESIDE = re.compile(r"\W+")


@dataclass(frozen=True, slots=True)
class Spans:
    """One edition: how far a clock may be ahead; from which distance between happening and entry on both times are shown, it
    came late, or is not taken at all; how long before its file was opened; how far ahead
    plans may lie; the first day that anything may have."""

    valid_from: date
    ahead: timedelta
    shown: timedelta
    late: timedelta
    oldest: timedelta
    before_file: timedelta
    planned: timedelta
    earliest: date
    source: str
    confirmed: bool


def editions(entries: Iterable[Mapping[str, Any]], where: str) -> tuple[Spans, ...]:
    """Editions from their data, the oldest first. BadCatalogue names the place."""
    found = []
    for entry in entries:
        at = f"{where}, {entry.get('valid_from')}"
        try:
            made = Spans(
                entry["valid_from"], timedelta(minutes=entry["ahead_minutes"]), timedelta(hours=entry["shown_hours"]),
                timedelta(hours=entry["late_hours"]), timedelta(days=entry["oldest_days"]), timedelta(days=entry["before_file_days"]),
                timedelta(days=entry["planned_days"]),
                entry["earliest"], entry["source"], entry["confirmed"],
            )  # fmt: skip
        except KeyError as error:
            raise BadCatalogue(f"{at}: {error.args[0]} is missing") from None
        except TypeError as error:
            raise BadCatalogue(f"{at}: {error}") from None
        if not timedelta() <= made.ahead <= made.shown <= made.late < made.oldest or made.before_file < timedelta():
            raise BadCatalogue(f"{at}: the spans must grow from ahead to shown, late and oldest")
        found.append(made)
    if not found:
        raise BadCatalogue(f"{where}: no spans")
    return tuple(sorted(found, key=lambda s: s.valid_from))


@cache
def shipped(path: Path) -> tuple[Spans, ...]:
    """The catalogue's editions."""
    return editions(tomllib.loads(path.read_text("utf-8"))["spans"], path.name)


def spans_on(found: tuple[Spans, ...], day: date) -> Spans:
    """The edition in force on a day; before the first one, the first."""
    return next((s for s in reversed(found) if s.valid_from <= day), found[0])


def sensible(
    at: datetime, entered: datetime, spans: Spans, opened: datetime | None = None, field: str = "at"
) -> datetime:  # fmt: skip
    """`at` as it is kept: what a clock a little ahead calls later than now is now. Refused for the future, for what lies too
    far back, and for long before `opened`, when the file of the place was opened; any moment that datetime holds may come."""
    if at > entered + spans.ahead:
        raise Refused(
            N_("The time lies in the future: put the time, or the clock of the device, right."), field=field
        )  # fmt: skip
    if at < entered - spans.oldest:
        raise Refused(
            N_("The time lies more than %(n)s days back: what is so old is not taken any more. Is the date right?"),
            field=field, n=spans.oldest.days,
        )  # fmt: skip
    if opened is not None and at < opened - spans.before_file:
        raise Refused(
            N_("The time lies more than %(n)s days before the file was opened (%(day)s). Is the date right?"), field=field,
            n=spans.before_file.days, day=local_day(opened).isoformat(),
        )  # fmt: skip
    return min(at, entered)


def plannable(at: datetime, entered: datetime, spans: Spans, field: str) -> None:
    """Refused for what is planned too far ahead."""
    if at > entered + spans.planned:
        raise Refused(
            N_("The time lies more than %(n)s days ahead. Is the date right?"), field=field, n=spans.planned.days
        )  # fmt: skip


def sensible_day(day: date, today: date, spans: Spans, field: str) -> None:
    """Refused for a day that has not come, and for one before anything that may stand in a record."""
    if day > today:
        raise Refused(N_("This lies in the future."), field=field)
    if day < spans.earliest:
        raise Refused(
            N_("This lies before %(day)s. Is the date right?"), field=field, day=spans.earliest.isoformat()
        )  # fmt: skip


def both_shown(at: datetime, entered: datetime, spans: Spans) -> bool:
    """Whether happening and entry lie so far apart that both are shown."""
    return entered - at > spans.shown


def came_late(at: datetime, entered: datetime, spans: Spans) -> bool:
    """Whether it came so late that it needs a reason and a second person."""
    return entered - at > spans.late


def reason_given(reason: str, late: bool, spans: Spans) -> str:
    """The reason as it is kept; one for what was in time is not kept. Refused when what came late has none."""
    told = " ".join(reason.split())
    if not late:
        return ""
    if not told:
        raise Refused(
            N_("This was %(n)s hours ago or more: write down why it is entered only now. A second person must confirm it."),
            field="reason", n=spans.late // timedelta(hours=1),
        )  # fmt: skip
    if len(told) > LONGEST_REASON:
        raise Refused(N_("The reason has at most %(n)s characters."), field="reason", n=LONGEST_REASON)
    return told


def same_person(names: Iterable[str], person: Iterable[str]) -> bool:
    """Whether one of the names that stand in a record is the person's, however it is spaced and whatever stands beside it."""
    mine = {plain(n) for n in person} - {""}
    return any(mine & {plain(n), *(plain(part) for part in _BESIDE.split(n))} for n in names)


def plain(name: str) -> str:
    """A name without spaces and case, to compare it."""
    return "".join(name.split()).casefold()
