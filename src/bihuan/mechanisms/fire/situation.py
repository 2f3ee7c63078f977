"""The fire situation of a period: totals, by area, object, place, cause, hour band and township, against the year before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Count, Q

from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.clocks import ZONE, end_of, local_day, start_of
from bihuan.kernel.domain.months import period_of, year_before
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.selectors import visible_to
from bihuan.kernel.orgs.models import Territory

from .grades import SERIOUS, harm, head
from .incidents import casualties, codes, incidents_visible_to
from .models import Incident, PastFigure

DIMENSIONS = ("territory", "area", "object", "place", "cause", "band")


@dataclass(frozen=True)
class Sum:
    """Fires, dead and hurt as the statistics scale of each fire's day counts them, direct loss in fen, larger and worse fires."""

    fires: int = 0
    dead: int = 0
    hurt: int = 0
    loss: int = 0
    larger: int = 0

    def __add__(self, other: Sum) -> Sum:
        return Sum(
            self.fires + other.fires,
            self.dead + other.dead,
            self.hurt + other.hurt,
            self.loss + other.loss,
            self.larger + other.larger,
        )


FIGURES = ("fires", "dead", "hurt", "loss", "larger")


@dataclass(frozen=True)
class Line:
    """A line of a table: its key, its name, this period and the same a year before."""

    key: str
    name: str
    name_en: str
    now: Sum
    before: Sum | None


@dataclass(frozen=True)
class Situation:
    """A period as of a moment. `before` is None where nothing is known of the year before; `past` tells that it came from a sheet."""

    period: str
    begin: date
    end: date
    total: Sum
    before: Sum | None
    past: bool
    provisional: int
    tables: dict[str, tuple[Line, ...]]
    statistics: dict[str, int]
    accident: dict[str, int]


def change(now: int, before: int | None) -> float | None:
    """Change in hundredths of the year before, one decimal; None where there was nothing to compare with."""
    return round((now - before) * 100 / before, 1) if before else None


def _sum(row: Incident) -> Sum:
    day = local_day(row.at)
    counted = harm(codes().scale("statistics", day), day, casualties(row.people))
    return Sum(1, counted.dead, counted.hurt, row.loss, int(row.statistics in SERIOUS))


def keys(row: Incident) -> dict[str, str]:
    """The key of a fire in each dimension."""
    return {
        "territory": row.territory.code, "area": row.area, "object": row.object, "place": row.place, "cause": head(row.cause),
        "band": codes().band(row.at.astimezone(ZONE).hour),
    }  # fmt: skip


def fires(viewer: Viewer, begin: date, end: date, at: datetime) -> list[Incident]:
    """The fires of a span of days that count and that the viewer may see."""
    rows = incidents_visible_to(viewer).exclude(state=Incident.State.ANNULLED)
    return list(
        rows.filter(at__gte=start_of(begin), at__lt=min(end_of(end), at)).select_related("territory", "subject")
    )


def _tables(rows: Sequence[Incident]) -> dict[str, dict[str, Sum]]:
    found: dict[str, dict[str, Sum]] = {d: {} for d in DIMENSIONS}
    for row in rows:
        told = _sum(row)
        for dimension, key in keys(row).items():
            found[dimension][key] = found[dimension].get(key, Sum()) + told
    return found


def _past(period: str) -> dict[str, dict[str, Sum]] | None:
    """Figures that a sheet told of a period; quarters add up to halves and years where the year itself was not told."""
    year = int(period[:4])
    wanted = {"": [0], "Q": [int(period[5:] or 0)], "H": [1, 2] if period.endswith("H1") else [3, 4]}[period[4:5]]
    rows = list(PastFigure.objects.filter(year=year, quarter__in=wanted))
    if not rows and period[4:5] == "":
        rows = list(PastFigure.objects.filter(year=year, quarter__gt=0))
    if not rows:
        return None
    found: dict[str, dict[str, Sum]] = {d: {} for d in (*DIMENSIONS, "whole")}
    for r in rows:
        at = found.setdefault(r.dimension, {})
        at[r.key] = at.get(r.key, Sum()) + Sum(r.fires, r.dead, r.hurt, r.loss, r.larger)
    return found


def names() -> dict[str, dict[str, tuple[str, str]]]:
    """Names of keys by dimension, in Chinese and English."""
    words = codes().words
    found = {
        d: {k: (w.name, w.name_en) for k, w in words[d].items()} for d in ("area", "object", "place", "cause", "band")
    }
    return {
        **found,
        "territory": {t.code: (t.name, t.name) for t in Territory.objects.exclude(level__in=["community", "grid"])},
    }


def situation(viewer: Viewer, period: str, at: datetime) -> Situation:
    """The situation of a period as far as it has come; the year before up to the same day. Refused for what is no period."""
    begin, end = period_of(period)
    last_begin, last_end = period_of(year_before(period))
    today = local_day(at)
    if begin <= today < end:  # a period under way is compared with as much of the year before
        last_end = min(last_end, last_begin + (today - begin))
    rows = fires(viewer, begin, end, at)
    last = fires(viewer, last_begin, last_end, at)
    now, old, past = _tables(rows), _tables(last) if last else None, False
    total_before = _total(last) if last else None
    whole = viewer_sees_all(viewer)
    if old is None and whole and (told := _past(year_before(period))) is not None:
        old, past = told, True
        total_before = told["whole"].get("") or sum(told["territory"].values(), Sum())
    found = names()
    tables = {d: tuple(_lines(now[d], old[d] if old else None, found[d], d)) for d in DIMENSIONS}
    return Situation(
        period, begin, end, _total(rows), total_before, past, sum(r.state == Incident.State.PROVISIONAL for r in rows), tables,
        _grades(rows, "statistics"), _grades(rows, "accident"),
    )  # fmt: skip


def viewer_sees_all(viewer: Viewer) -> bool:
    """Whether the viewer oversees fire safety everywhere: sheets of past years tell of the whole district."""
    return any(s.territories is None and s.sector in ("", "fire") for s in viewer.scopes)


def _total(rows: Iterable[Incident]) -> Sum:
    return sum((_sum(r) for r in rows), Sum())


def _grades(rows: Iterable[Incident], scale: str) -> dict[str, int]:
    found = dict.fromkeys(codes().words["grades"], 0)
    for row in rows:
        found[getattr(row, scale)] += 1
    return found if scale == "statistics" else {k: n for k, n in found.items() if k != "minor"}


def _lines(
    now: Mapping[str, Sum], old: Mapping[str, Sum] | None, found: Mapping[str, tuple[str, str]], dimension: str
) -> list[Line]:
    order = [k for k in found if k in now or (old and k in old)]
    if dimension in ("territory", "cause"):
        order.sort(key=lambda k: -(now.get(k, Sum()).fires))
    return [Line(k, *found[k], now.get(k, Sum()), old.get(k, Sum()) if old is not None else None) for k in order]


@dataclass(frozen=True)
class Work:
    """Hazards beside the fires: found, major, closed, in time, overdue by organ (unit name → n)."""

    found: int
    major: int
    closed: int
    in_time: int
    overdue: tuple[tuple[int, str, int], ...]
    listed: int


def work(viewer: Viewer, situation_: Situation, at: datetime) -> Work:
    """How hazards stood in a period; listings are major hazards that are open."""
    a, b = start_of(situation_.begin), min(end_of(situation_.end), at)
    rows = visible_to(viewer).filter(mechanism="fire", kind__startswith="hazard")
    found, closed = (
        rows.filter(raised_at__gte=a, raised_at__lt=b),
        rows.filter(state=Matter.State.CLOSED, closed_at__gte=a, closed_at__lt=b),
    )
    late = rows.filter(open=True, paused=False, due_at__lte=at, owed_by__isnull=False)
    by_unit = late.order_by().values_list("owed_by", "owed_by__name").annotate(n=Count("pk")).order_by("-n")[:12]
    return Work(
        found.count(), found.filter(kind="hazard_major").count(), closed.count(), closed.filter(late=0).count(), tuple(by_unit),
        rows.filter(Q(kind="hazard_major"), open=True).count(),
    )  # fmt: skip


def months(viewer: Viewer, year: int, at: datetime) -> list[tuple[int, int, int]]:
    """(month, fires this year, fires of the year before), for a trend."""
    counted: dict[tuple[int, int], int] = {}
    for y in (year - 1, year):
        for row in fires(viewer, date(y, 1, 1), date(y, 12, 31), at):
            key = (y, row.at.astimezone(ZONE).month)
            counted[key] = counted.get(key, 0) + 1
    return [(m, counted.get((year, m), 0), counted.get((year - 1, m), 0)) for m in range(1, 13)]


def quiet(situation_: Situation) -> Situation:
    """The same without lines in which nothing happened in either year."""
    tables = {
        d: tuple(x for x in lines if x.now.fires or (x.before and x.before.fires))
        for d, lines in situation_.tables.items()
    }
    return replace(situation_, tables=tables)
