"""What papers of counselling say: one project, one plan; the notice of a session with its timetable and lists; its minutes."""

from __future__ import annotations

from datetime import date
from typing import Any

from bihuan.engines.approvals.catalogue import Item
from bihuan.engines.approvals.path import START, Path, Step
from bihuan.instruments.meetings.papers import context as meeting_context
from bihuan.kernel.domain.clocks import ZONE
from bihuan.kernel.domain.numerals import chinese, day_text
from bihuan.kernel.subjects.models import Subject

from .catalogue import approvals
from .models import Question, Session
from .paths import path_of
from .sessions import materials, table

PHASES = {"before": "批前辅导", "during": "事中帮办", "after": "批后跟踪"}
ANSWERS = {"open": "未答复", "now": "现场答复", "taken": "带回研究", "consult": "需会商", "impossible": "不可行"}
WAYS = {"mock": "模拟审批", "promise": "告知承诺、容缺", "staged": "分阶段许可"}


def _papers(item: Item) -> str:
    """What is handed in; a dash where nothing is named."""
    return "、".join(item.materials) or "—"


def _day(day: date | None) -> str:
    return day_text(day) if day else "已办结"


def plan_context(subject: Subject, today: date) -> dict[str, Any]:
    """The fields of `about.path`."""
    found = path_of(subject, today)
    c = approvals()
    week = [(c.items[s.id], s) for s in found.this_week()]
    left = [s for s in found.left() if s.state not in ("none", "open")]
    ways = [(c.items[i], m) for i, m in sorted(found.situation.modes.items()) if i in c.items]
    return {
        "project": {
            "name": subject.name, "type": c.types[found.facts.type].name, "place": subject.territory.name,
            "unit": subject.unit.name if subject.unit else "—", "day": day_text(today), "edition": c.edition,
        },
        "goal": {
            "permit": _day(found.steps["C14"].end), "start": _day(found.steps[START].end), "finish": _day(found.end), "workdays": found.length,
        },
        "count": {
            "applies": sum(s.applies and not c.items[s.id].milestone for s in found.steps.values()),
            "done": sum(s.state in ("done", "passed") and not c.items[s.id].milestone for s in found.steps.values()), "left": len(left),
        },
        "critical": "→".join(c.items[i].name for i in found.critical if not c.items[i].milestone) or "—",
        "week": [{"name": i.name, "unit": c.departments[i.department].name, "papers": _papers(i)} for i, _ in week],
        "ways": [{"name": i.name, "way": WAYS[m], "basis": i.basis} for i, m in ways],
        "approvals": [_row(s, found) for s in left],
    }  # fmt: skip


def _row(step: Step, found: Path) -> dict[str, Any]:
    c = found.catalogue
    item = c.items[step.id]
    notes = ["关键"] if step.critical else [f"可推迟{step.slack}日"]
    notes += ["待核对"] if item.mark != "confirmed" else []
    return {
        "stage": c.stages[item.stage].name, "name": item.name, "unit": c.departments[item.department].name, "papers": _papers(item),
        "days": step.days, "start": step.start.isoformat() if step.start else "", "end": step.end.isoformat() if step.end else "",
        "note": "，".join(notes),
    }  # fmt: skip


def session_context(session: Session, now: Any) -> dict[str, Any]:
    """The fields of `about.session`: those of its meeting, the timetable, what to bring, questions and answers."""
    meeting = session.meeting
    told = table(session)
    asked = list(session.questions.select_related("subject", "unit", "matter"))
    names = approvals().items
    plain = meeting_context(meeting, {}, now)
    return {
        "meeting": plain["meeting"], "present": plain["present"], "absent": plain["absent"],
        "session": {
            "phase": PHASES[session.phase], "projects": len({r.subject_id for r in session.sittings.all()}),
            "units": len({r.unit_id for r in session.sittings.all()}), "minutes": session.minutes,
            "questions": len(asked), "now": sum(q.answer == Question.Answer.NOW for q in asked), "matters": sum(q.matter_id is not None for q in asked),
        },
        "timetable": [
            {
                "project": subject.name,
                "talks": "；".join(
                    f"{told.moments[n].astimezone(ZONE):%H:%M} {'、'.join(s.unit.name for s in cell)}" for n, cell in enumerate(cells) if cell
                ),
            }
            for subject, cells in told.rows
        ],
        "bring": [
            {"project": subject.name, "papers": "；".join(f"{name}（{'、'.join(papers)}）" for _, name, papers in found if papers)}
            for subject, found in materials(session)
        ],
        "groups": _groups(asked, names),
    }  # fmt: skip


def _groups(asked: list[Question], names: Any) -> list[dict[str, Any]]:
    """Questions by project, in the order in which the projects first came up."""
    by_project: dict[str, list[dict[str, str]]] = {}
    for q in asked:
        due = f"，{day_text(q.due)}前答复" if q.due else ""
        by_project.setdefault(q.subject.name, []).append({
            "text": q.text, "item": names[q.item].name if q.item in names else "", "unit": q.unit.name, "kind": ANSWERS[q.answer],
            "said": f"{q.said}{due}" if q.said or due else "—",
        })  # fmt: skip
    return [
        {"numeral": chinese(n), "project": name, "questions": found}
        for n, (name, found) in enumerate(by_project.items(), 1)
    ]
