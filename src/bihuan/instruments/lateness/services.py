"""Judging what is entered, and the second person's deed. The tables are written by those whose records they are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings

from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain import late as rules
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.refusal import N_, Refused, must, need
from bihuan.kernel.orgs.models import Post, Unit
from bihuan.kernel.orgs.selectors import carriers

from . import events
from .models import Late, MayBeLate

TYPES = {True: events.CONFIRMED.name, False: events.DECLINED.name}
"""The event of each decision."""


def spans(at: datetime) -> rules.Spans:
    """The spans in force when something is entered."""
    return rules.spans_on(rules.shipped(settings.CATALOGUE / "record.toml"), local_day(at))


def both_times(at: datetime, entered: datetime) -> bool:
    """Whether a page shows both times."""
    return rules.both_shown(at, entered, spans(entered))


def late(at: datetime, entered: datetime) -> bool:
    """Whether what is entered then of that moment comes late."""
    return rules.came_late(at, entered, spans(entered))


@dataclass(frozen=True)
class Judged:
    """A moment as it is kept, how the record stands with it, and the reason that was given."""

    at: datetime
    late: str
    reason: str


def judge(
    *, at: datetime, entered: datetime, reason: str, opened: datetime | None = None, field: str = "at"
) -> Judged:  # fmt: skip
    """What is entered now of a moment. Refused outside sense (`late.sensible`), and for what came late without a reason."""
    found = spans(entered)
    kept = rules.sensible(at, entered, found, opened, field)
    behind = rules.came_late(kept, entered, found)
    return Judged(kept, Late.WAITING.value if behind else "", rules.reason_given(reason, behind, found))


def sensible_day(day: date, *, at: datetime, field: str) -> None:
    """Refused for a day that somebody types at `at` and that has not come, or lies before anything that may stand in a record."""
    rules.sensible_day(day, local_day(at), spans(at), field)


def second_unit(viewer: Viewer, unit: Unit, place: int | None, mechanism: str, names: Collection[str]) -> str:
    """The unit in whose name the viewer is the second person of a record of `unit`; empty when the viewer is not.

    1. never somebody whose name stands in it: who entered it and who is named as having done it (`names`);
    2. the head of that unit; a leader who oversees place and mechanism; the mechanism's office, for other units' records.
    """
    if rules.same_person(names, (viewer.person.username, viewer.person.name)):
        return ""
    for post in viewer.posts:
        if post.role == Post.Role.HEAD and post.unit_id == unit.pk:
            return unit.code
    if viewer.oversees(place, mechanism):
        return min(p.unit.code for p in viewer.posts if p.role == Post.Role.LEADER)
    return min((viewer.acting & carriers(f"coordinate.{mechanism}")) - {unit.code}, default="")


def decide(row: MayBeLate, *, viewer: Viewer, unit: str, counts: bool, words: str, at: datetime) -> list[str]:
    """Write the decision into a row that the caller has locked and saves; the names of the columns. `unit` is what
    `second_unit` said.

    What was declined may still be confirmed, and what was confirmed be taken back, by a new decision with its words. Refused
    for others, for what was entered in time, for the decision that stands already, and for a refusal without words.
    """
    must(bool(unit))
    wanted = Late.CONFIRMED if counts else Late.DECLINED
    if not row.late:
        raise Refused(N_("This was entered in time."))
    if row.late == wanted:
        raise Refused(N_("This was decided already."))
    if not counts or row.late != Late.WAITING:
        need(words, "words")
    row.late, row.late_by, row.late_at = wanted.value, viewer.person.username, at
    return ["late", "late_by", "late_at"]
