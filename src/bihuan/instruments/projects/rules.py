"""What a project's file says: the typed reading of its body, its sums, its curve and how its nodes stand. Pure.

Money is in fen. Months are `2024-04`. Dates of nodes and permits are days.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from bihuan.kernel.domain.money import FEN_OF_WAN
from bihuan.kernel.domain.workdays import Workdays


@dataclass(frozen=True)
class Word:
    """A word of the catalogue: a node, an element or a kind of permit with its months of validity (0: none known)."""

    id: str
    name: str
    name_en: str
    months: int = 0
    basis: str = ""
    confirmed: bool = True


@dataclass(frozen=True)
class Catalogue:
    """The words of project files, in their order."""

    nodes: tuple[Word, ...]
    elements: tuple[Word, ...]
    permits: tuple[Word, ...]
    levels: tuple[str, ...]
    industries: tuple[str, ...]
    problems: tuple[str, ...]


@cache
def catalogue(path: Path) -> Catalogue:
    """The catalogue of this file."""
    data = tomllib.loads(path.read_text("utf-8"))
    words = {name: tuple(Word(**entry) for entry in data[name]) for name in ("node", "element", "permit")}
    return Catalogue(
        words["node"], words["element"], words["permit"], tuple(data["levels"]), tuple(data["industries"]),
        tuple(data["problems"]),
    )  # fmt: skip


@dataclass(frozen=True)
class Node:
    """A node of the plan. `end` is what counts now: the actual day, else the forecast, else the plan."""

    id: str
    planned: date | None = None
    forecast: date | None = None
    actual: date | None = None

    @property
    def end(self) -> date | None:
        """The day it was reached, or is expected."""
        return self.actual or self.forecast or self.planned

    def expected(self, today: date) -> date | None:
        """`end`, but a day that has passed without the node being reached means today at the earliest."""
        if self.actual or self.end is None:
            return self.actual
        return max(self.end, today)

    def slip(self, today: date, calendar: Workdays) -> int:
        """Working days behind the plan, negative when ahead; 0 without a plan."""
        reached = self.expected(today)
        if self.planned is None or reached is None or reached == self.planned:
            return 0
        if reached > self.planned:
            return calendar.count(self.planned, reached)
        return -calendar.count(reached, self.planned)


@dataclass(frozen=True)
class Month:
    """A month's report: money in fen, words, and when it was entered."""

    month: str
    plan: int | None = None
    actual: int | None = None
    progress: str = ""
    problem: str = ""
    reported: str = ""
    """The day of the report, ISO; empty for a month that only has a plan."""


@dataclass(frozen=True)
class Element:
    """What a project needs: `state` is open, blocked, done or none (not needed)."""

    id: str
    state: str
    note: str = ""
    due: date | None = None


@dataclass(frozen=True)
class Permit:
    """A permit and the last day on which it holds."""

    key: str
    id: str
    number: str
    granted: date | None
    lapses: date | None
    used: bool = False
    """What it permits has begun in time, so that it no longer lapses."""


@dataclass(frozen=True)
class Visit:
    """A visit by the service officer or a leader."""

    key: str
    day: date
    unit: str
    text: str


@dataclass(frozen=True)
class Project:
    """The reading of one file."""

    identity: Mapping[str, Any] = field(default_factory=dict)
    nodes: tuple[Node, ...] = ()
    years: Mapping[str, int] = field(default_factory=dict)
    months: Mapping[str, Month] = field(default_factory=dict)
    elements: tuple[Element, ...] = ()
    permits: tuple[Permit, ...] = ()
    visits: tuple[Visit, ...] = ()
    parties: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    excuse: Mapping[str, str] = field(default_factory=dict)

    def node(self, id_: str) -> Node:
        """The node of this name, an empty one when the plan does not have it."""
        return next((n for n in self.nodes if n.id == id_), Node(id_))

    @property
    def total(self) -> int | None:
        """The whole investment."""
        return self.identity.get("total")

    @property
    def industry(self) -> str:
        """Its industry."""
        return str(self.identity.get("industry", ""))

    @property
    def batch(self) -> str:
        """The batch of the three-batches campaign, such as 第十期."""
        return str(self.identity.get("batch", ""))

    def now(self) -> Node | None:
        """The first node that is not reached."""
        return next((n for n in self.nodes if n.actual is None), None)

    def spent(self, year: int, until: str = "9999") -> int:
        """Invested in a year up to and including the month `until`."""
        return sum(m.actual or 0 for k, m in self.months.items() if k.startswith(f"{year}-") and k <= until)

    def cumulative(self, until: str = "9999") -> int:
        """Invested since the beginning: what stood in the file before its first month, and the months."""
        before = int(self.identity.get("before", 0))
        return before + sum(m.actual or 0 for k, m in self.months.items() if k <= until)

    def year_plan(self, year: int) -> int:
        """The plan of a year, 0 when there is none."""
        return self.years.get(str(year), 0)

    def month_plan(self, month: str) -> int:
        """The plan of a month: its own, else an even share, in whole 万元, of what the year still leaves to the others."""
        own = self.months.get(month)
        if own is not None and own.plan is not None:
            return own.plan
        year = int(month[:4])
        fixed = [m.plan for k, m in self.months.items() if k.startswith(month[:4]) and m.plan is not None]
        free = 12 - len(fixed)
        return max(self.year_plan(year) - sum(fixed), 0) // free // FEN_OF_WAN * FEN_OF_WAN if free else 0

    def curve(self, year: int) -> list[tuple[str, int, int | None]]:
        """(month, planned so far, invested so far) for each month of a year; None from the first month not reported."""
        found: list[tuple[str, int, int | None]] = []
        planned = spent = 0
        last = max((k for k, m in self.months.items() if m.actual is not None and k.startswith(f"{year}-")), default="")
        for n in range(1, 13):
            name = f"{year}-{n:02}"
            planned += self.month_plan(name)
            month = self.months.get(name)
            spent += (month.actual or 0) if month else 0
            found.append((name, planned, spent if name <= last else None))
        if found and self.year_plan(year) and all(m.plan is None for m in self.months.values()):
            found[-1] = (found[-1][0], self.year_plan(year), found[-1][2])  # what even shares leave over
        return found

    def last_month(self) -> Month | None:
        """The latest month that was reported."""
        told = [m for m in self.months.values() if m.reported]
        return max(told, key=lambda m: m.month, default=None)


LOOKING = "approve."
"""Roles that begin so belong to units that decide on the project: they see its file, and do not keep it."""


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None


def read(body: Mapping[str, Any], words: Catalogue) -> Project:
    """The typed reading of a file's body."""
    nodes = body.get("node", {})
    elements = body.get("element", {})
    return Project(
        identity=body.get("identity", {}).get("main", {}),
        nodes=tuple(
            Node(w.id, *(_day(nodes[w.id].get(k)) for k in ("planned", "forecast", "actual")))
            for w in words.nodes
            if w.id in nodes
        ),
        years={k: v["plan"] for k, v in body.get("year", {}).items() if "plan" in v},
        months={
            k: Month(
                k, v.get("plan"), v.get("actual"), v.get("progress", ""), v.get("problem", ""), v.get("reported", "")
            )
            for k, v in sorted(body.get("month", {}).items())
        },
        elements=tuple(
            Element(
                w.id,
                elements[w.id].get("state", "open"),
                elements[w.id].get("note", ""),
                _day(elements[w.id].get("due")),
            )
            for w in words.elements
            if w.id in elements
        ),
        permits=tuple(
            Permit(k, v["id"], v.get("number", ""), _day(v.get("granted")), _day(v.get("lapses")), bool(v.get("used")))
            for k, v in sorted(body.get("permit", {}).items())
        ),
        visits=tuple(
            sorted(
                (
                    Visit(k, date.fromisoformat(v["day"]), v["unit"], v["text"])
                    for k, v in body.get("visit", {}).items()
                ),
                key=lambda v: (v.day, v.key),
                reverse=True,
            )
        ),
        parties={role: told for role, told in body.get("parties", {}).items() if not role.startswith(LOOKING)},
        excuse=body.get("excuse", {}).get("main", {}),
    )


def running(project: Project) -> list[Permit]:
    """The permits whose time still runs: most of them lapse only while works have not begun."""
    begun = project.node("start").actual is not None
    return [p for p in project.permits if p.lapses and not p.used and (p.id == "other" or not begun)]
