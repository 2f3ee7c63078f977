"""Geometry of the drawn charts: the Gantt of nodes and the curve of investment, drawn as SVG, so they print and need no script;
and the district's map with figures."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings

from bihuan.instruments.projects.rules import Project
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain.money import FEN_OF_WAN
from bihuan.kernel.domain.months import months_later

WIDTH, ROW, TOP, LABEL = 720, 24, 22, 96


@dataclass(frozen=True)
class Bar:
    """One node of the Gantt: x and width of its planned and of its real span; -1 where there is none."""

    id: str
    y: int
    plan: tuple[float, float] | None
    real: tuple[float, float] | None
    mark: float | None
    reached: bool
    late: int
    planned: date | None
    end: date | None


@dataclass(frozen=True)
class Gantt:
    """The whole drawing."""

    height: int
    bars: tuple[Bar, ...]
    months: tuple[tuple[float, str], ...]
    today: float | None


def gantt(project: Project, today: date, path: str) -> Gantt | None:
    """The Gantt of a project's nodes; None when no node has a day."""
    days = [d for n in project.nodes for d in (n.planned, n.expected(today)) if d]
    if not days:
        return None
    first, last = min(days) - timedelta(days=20), max(*days, today) + timedelta(days=10)
    scale = (WIDTH - LABEL - 8) / max((last - first).days, 1)

    def x(day: date) -> float:
        return round(LABEL + (day - first).days * scale, 1)

    calendar = calendar_for(path)
    bars, plan_from, real_from = [], first, first
    for i, node in enumerate(project.nodes):
        end = node.expected(today)
        plan = (x(plan_from), round(max(x(node.planned) - x(plan_from), 2), 1)) if node.planned else None
        start = min(real_from, end) if end else real_from
        real = (x(start), round(max(x(end) - x(start), 2), 1)) if end else None
        bars.append(
            Bar(
                node.id,
                TOP + i * ROW,
                plan,
                real,
                x(end) if end else None,
                node.actual is not None,
                node.slip(today, calendar),
                node.planned,
                end,
            )
        )
        plan_from, real_from = node.planned or plan_from, end or real_from
    span = (last - first).days
    step = 1 if span < 400 else 3 if span < 1200 else 12
    month = months_later(first.replace(day=1), 1)
    months: list[tuple[float, str]] = []
    while month <= last:
        if (month.month - 1) % step == 0:
            months.append(
                (x(month), f"{month.year}-{month.month:02}" if month.month == 1 or not months else f"{month.month}")
            )
        month = months_later(month, 1)
    return Gantt(TOP + len(bars) * ROW + 6, tuple(bars), tuple(months), x(today) if first <= today <= last else None)


@dataclass(frozen=True)
class Curve:
    """The curve: points of plan and of what was invested, the axis, and the table behind it."""

    plan: str
    real: str
    dots: tuple[tuple[float, float], ...]
    ticks: tuple[tuple[float, str], ...]
    months: tuple[tuple[float, str], ...]
    rows: tuple[tuple[str, int, int | None], ...]


def curve(project: Project, year: int) -> Curve | None:
    """Investment of a year against its plan; None without either."""
    rows = project.curve(year)
    top = max([planned for _, planned, _ in rows] + [spent or 0 for _, _, spent in rows])
    if not top:
        return None
    left, width, base, height = 64, 640, 170, 150

    def point(i: int, value: int) -> tuple[float, float]:
        return round(left + width * (i + 0.5) / 12, 1), round(base - height * value / top, 1)

    plan = [point(i, planned) for i, (_, planned, _) in enumerate(rows)]
    real = [point(i, spent) for i, (_, _, spent) in enumerate(rows) if spent is not None]
    ticks = tuple((round(base - height * k / 4, 1), f"{round(top * k / 4 / FEN_OF_WAN):,}") for k in range(5))
    months = tuple((point(i, 0)[0], str(i + 1)) for i in range(12))
    return Curve(_points(plan), _points(real), tuple(real), ticks, months, tuple(rows))


def _points(found: list[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in found)


def district_map(places: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """What a page needs of the district's map (GeoJSON, a setting): `map` with the figures of each place (`code`, `n`, `red`,
    `amber`) and its own note as `map_note`; both empty where there is none."""
    path = settings.MAP
    if not path or not path.is_file():
        return {"map": "", "map_note": ""}
    shapes: dict[str, Any] = json.loads(path.read_text("utf-8"))
    figures = {p["code"]: p for p in places}
    for feature in shapes["features"]:
        props = feature["properties"]
        props |= {"n": 0, "red": 0, "amber": 0, **figures.get(props.get("code", ""), {})}
    return {"map": json.dumps(shapes, ensure_ascii=False), "map_note": shapes.get("note", "")}
