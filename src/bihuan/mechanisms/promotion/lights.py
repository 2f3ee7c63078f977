"""The light of a project with its reasons, by a scheme of the catalogue. Pure.

Every test gives the worst colour it finds with a sentence; the worst test wins. An approved excuse makes the light grey.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bihuan.instruments.plans.rules import on_workday
from bihuan.instruments.projects.rules import Project, running
from bihuan.kernel.domain.money import FEN_OF_WAN, spoken
from bihuan.kernel.domain.months import first_day, month_before, months_later
from bihuan.kernel.domain.refusal import N_
from bihuan.kernel.domain.workdays import Workdays

ORDER = ("red", "amber", "blue", "green", "grey", "none")
"""Worst first; none means that the scheme does not speak of this project."""


@dataclass(frozen=True)
class Test:
    """One test: from which value on (`red`), or beyond which (`red_over`), it is of a colour."""

    test: str
    blue: int | None = None
    amber: int | None = None
    red: int | None = None
    amber_over: int | None = None
    red_over: int | None = None

    def colour(self, value: float, *, downward: bool = False) -> str:
        """The colour of a value; `downward`: the thresholds count downwards, the fewer the worse."""
        sign = -1 if downward else 1
        for colour in ("red", "amber", "blue"):
            reached, over = getattr(self, colour), getattr(self, f"{colour}_over", None)
            if (reached is not None and sign * value >= sign * reached) or (
                over is not None and sign * value > sign * over
            ):
                return colour
        return "green"


@dataclass(frozen=True)
class Scheme:
    """How a district gives lights. `words` rename colours; `least_wan` leaves smaller month plans out."""

    id: str
    name: str
    name_en: str
    source: str
    confirmed: bool
    valid_from: date
    tests: tuple[Test, ...]
    words: Mapping[str, str] = field(default_factory=dict)
    least_wan: int = 0


@dataclass(frozen=True)
class Reason:
    """Why: a colour and a sentence, `message % params`."""

    colour: str
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Light:
    """The colour and its reasons, worst first."""

    colour: str
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Matters:
    """What lights need to know of a project's open matters: the worst delay in working days, and the most reopenings."""

    late: int = 0
    reopened: int = 0


@dataclass(frozen=True)
class Seen:
    """Everything a test may look at. `month` is the last one whose report is due."""

    project: Project
    matters: Matters
    today: date
    month: str
    calendar: Workdays
    scheme: Scheme


Found = tuple[float, str, dict[str, Any]] | None


def due_day(month: str, day: int, workday: bool, calendar: Workdays) -> date:
    """The last day for the report of a month: that day of the next month."""
    found = months_later(first_day(month), 1).replace(day=day)
    return on_workday(found, calendar) if workday else found


def last_due(today: date, day: int, workday: bool, calendar: Workdays) -> str:
    """The last month whose report is due: its day has passed, so a report that is missing now is late."""
    month = month_before(f"{today:%Y-%m}")
    return month if due_day(month, day, workday, calendar) < today else month_before(month)


def expected(project: Project, until: str) -> list[str]:
    """The months for which a project owes reports up to `until`: those with a year plan since its file began."""
    done = project.node("complete").actual
    since = str(project.identity.get("since") or min(project.months, default="9999-99"))
    last = min(until, f"{done:%Y-%m}") if done else until
    return [
        m for year in sorted(project.years) for n in range(1, 13) if since <= (m := f"{year}-{n:02}") <= last
    ]  # fmt: skip


def missing(project: Project, until: str) -> list[str]:
    """Expected months without a report."""
    return [m for m in expected(project, until) if not (project.months.get(m) and project.months[m].reported)]


def _pace(s: Seen) -> Found:
    plan = s.project.year_plan(int(s.month[:4]))
    if not plan or s.month not in expected(s.project, s.month):
        return None  # a file that began later owes nothing of earlier months
    curve = {m: planned for m, planned, _ in s.project.curve(int(s.month[:4]))}
    gap = 100 * (curve[s.month] - s.project.spent(int(s.month[:4]), s.month)) / plan
    return gap, N_("by %(month)s %(planned)s planned, %(spent)s invested: %(gap)s points behind the year's plan"), {
        "month": s.month, "planned": spoken(curve[s.month]), "spent": spoken(s.project.spent(int(s.month[:4]), s.month)), "gap": round(gap, 1),
    }  # fmt: skip


def _month(s: Seen) -> tuple[int, int] | None:
    plan = s.project.month_plan(s.month)
    told = s.project.months.get(s.month)
    if not plan or told is None or told.actual is None:
        return None
    return plan, told.actual


def _shortfall(s: Seen) -> Found:
    found = _month(s)
    if found is None or found[1] >= found[0]:
        return None
    short = 100 * (found[0] - found[1]) / found[0]
    return short, N_("%(month)s: %(short)s%% short of the month's plan %(plan)s"), {
        "month": s.month, "short": round(short, 1), "plan": spoken(found[0]),
    }  # fmt: skip


def _completion(s: Seen) -> Found:
    found = _month(s)
    if found is None:
        return None
    share = 100 * found[1] / found[0]
    return share, N_("%(month)s: %(share)s%% of the month's task"), {"month": s.month, "share": round(share, 1)}


def _missing(s: Seen) -> Found:
    found = missing(s.project, s.month)
    return (len(found), N_("reports missing: %(months)s"), {"months": "、".join(found[-6:])}) if found else None


def months_between(first: date, last: date) -> int:
    """Whole months from one day to another."""
    return (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)


def _start(s: Seen) -> Found:
    start = s.project.node("start")
    if start.planned is None or start.actual is not None or start.planned >= s.today:
        return None
    return months_between(start.planned, s.today), N_("was to start works on %(day)s and has not"), {"day": start.planned.isoformat()}  # fmt: skip


def _statistics(s: Seen) -> Found:
    start = s.project.node("start")
    if start.actual is None or s.project.identity.get("statistics") or not s.project.year_plan(s.today.year):
        return None
    over = months_between(start.actual, s.today)
    beyond = over + (0.5 if s.today.day != start.actual.day else 0)  # a month and a day is more than a month
    return beyond, N_("started on %(day)s and is not in the statistics yet"), {"day": start.actual.isoformat()}


def _node(s: Seen) -> Found:
    late = [(n.slip(s.today, s.calendar), n) for n in s.project.nodes if n.actual is None]
    days, node = max(late, key=lambda x: x[0], default=(0, None))
    if node is None or days <= 0:
        return None
    return days, N_("node %(node)s is expected %(n)s working days after its plan"), {"node": node.id, "n": days}


def _permit(s: Seen) -> Found:
    left = [((p.lapses - s.today).days, p) for p in running(s.project) if p.lapses]
    days, permit = min(left, key=lambda x: x[0], default=(10**6, None))
    if permit is None or permit.lapses is None:
        return None
    told = N_("permit %(permit)s lapsed on %(day)s") if days < 0 else N_("permit %(permit)s lapses on %(day)s")
    return days, told, {"permit": permit.id, "day": permit.lapses.isoformat()}


def _matters(s: Seen) -> Found:
    test = next(t for t in s.scheme.tests if t.test == "matters")
    if s.matters.reopened >= 2 and test.red is not None:
        return max(test.red, s.matters.late), N_("a matter was reopened %(n)s times"), {"n": s.matters.reopened}
    return (
        (s.matters.late, N_("a matter is %(n)s working days overdue"), {"n": s.matters.late})
        if s.matters.late
        else None
    )


TESTS: dict[str, Callable[[Seen], Found]] = {
    "pace": _pace, "shortfall": _shortfall, "completion": _completion, "missing": _missing, "start": _start,
    "statistics": _statistics, "node": _node, "permit": _permit, "matters": _matters,
}  # fmt: skip
MEASURED = ("shortfall", "completion")
"""Tests that say nothing of a project whose month has neither plan nor figure."""
DOWNWARD = ("completion", "permit")
"""Tests whose thresholds count downwards: the fewer the worse."""


def _largest(s: Seen) -> int:
    """The largest plan of a month of the year."""
    return max(s.project.month_plan(f"{s.month[:4]}-{n:02}") for n in range(1, 13))


def light(seen: Seen) -> Light:
    """The light of a project."""
    if seen.scheme.least_wan and _largest(seen) < seen.scheme.least_wan * FEN_OF_WAN:
        return Light("none")
    reasons = []
    known = bool(seen.project.nodes or seen.project.years or seen.project.months or seen.project.permits)
    spoke = False
    for test in seen.scheme.tests:
        found = TESTS[test.test](seen)
        spoke = spoke or found is not None or (known and test.test not in MEASURED)
        if found is None:
            continue
        value, message, params = found
        colour = test.colour(value, downward=test.test in DOWNWARD)
        if colour != "green":
            reasons.append(Reason(colour, message, params))
    reasons.sort(key=lambda r: ORDER.index(r.colour))
    excuse = seen.project.excuse
    if reasons and excuse and excuse.get("until", "") >= seen.today.isoformat():
        told = Reason("grey", N_("excused until %(until)s: %(reason)s"), {"until": excuse["until"], "reason": excuse.get("reason", "")})  # fmt: skip
        return Light("grey", (told, *reasons))
    if reasons:
        return Light(reasons[0].colour, tuple(reasons))
    return Light("green" if spoke else "none")
