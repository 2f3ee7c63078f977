"""Metrics that schemes may ask for. Sources bring them: instruments and mechanisms register theirs; nobody types a figure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from bihuan.engines.scoring import Fact
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.clocks import end_of, local_day, start_of
from bihuan.kernel.registry.registry import Registry

Facts = dict[str, dict[int, Fact]]
"""Metric → unit id → fact."""


@dataclass(frozen=True)
class Span:
    """Days of a year up to a moment: what happened from `begin` on, as it stood at `at`, or at the end of the last day."""

    begin: date
    end: date
    at: datetime

    @property
    def start(self) -> datetime:
        """The first moment."""
        return start_of(self.begin)

    @property
    def stop(self) -> datetime:
        """The first moment that does not count: what happened at `at` itself does, but never after the last day."""
        return min(end_of(self.end), self.at + timedelta(microseconds=1))

    @property
    def day(self) -> date:
        """The last day that counts."""
        return min(self.end, local_day(self.at))


def year_span(year: int, at: datetime, quarter: int = 4) -> Span:
    """A year up to the end of a quarter, as of a moment."""
    end = date(year, quarter * 3 + 1, 1) - timedelta(days=1) if quarter < 4 else date(year, 12, 31)
    return Span(date(year, 1, 1), end, at)


@dataclass(frozen=True)
class Metric:
    """A figure of one unit. `whole` tells whether it counts out of something."""

    id: str
    name: str
    """A message id; pages translate it."""
    whole: bool
    better: str = "more"


@dataclass(frozen=True)
class Row:
    """One thing behind a figure: `kind` and `key` say where it is shown; `good` whether it counted."""

    kind: str
    key: str
    label: str
    good: bool
    at: datetime | date | None = None
    note: str = ""


@dataclass(frozen=True)
class Since:
    """What happened since facts were reckoned: streams that went on, by the word before the colon, and the time that passed."""

    streams: Mapping[str, Collection[str]]
    then: datetime
    now: datetime
    bodies: Mapping[str, Collection[dict[str, Any]]] = field(default_factory=dict)
    """Data of events that moved something from one unit to another, by their type."""


@dataclass(frozen=True)
class Source:
    """Where metrics come from. `touched` names the units whose facts may differ since; None when that cannot be said."""

    id: str
    metrics: tuple[Metric, ...]
    measure: Callable[[Span, Collection[int] | None], Facts]
    rows: Callable[[Viewer, str, int, Span], Iterable[Row]]
    touched: Callable[[Since], Collection[int] | None]


_sources: Registry[Source] = Registry("source of figures")


def register(*found: Source) -> None:
    """Say sources, from the face of the app that brings them. ValueError for a metric that two bring."""
    for source in found:
        twice = {m.id for m in source.metrics} & set(metrics())
        if twice:
            raise ValueError(f"two sources bring {sorted(twice)}")
        _sources.add(source.id, source)


def sources() -> tuple[Source, ...]:
    """All of them."""
    return tuple(_sources)


def metrics() -> dict[str, Metric]:
    """Every metric by id."""
    return {m.id: m for s in _sources for m in s.metrics}


def fact_of(metric: str, facts: Mapping[str, Fact]) -> Fact | None:
    """A unit's fact; a plain count of which there is none is nought, a share of nothing is unknown."""
    found = facts.get(metric)
    return found if found is not None or metrics()[metric].whole else Fact(0)


def source_of(metric: str) -> Source:
    """Who brings a metric. LookupError when nobody does."""
    for source in _sources:
        if any(m.id == metric for m in source.metrics):
            return source
    raise LookupError(metric)
