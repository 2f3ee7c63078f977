"""What the weekly and the monthly report say, and how projects stand in the words of papers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import translation

from bihuan.instruments.meetings.papers import Standing as Shown
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.clocks import local_day, start_of
from bihuan.kernel.domain.money import spoken, wan
from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.selectors import light_q
from bihuan.kernel.subjects.models import Subject

from .lights import Light
from .selectors import Standing, all_standings, matters_of, report_month, standings
from .words import reason_text

COLOURS = {"red": "红", "amber": "黄", "blue": "蓝", "green": "绿", "grey": "灰", "none": "—"}


def why(light: Light) -> str:
    """The reasons of a light in Chinese, whoever reads the screen; empty when there is none."""
    with translation.override("zh-hans"):
        return "；".join(reason_text(r) for r in light.reasons)


def shown(subjects: Iterable[Subject], now: datetime) -> dict[int, Shown]:
    """Projects as an agenda shows them, by id: the reasons, else the latest progress."""
    found = {}
    for s in standings(subjects, now):
        last = s.project.last_month()
        text = why(s.light) or (last.progress if last else "") or "进展正常"
        found[s.subject.pk] = Shown(s.light.colour, f"{COLOURS[s.light.colour]}灯：{text}")
    return found


def report(viewer: Viewer, kind: str, now: datetime) -> tuple[str, dict[str, Any]]:
    """Title and fields (`about.projects`) of the weekly or monthly report of all key projects that the viewer may see.

    Refused when there is none.
    """
    found = all_standings(viewer, now)
    if not found:
        raise Refused(N_("No key project is yours to see."))
    today = local_day(now)
    month = report_month(today)
    if kind == "monthly":
        title, year, until = f"重点项目{int(month[:4])}年{int(month[5:])}月推进情况月报", int(month[:4]), month
        since = date(year, int(month[5:]), 1)
    else:
        title, year, until = (
            f"重点项目推进情况周报({today.year}年第{today.isocalendar().week}周)",
            today.year,
            f"{today:%Y-%m}",
        )
        since = today - timedelta(days=7)
    return title, {
        "report": {"title": title, "as_of": f"{today.year}年{today.month}月{today.day}日"},
        "sum": _sum(found, year, until),
        "matters": _matters(viewer, found, since, now),
        "red": [
            {"name": s.subject.name, "place": s.subject.territory.name, "reason": why(s.light)} for s in found if s.light.colour == "red"
        ],
        "projects": [_row(s, year, until) for s in found],
    }  # fmt: skip


def _sum(found: Sequence[Standing], year: int, until: str) -> dict[str, Any]:
    plan = sum(s.project.year_plan(year) for s in found)
    spent = sum(s.project.spent(year, until) for s in found)
    colours = [s.light.colour for s in found]
    return {
        "projects": len(found), "total": spoken(sum(s.project.total or 0 for s in found)), "plan": spoken(plan), "spent": spoken(spent),
        "share": f"{100 * spent / plan:.1f}%" if plan else "—", "red": colours.count("red"), "amber": colours.count("amber"),
        "green": colours.count("green"), "missing": sum(bool(s.missing) for s in found),
    }  # fmt: skip


def _matters(viewer: Viewer, found: Sequence[Standing], since: date, now: datetime) -> dict[str, int]:
    rows = matters_of(viewer, [s.subject for s in found])
    closed = rows.filter(state=Matter.State.CLOSED, closed_at__gte=start_of(since))
    return {
        "raised": rows.filter(raised_at__gte=start_of(since)).count(), "closed": closed.count(), "in_time": closed.filter(late__lte=0).count(),
        "open": rows.filter(open=True).count(), "late": rows.filter(light_q("red", now)).count(),
    }  # fmt: skip


def _row(s: Standing, year: int, until: str) -> dict[str, str]:
    last = s.project.last_month()
    told = last.progress if last else "未报"
    problem = f"；问题：{last.problem}" if last and last.problem else ""
    return {
        "name": s.subject.name, "light": COLOURS[s.light.colour], "plan": wan(s.project.year_plan(year)) or "0",
        "spent": wan(s.project.spent(year, until)) or "0", "progress": told + problem,
    }  # fmt: skip
