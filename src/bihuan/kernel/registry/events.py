"""Types of events: what their data hold, and how they are said."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bihuan.kernel.domain.state import Event, moment

from .registry import Registry

Words = Any
"""A lazily translated text."""


@dataclass(frozen=True)
class Names:
    """Names for codes, as far as a page has looked them up: units by code, people by account."""

    units: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)

    def unit(self, code: str) -> str:
        """A unit's name, its code where it is unknown."""
        return self.units.get(code, code)

    def person(self, username: str) -> str:
        """A person's name, the account where it is unknown."""
        return self.people.get(username, username)

    def unit_list(self, codes: Any) -> str:
        """Names of units, one after the other."""
        return "、".join(self.unit(c) for c in codes)


@dataclass(frozen=True)
class EventType:
    """A type of event.

    `data` says for each key what stands there, in the words of `SHAPES`; a key that ends with `?` may be missing, `{}` as
    a shape is an object of any keys, `outer.inner` a key of an object that must be there. `words` say in a story what was done; `notes` adds what its data tell, `text` is the key
    whose words stand below. Where units are told (`data["tell"]`), `why` is their part, `said` the words of the notice.
    """

    name: str
    words: Words
    data: Mapping[str, str] | None = field(default_factory=dict)
    tone: str = ""
    text: str = ""
    notes: Callable[[Event, Names], list[str]] | None = None
    said: Words = ""
    why: str = ""
    urgent: bool = False


types: Registry[EventType] = Registry("event type")


def register(*found: EventType) -> None:
    """Say types of events. ValueError for a shape that is none."""
    for entry in found:
        for key, shape in (entry.data or {}).items():
            _reader(shape, f"{entry.name}.{key}")
        types.add(entry.name, entry)


class UnknownEvent(ValueError):
    """An event of a type that nobody registered, or whose data are not what its type says."""


def check(name: str, data: Mapping[str, Any]) -> None:
    """UnknownEvent unless the data have exactly the keys and shapes of the type."""
    entry = types.get(name)
    if entry is None:
        raise UnknownEvent(f"nobody registered events of type {name!r}")
    if entry.data is not None:
        _fits(name, data, entry.data)


def _fits(where: str, data: Mapping[str, Any], wanted: Mapping[str, str]) -> None:
    shapes: dict[str, tuple[str, bool]] = {}
    inside: dict[str, dict[str, str]] = {}
    for key, shape in wanted.items():
        first, dot, rest = key.partition(".")
        if dot:
            inside.setdefault(first, {})[rest] = shape
        else:
            shapes[key.removesuffix("?")] = (shape, key.endswith("?"))
    for key, value in data.items():
        if key in inside and isinstance(value, dict):
            _fits(f"{where}.{key}", value, inside[key])
        elif key not in shapes:
            raise UnknownEvent(f"{where}: nobody registered what {key!r} holds ({value!r})")
        elif not _reader(shapes[key][0], where)(value):
            raise UnknownEvent(f"{where}: {key} should be {shapes[key][0]}, it is {value!r}")
    for key in (k for k in (*inside, *(k for k, (_, optional) in shapes.items() if not optional)) if k not in data):
        raise UnknownEvent(f"{where}: {key} is missing")


def _is_date(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value) is not None
    except ValueError:
        return False


def _is_moment(value: Any) -> bool:
    try:
        return isinstance(value, str) and moment(value).tzinfo is not None
    except ValueError:
        return False


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _str(value: Any) -> bool:
    return isinstance(value, str)


SHAPES: dict[str, Callable[[Any], bool]] = {
    "str": _str,
    "text": _str,
    "code": _str,
    "unit": _str,
    "person": _str,
    "stream": _str,
    "hash": _str,
    "date": _is_date,
    "month": lambda v: isinstance(v, str) and re.fullmatch(r"\d{4}-\d{2}", v) is not None,
    "moment": _is_moment,
    "bool": lambda v: isinstance(v, bool),
    "int": _whole,
    "id": _whole,
    "days": _whole,
    "fen": _whole,
    "percent": _whole,
    "hundredths": _whole,
    "any": lambda v: True,
    "{}": lambda v: isinstance(v, dict),
    "[]": lambda v: isinstance(v, list),
}
"""Shapes: text for people, codes of units and accounts, ISO days, months and moments (UTC, microseconds), money in fen, points in
hundredths, `{}` an object, `[]` a list. `X|null` may be null as well, `X|''` may be empty, `[X]` is a list of X, `{X}` an object of X."""


def _reader(shape: str, where: str) -> Callable[[Any], bool]:
    if shape in SHAPES:
        return SHAPES[shape]
    if shape.endswith("|null"):
        inner = _reader(shape.removesuffix("|null"), where)
        return lambda v: v is None or inner(v)
    if shape.endswith("|''"):
        inner = _reader(shape.removesuffix("|''"), where)
        return lambda v: v == "" or inner(v)
    if shape.startswith("[") and shape.endswith("]"):
        inner = _reader(shape[1:-1], where)
        return lambda v: isinstance(v, list) and all(inner(x) for x in v)
    if shape.startswith("{") and shape.endswith("}"):
        inner = _reader(shape[1:-1], where)
        return lambda v: isinstance(v, dict) and all(inner(x) for x in v.values())
    raise ValueError(f"{where}: {shape!r} is no shape")
