"""Geometry of a project's path: the Gantt of what is left, and the graph of what waits for what; drawn as SVG."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from bihuan.engines.approvals.path import Path, Step
from bihuan.kernel.domain.months import months_later

WIDTH, LABEL, ROW, TOP = 900, 250, 20, 24
BOX, GAP_X, GAP_Y, LEFT = 118, 30, 8, 6
BOX_HEIGHT = 34


@dataclass(frozen=True)
class Bar:
    """One item of the Gantt: its bar, the slack behind it, all in pixels."""

    id: str
    name: str
    y: int
    x: float
    width: float
    slack: float
    critical: bool
    step: Step


@dataclass(frozen=True)
class PathGantt:
    """The drawing: height, bars, ticks of time, x of today and of the goal."""

    height: int
    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, str], ...]
    goal: float | None


def path_gantt(path: Path, name: str) -> PathGantt | None:
    """The Gantt of what is left, milestones among it; None when nothing is. `name` is the column of names."""
    rows = [
        s
        for s in path.steps.values()
        if s.start and s.end and not (path.catalogue.items[s.id].milestone and s.id not in ("START", "BUILT"))
    ]
    if not rows:
        return None
    rows.sort(key=lambda s: (s.start, s.end, path.catalogue.order.index(s.id)))
    first = path.situation.as_of
    last = max(
        [s.end for s in rows if s.end] + [s.latest_end for s in rows if s.latest_end and s.slack < 60]
    ) + timedelta(days=2)
    scale = (WIDTH - LABEL - 8) / max((last - first).days, 1)

    def x(day: date) -> float:
        return round(LABEL + min((day - first).days, (last - first).days) * scale, 1)

    bars = []
    for i, s in enumerate(rows):
        assert s.start
        assert s.end
        assert s.latest_end
        item = path.catalogue.items[s.id]
        width = max(round(x(s.end) - x(s.start), 1), 3)
        slack = max(round(x(s.latest_end) - x(s.end), 1), 0)
        bars.append(Bar(s.id, getattr(item, name), TOP + i * ROW, x(s.start), width, slack, s.critical, s))
    step = 1 if (last - first).days < 400 else 3 if (last - first).days < 1200 else 12
    month = months_later(first.replace(day=1), 1)
    ticks: list[tuple[float, str]] = [(x(first), first.isoformat())]
    while month <= last:
        if (month.month - 1) % step == 0 and (month - first).days * scale > 70:
            ticks.append((x(month), f"{month.year}-{month.month:02}"))
        month = months_later(month, 1)
    kept = [t for i, t in enumerate(ticks) if i == 0 or t[0] - ticks[i - 1][0] > 46]
    end = path.end
    return PathGantt(TOP + len(bars) * ROW + 8, tuple(bars), tuple(kept), x(end) if end else None)


@dataclass(frozen=True)
class Box:
    """One item of the graph."""

    id: str
    name: str
    x: int
    y: int
    state: str
    critical: bool


@dataclass(frozen=True)
class Line:
    """What waits for what, from right edge to left edge."""

    x1: int
    y1: int
    x2: int
    y2: int
    critical: bool


@dataclass(frozen=True)
class Graph:
    """The graph: size, boxes by depth, lines."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def path_graph(path: Path, name: str) -> Graph | None:
    """Items that apply, each to the right of all it waits for; those that nothing binds to anything are left out."""
    c = path.catalogue
    on = {i: s for i, s in path.steps.items() if s.applies and s.state not in ("none", "open")}
    edges = {
        (m, i) for i in on for need in c.items[i].needs for m in need.ids(path.facts.type) if m in on
    }  # fmt: skip
    bound = {x for e in edges for x in e}
    depth: dict[str, int] = {}
    for i in c.order:
        if i in bound:
            depth[i] = max((depth[a] + 1 for a, b in edges if b == i), default=0)
    if not depth:
        return None
    places: dict[str, tuple[int, int]] = {}
    filled: dict[int, int] = {}
    for i in sorted(depth, key=lambda i: (not on[i].critical, c.order.index(i))):
        n = filled.get(depth[i], 0)
        filled[depth[i]] = n + 1
        places[i] = LEFT + depth[i] * (BOX + GAP_X), LEFT + n * (BOX_HEIGHT + GAP_Y)
    boxes = tuple(Box(i, getattr(c.items[i], name), x, y, on[i].state, on[i].critical) for i, (x, y) in places.items())
    middle = BOX_HEIGHT // 2
    lines = tuple(
        Line(
            places[a][0] + BOX,
            places[a][1] + middle,
            places[b][0],
            places[b][1] + middle,
            on[a].critical and on[b].critical,
        )
        for a, b in sorted(edges)
    )
    return Graph(
        LEFT * 2 + (max(depth.values()) + 1) * (BOX + GAP_X),
        LEFT * 2 + max(filled.values()) * (BOX_HEIGHT + GAP_Y),
        boxes,
        lines,
    )
