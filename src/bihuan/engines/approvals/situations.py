"""Where a project stands within its approvals, what is supposed of it, and the days that its items take. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from bihuan.kernel.domain.refusal import N_, Refused

from .applying import Facts, law_days
from .catalogue import Catalogue, Item

MODES = ("mock", "promise", "staged")
"""Reviewed before its prerequisites hold; promised, to be handed in later; permitted in stages."""
BY = ("promise", "law", "history")
"""Which days count: what offices promise, what the law allows, what the record shows."""
MOST_DAYS = 5_000


@dataclass(frozen=True)
class Situation:
    """Where a project stands, and what is supposed of it.

    `done`: items that are settled, with the day where it is known; `waived`: items that do not apply, with the reason somebody
    gave; `ends`: items under way and the day their answer is due; `ready`: the first day on which an item can be handed in;
    `days`: own durations; `late`: an end not before this day; `works`: working days of the works, None when nobody said.
    """

    as_of: date
    done: Mapping[str, date | None] = field(default_factory=dict)
    waived: Mapping[str, str] = field(default_factory=dict)
    ends: Mapping[str, date] = field(default_factory=dict)
    ready: Mapping[str, date] = field(default_factory=dict)
    days: Mapping[str, int] = field(default_factory=dict)
    late: Mapping[str, date] = field(default_factory=dict)
    modes: Mapping[str, str] = field(default_factory=dict)
    history: Mapping[str, int] = field(default_factory=dict)
    by: str = "promise"
    works: int | None = None


def days_of(item: Item, facts: Facts, s: Situation, c: Catalogue) -> tuple[int, str]:
    """The working days of an item and where they come from: own, commitment, history, promise, law, typical or none."""
    if item.works:
        return (s.works, "own") if s.works is not None else (0, "none")
    if item.id in s.days:
        return s.days[item.id], "own"
    if s.modes.get(item.id) == "promise" and item.commit:
        return 0, "commitment"
    law = law_days(item, facts, c)
    known = {"history": s.history.get(item.id), "promise": item.promise, "law": law, "typical": item.typical}
    if (
        known["promise"] is not None and law is not None and item.law_by
    ):  # a fact shortens the limit: no promise is longer
        known["promise"] = min(known["promise"], law)
    preferred = {"promise": ("promise", "law"), "law": ("law", "promise"), "history": ("history", "promise", "law")}[
        s.by
    ]
    for source in (*preferred, "typical"):
        value = known[source]
        if value is not None:
            return value, source
    return 0, "none"


def checked(facts: Facts, s: Situation, c: Catalogue) -> None:
    """Refused, naming the place, for anything that the catalogue does not know or that cannot be meant."""
    places = {
        "done": s.done, "not_applicable": s.waived, "ends": s.ends, "ready": s.ready, "days": s.days, "late": s.late, "modes": s.modes,
    }  # fmt: skip
    for place, ids in places.items():
        for id_ in ids:
            if id_ not in c.items or (c.items[id_].milestone and place not in ("done", "late")):
                raise Refused(N_("%(item)s is no item of the catalogue."), field=place, item=id_)
    if s.by not in BY:
        raise Refused(N_("Days are counted by promise, law or history, not by %(by)s."), field="by", by=s.by)
    for id_, mode in s.modes.items():
        _may(c.items[id_], mode, facts, c)
    for name, days in {**s.days, **({"works": s.works} if s.works is not None else {})}.items():
        if not 0 <= days <= MOST_DAYS:
            raise Refused(
                N_("%(name)s: a step takes 0 to %(most)s working days."), field="days", name=name, most=MOST_DAYS
            )


def _may(item: Item, mode: str, facts: Facts, c: Catalogue) -> None:
    """Refused unless the way may be taken with this item."""
    later = any(need.later and item.id in need.ids(facts.type) for x in c.items.values() for need in x.needs)
    allowed = {"mock": item.mock, "promise": item.commit or later, "staged": item.optional}
    if mode not in allowed:
        raise Refused(N_("There is no way named %(mode)s."), field="modes", mode=mode)
    if not allowed[mode]:
        told = {
            "mock": N_("%(item)s %(name)s cannot be reviewed before its prerequisites hold."),
            "promise": N_("%(item)s %(name)s can neither be promised nor follow later."),
            "staged": N_("%(item)s %(name)s is no permit in stages."),
        }[mode]
        raise Refused(told, field="modes", item=item.id, name=item.name)
