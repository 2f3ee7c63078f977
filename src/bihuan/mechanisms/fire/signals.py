"""Autumn from one leaf: early signals of one premises and the points they make. Pure.

A signal asks somebody to look. It never punishes and never ranks people.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal and its points; `within` in days (working days for posts), `months` when it is seasonal."""

    id: str
    name: str
    name_en: str
    points: int
    within: int = 0
    months: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Scheme:
    """All signals; from `warn_at` points a premises stands on the list."""

    warn_at: int
    signals: tuple[Signal, ...]

    def of(self, id_: str) -> Signal:
        """The signal of this name."""
        return next(s for s in self.signals if s.id == id_)


@cache
def shipped(path: Path) -> Scheme:
    """The catalogue's scheme."""
    data = tomllib.loads(path.read_text("utf-8"))
    signals = tuple(
        Signal(s["id"], s["name"], s["name_en"], s["points"], s.get("within", 0), tuple(s.get("months", ())))
        for s in data["signal"]
    )
    return Scheme(data["warn_at"], signals)


@dataclass(frozen=True)
class Facts:
    """What is known of a premises for its signals. Hazards are those raised within the signal's span, by group."""

    today: date
    groups: Sequence[str] = ()
    extensions: int = 0
    """The most extensions granted to one open hazard."""
    sent_back: int = 0
    outages: int = 0
    patrol_gap: bool = False
    tenant_days: int = 0
    post_days: int = 0
    complaints: int = 0
    overdue: int = 0
    unseen: bool = False
    crowded: bool = False


def points(facts: Facts, scheme: Scheme) -> dict[str, int]:
    """Points by signal, those with none left out."""
    repeated = sum(facts.groups.count(g) > 1 for g in set(facts.groups))
    season = scheme.of("season")
    found: Mapping[str, Any] = {
        "repeat": repeated,
        "extended": facts.extensions >= 2,
        "sent_back": facts.sent_back > 0,
        "outage": facts.outages > 0,
        "patrol_gap": facts.patrol_gap,
        "tenant": facts.tenant_days > scheme.of("tenant").within,
        "post": facts.post_days > scheme.of("post").within,
        "complaints": facts.complaints >= 2,
        "overdue": facts.overdue > 0,
        "unseen": facts.unseen,
        "season": facts.crowded and facts.today.month in season.months,
    }
    return {s.id: s.points for s in scheme.signals if found[s.id]}
