"""Events as people read them: who did what, in whose name, when, and with which words. What they mean, each type says itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bihuan.instruments.lateness.services import both_times
from bihuan.kernel.domain.state import Event
from bihuan.kernel.orgs.models import Person, Unit
from bihuan.kernel.registry.events import Names, types


@dataclass(frozen=True)
class Entry:
    """One line of a history."""

    event: Event
    who: str
    unit: str
    verb: Any
    tone: str
    text: str
    notes: list[str] = field(default_factory=list)
    entered: datetime | None = None
    """Set when it was entered long after it happened (catalogue/record.toml): a back-dated entry shows itself."""
    seq: int = 0
    """Its place in its stream, where all of a stream is told."""


def history(events: Sequence[Event], entered: Sequence[datetime] = ()) -> list[Entry]:
    """The events, newest first, with names for codes; `entered` are their entry times, where known."""
    names = names_in(events)
    told = [replace(_entry(e, names), seq=i) for i, e in enumerate(events, 1)]
    for i, when in enumerate(entered):
        if both_times(events[i].at, when):
            told[i] = replace(told[i], entered=when)
    return told[::-1]


def names_in(events: Iterable[Event]) -> Names:
    """The names of all units and people that events name: by what their types say stands where."""
    units, people = set(), set()
    for e in events:
        units.add(e.unit)
        people.add(e.by)
        entry = types.get(e.type)
        for key, shape in (entry.data or {} if entry else {}).items():
            if "unit" in shape:
                units |= set(_texts(e.data.get(key.removesuffix("?"))))
            if "person" in shape:
                people |= set(_texts(e.data.get(key.removesuffix("?"))))
    return Names(
        dict(Unit.objects.filter(code__in=units).values_list("code", "name")),
        dict(Person.objects.filter(username__in=people).values_list("username", "name")),
    )


def _texts(value: Any) -> list[str]:
    """The texts in a value: itself, or those of a list or an object."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [v for v in value.values() if isinstance(v, str)]
    return [v for v in value or () if isinstance(v, str)]


def _entry(e: Event, names: Names) -> Entry:
    kind = types.get(e.type)
    if kind is None:
        return Entry(
            e, names.person(e.by), names.unit(e.unit), _("did something that this edition does not know"), "", ""
        )
    text = str(e.data.get(kind.text) or "") if kind.text else ""
    notes = kind.notes(e, names) if kind.notes else []
    return Entry(
        e, _actor(e.by, names), names.unit(e.unit), kind.words, kind.tone, "" if text == "register" else text, notes
    )


def _actor(by: str, names: Names) -> str:
    """Who did it: a person's name, or what acts by itself."""
    return {
        "clock": _("the clock"),
        "planner": _("the planner"),
        "door": _("somebody at the door"),
        "shell": _("the operator"),
        "catalogue": _("the catalogue"),
        "demonstration": _("the demonstration"),
    }.get(by) or names.person(by)
