"""What papers of one matter say: assignment slip, supervision slip, interview, circular."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bihuan.instruments.supervision.rules import DECIDE_WITHIN, OBJECT_WITHIN
from bihuan.kernel.domain.clocks import last_day, local_day
from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.domain.state import Event, State
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.services import load
from bihuan.kernel.orgs.models import Person, Post, Unit
from bihuan.kernel.orgs.selectors import function_unit, unit_names_of

STEPS = {"reminder": "提醒", "supervision": "督办", "interview": "约谈", "circular": "通报"}
"""The ladder in the words of papers, which are Chinese whoever reads the screen."""


def day(moment: datetime | None) -> str:
    """A moment's day as papers write it."""
    if moment is None:
        return "—"
    found = local_day(moment)
    return f"{found.year}年{found.month}月{found.day}日"


def context(matter: Matter, kind: str, now: datetime) -> dict[str, Any]:
    """The fields of `about.matter`. Refused for a paper of a step that was not taken, and before a unit leads."""
    state, rules, told = load(matter.number)
    if not state.lead:
        raise Refused(N_("Assign the matter first."))
    steps = [e for e in told.events if e.type == "Escalated" and e.data["step"] in state.escalated]
    measure = _measure(kind, steps)
    due = last_day(state.due)
    late = max((local_day(now) - due).days, 0) if due else 0
    if kind in ("supervision", "interview", "circular") and not late:
        raise Refused(N_("It is not late."))
    names = unit_names_of([state.lead, state.verifier])
    return {
        "matter": {
            "number": str(matter.number), "title": state.title, "subject": matter.subject.name, "description": state.description or "—",
            "lead": names[0], "supporting": "、".join(unit_names_of(list(state.supporting))) or "—", "verifier": names[-1],
            "due": f"{due.year}年{due.month}月{due.day}日" if due else "长期", "late": late, "return_within": rules.return_within,
            "basis": _basis(told.events, rules.source), "progress": state.progress or "尚无进展报告",
            "ladder": "、".join(f"{STEPS[e.data['step']]}({day(e.at)})" for e in steps) or "无",
        },
        "measure": measure,
    }  # fmt: skip


def _basis(events: list[Event], source: str) -> str:
    assigned = [e for e in events if e.type == "Assigned"]
    reason = assigned[-1].data.get("reason", "") if assigned else ""
    return str(reason) if reason not in ("", "plan", "register", "test") else source


def _measure(kind: str, steps: list[Event]) -> dict[str, Any]:
    decider = unit_names_of([function_unit("supervision")])[0]
    found: dict[str, Any] = {
        "basis": "—", "approver": "—", "decider": decider, "objection_days": OBJECT_WITHIN, "decision_days": DECIDE_WITHIN,
    }  # fmt: skip
    if kind not in ("interview", "circular"):
        return found
    step = next((e for e in steps if e.data["step"] == kind), None)
    if step is None:
        raise Refused(N_("A named person decides this step first; then its paper can be written."))
    return {**found, "basis": step.data["basis"], "approver": _post_of(step)}


def _post_of(step: Event) -> str:
    """Unit and post of whoever decided: papers name posts."""
    person = Person.objects.filter(username=step.by).first()
    held = Post.objects.filter(person=person, role=Post.Role.LEADER).select_related("unit").first() if person else None
    if held is not None:
        return f"{held.unit.name}{held.title}"
    unit = Unit.objects.filter(code=step.unit).first()
    return unit.name if unit else step.by


def readers(state: State) -> list[Unit]:
    """The units to which a paper of a matter goes: those who work on it and who verifies."""
    return list(Unit.objects.filter(code__in=[state.lead, *state.supporting, state.verifier]))
