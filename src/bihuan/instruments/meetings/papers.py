"""What papers of a meeting say: notice, agenda, sign-in sheet, minutes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bihuan.kernel.domain.clocks import ZONE, local_day
from bihuan.kernel.domain.numerals import chinese

from .models import Decision, Item, Meeting
from .selectors import before, kept

WHY = {
    "unsolved": "上次未办结事项", "red": "红灯项目", "escalated": "督办未办结", "demand": "企业诉求", "added": "会议安排",
}  # fmt: skip
"""Why a point is on the agenda, in the words of papers."""
STATES = {"raised": "待交办", "assigned": "已交办", "handling": "办理中", "submitted": "待核验", "closed": "已办结", "withdrawn": "已撤回", "merged": "已合并"}  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """A project as the agenda shows it: its colour and a sentence."""

    colour: str
    text: str


def context(meeting: Meeting, standing: Mapping[int, Standing], now: datetime) -> dict[str, Any]:
    """The fields of `about.meeting`; `standing` by subject."""
    items = list(meeting.items.select_related("subject", "matter__lead"))
    venues = list(meeting.venues.all())
    invited = list(meeting.invitations.select_related("unit", "venue"))
    came = list(meeting.sign_ins.select_related("unit", "venue"))
    decisions = list(meeting.decisions.select_related("subject", "lead").prefetch_related("supporting"))
    last = before(meeting)
    rate = kept([last], now)[0] if last else None
    present = {s.unit_id for s in came}
    projects = {i.subject_id for i in items if i.subject_id}
    start = meeting.starts_at.astimezone(ZONE)
    colours = [standing[p].colour for p in projects if p in standing]
    return {
        "meeting": {
            "title": meeting.title, "day": _day(start), "time": f"{start.hour}时{start.minute:02}分", "place": venues[0].name,
            "branches": "、".join(v.name for v in venues[1:]), "chair": meeting.chair, "units": "、".join(i.unit.name for i in invited),
        },
        "agenda": [{"title": i.title, "why": WHY[i.why], "standing": _standing(i, standing)} for i in items],
        "attendance": _attendance(invited, came),
        "count": {
            "points": len(items), "projects": len(projects), "red": colours.count("red"), "amber": colours.count("amber"),
            "decisions": len(decisions),
        },
        "last": {"total": rate.total if rate else 0, "closed": rate.closed if rate else 0, "open": rate.open if rate else 0},
        "groups": _groups(decisions),
        "present": "、".join(dict.fromkeys(s.unit.name for s in came)) or "(未签到)",
        "absent": "、".join(i.unit.name for i in invited if i.unit_id not in present) if came else "",
    }  # fmt: skip


def _day(moment: datetime) -> str:
    day = local_day(moment)
    return f"{day.year}年{day.month}月{day.day}日"


def _standing(item: Item, standing: Mapping[int, Standing]) -> str:
    if item.matter is not None:
        lead = item.matter.lead.name if item.matter.lead else "待交办"
        return f"{lead}：{STATES.get(item.matter.state, item.matter.state)}"
    found = standing.get(item.subject_id or 0)
    return found.text if found else "—"


def _attendance(invited: list[Any], came: list[Any]) -> list[dict[str, str]]:
    """A row for everybody who came, and an empty one for each unit of which nobody did."""
    rows = [
        {
            "unit": s.unit.name,
            "name": s.name,
            "venue": s.venue.name if s.venue else "",
            "at": f"{s.at.astimezone(ZONE):%H:%M}",
        }
        for s in came
    ]
    have = {s.unit_id for s in came}
    rows += [
        {"unit": i.unit.name, "name": "", "venue": i.venue.name if i.venue else "", "at": ""}
        for i in invited
        if i.unit_id not in have
    ]
    return rows


def _groups(decisions: list[Decision]) -> list[dict[str, Any]]:
    """Decisions by project, in the order in which the projects first came up."""
    by_project: dict[str, list[dict[str, str]]] = {}
    for d in decisions:
        supporting = "、".join(u.name for u in d.supporting.all())
        told = {
            "unit": d.lead.name,
            "supporting": supporting,
            "task": d.task,
            "due": f"{d.due.year}年{d.due.month}月{d.due.day}日",
        }
        by_project.setdefault(d.subject.name, []).append(told)
    return [
        {"numeral": chinese(n), "project": name, "decisions": found}
        for n, (name, found) in enumerate(by_project.items(), 1)
    ]
