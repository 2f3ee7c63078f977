"""The words of counselling's events, and what each of them holds."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N

from bihuan.kernel.domain.state import Event
from bihuan.kernel.registry.events import EventType, Names
from bihuan.kernel.registry.words import day

from .models import Question, Session
from .words import item_name, mode_name, pause_name, permit_name, question_name, step_word


def _until(text: str | None) -> list[str]:
    return [_("until %(day)s") % {"day": day(text)}] if text else []


def _step(e: Event, names: Names) -> list[str]:
    d = e.data
    told = [step_word(d["code"], d["what"]), item_name(d["item"])]
    told += [mode_name(d["mode"])] if d["mode"] else []
    told += [pause_name(d["reason"])] if d["reason"] else []
    told += [d["notice"]] if d["notice"] else []
    told += [_("by %(n)s days") % {"n": d["days"]}] if d["days"] else []
    return [*told, *_until(d["until"])]


def _clocked(e: Event, names: Names) -> list[str]:
    d = e.data
    told = [_("accepted since %(day)s") % {"day": day(d["accepted"])}] if d["accepted"] else []
    return told + ([_("due %(day)s") % {"day": day(d["due"])}] if d["due"] else [])


def _warned(e: Event, names: Names) -> list[str]:
    return [
        e.data["title"],
        _("due %(day)s") % {"day": day(e.data["due"])},
        *([_("overdue")] if e.data["over"] else []),
    ]


def _asked(e: Event, names: Names) -> list[str]:
    return [names.unit(e.data["to"]), *([item_name(e.data["item"])] if e.data["item"] else [])]


def _answered(e: Event, names: Names) -> list[str]:
    d = e.data
    told = [str(Question.Answer(d["kind"]).label), *_until(d["due"])]
    return [*told, f"#{d['matter']}"] if d["matter"] else told


def _after(e: Event) -> str:
    return _("%(n)s days after the permit") % {"n": e.data["after"]}


def _called(e: Event, names: Names) -> list[str]:
    d = e.data
    told = [
        _after(e),
        _("solved") if d["solved"] else _("not solved"),
        _("satisfaction %(n)s of 5") % {"n": d["satisfaction"]},
    ]
    told += [_("%(what)s: %(told)s") % {"what": question_name(k), "told": v} for k, v in d["answers"].items() if v]
    return [*told, *(f"#{n}" for n in d["matters"])]


def _call_due(e: Event, names: Names) -> list[str]:
    return [e.data["title"], _after(e)]


def _lapses(e: Event, names: Names) -> list[str]:
    d = e.data
    return [permit_name(d["permit"]), _until(d["lapses"])[0], _("%(n)s days left") % {"n": d["left"]}]


def _published(e: Event, names: Names) -> list[str]:
    d = e.data
    return [*([item_name(d["item"])] if d["item"] else []), d["question"], *([d["basis"]] if d["basis"] else [])]


def _officers(e: Event, names: Names) -> list[str]:
    return [_("%(what)s: %(told)s") % {"what": names.unit(unit), "told": n} for unit, n in e.data["officers"].items()]


def _begun(e: Event, names: Names) -> list[str]:
    return [str(Session.Phase(e.data["phase"]).label), _("%(n)s minutes a talk") % {"n": e.data["minutes"]}]


def _chosen(e: Event, names: Names) -> list[str]:
    return [_("%(n)s projects") % {"n": len(e.data["subjects"])}, _("%(n)s talks") % {"n": e.data["pairs"]}]


def _timetable(e: Event, names: Names) -> list[str]:
    return [_("%(n)s talks") % {"n": e.data["pairs"]}, _("%(n)s slots") % {"n": e.data["end"]}]


TYPES = (
    EventType(
        "ApprovalStep", N("recorded a step of an approval"),
        {
            "subject": "code", "item": "code", "case": "text", "mode": "code", "n": "int", "code": "int", "what": "code",
            "opinion": "text", "reason": "code", "notice": "text", "days": "days|null", "until": "date|null", "law": "days|null",
            "edition": "str", "decides": "unit", "title": "text", "tell": "[unit]",
        },
        notes=_step, text="opinion", why="concerned", said=N("an approval went a step"),
    ),
    EventType(
        "SilenceAccepted", N("counted the papers as accepted, since nobody answered in time"),
        {"accepted": "date|null", "due": "date|null"}, notes=_clocked,
    ),
    EventType("ApprovalReclocked", N("recomputed the due date"), {"accepted": "date|null", "due": "date|null"}, notes=_clocked),
    EventType(
        "ApprovalWarned", N("warned of a clock"), {"due": "date", "over": "bool", "title": "text", "tell": "[unit]"}, notes=_warned,
        why="owes", urgent=True, said=N("an approval falls due"),
    ),
    EventType(
        "CalledBack", N("called the enterprise back"),
        {"after": "days", "solved": "bool", "satisfaction": "int", "matters": "[id]", "answers": "{text}", "said": "text"},
        notes=_called, text="said",
    ),
    EventType(
        "CallBackDue", N("reminded of a call-back"), {"after": "days", "title": "text", "tell": "[unit]"}, notes=_call_due, why="owes",
        said=N("a call-back is due"),
    ),
    EventType(
        "LapseWarned", N("warned that a permit lapses"),
        {"permit": "code", "lapses": "date", "left": "days", "title": "text", "tell": "[unit]"}, notes=_lapses, why="concerned",
        urgent=True, said=N("a permit lapses soon"),
    ),
    EventType(
        "Asked", N("put a question"),
        {"subject": "code", "to": "unit", "item": "code", "text": "text", "session": "id|null", "title": "text", "tell": "[unit]"},
        notes=_asked, text="text", why="owes", said=N("a question waits for your answer"),
    ),
    EventType(
        "Answered", N("answered a question"),
        {"kind": "code", "said": "text", "due": "date|null", "matter": "id|null", "edition": "str"}, notes=_answered, text="said",
    ),
    EventType(
        "Published", N("kept an answer for everybody"),
        {"item": "code", "question": "text", "said": "text", "basis": "text", "edition": "str", "from": "id"}, notes=_published,
        text="said",
    ),
    EventType("Outdated", N("marked an answer as no longer true")),
    EventType("OfficersSet", N("laid down how many officers decide"), {"units": "[unit]", "officers": "{int}"}, notes=_officers),
    EventType("SessionBegun", N("prepared a session"), {"phase": "code", "minutes": "int"}, notes=_begun),
    EventType("SessionChosen", N("chose the projects of a session"), {"subjects": "[code]", "pairs": "int"}, notes=_chosen),
    EventType("TimetableMade", N("made the timetable"), {"pairs": "int", "end": "int", "cost": "int", "bound": "int"}, notes=_timetable),
)  # fmt: skip
