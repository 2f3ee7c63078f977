"""Words of financing in the reader's language: steps, states, what a step and a figure say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N

from bihuan.kernel.domain.money import spoken, wan
from bihuan.kernel.orgs.selectors import unit_names_of
from bihuan.kernel.registry.words import day, own_name

from . import rules
from .catalogue import course, figures
from .models import File

STATES: Mapping[str, Any] = dict(File.State.choices)
STEPS: Mapping[str, Any] = {
    "opened": N("opened the financing file"),
    "check": N("checked a condition"),
    "treated": N("decided how it is treated"),
    "handed": N("handed the self-check in"),
    "district": N("recorded the district's review"),
    "city": N("recorded the city's review"),
    "pushed": N("pushed it to a bank"),
    "delivered": N("recorded that all flats are delivered"),
    "out": N("moved it out of the list"),
    "back": N("brought it back"),
    "explained": N("answered a question of money and works"),
    "received": N("received it at the bank"),
    "accepted": N("gave the first answer: yes"),
    "problems": N("fed problems back"),
    "refused": N("gave the first answer: no"),
    "credited": N("gave credit"),
    "declined": N("declined credit"),
    "signed": N("signed the contract"),
    "party": N("added a payee"),
    "planned": N("laid down the plan of drawings"),
    "drawn": N("drew money"),
    "paid": N("paid from the account"),
    "repaid": N("closed the loan"),
    "withdrawn": N("took it back from the bank"),
    "duty": N("recorded the duties kept"),
}
"""What was done, by step: in histories, over forms and on buttons."""
RESULTS: Mapping[str, Any] = {rules.PASS: N("met"), rules.FIX: N("can be put right"), rules.FAIL: N("not met")}
MODES: Mapping[str, Any] = {"stages": N("in stages"), "whole": N("whole into the account")}


def treatment_name(id_: str) -> str:
    """How a file is treated."""
    found = course().treatments.get(id_)
    return own_name(found) if found else "—"


def unit_called(code: str) -> str:
    """The name of a unit; its code where none has it."""
    return next(iter(unit_names_of([code])), code)


def figure_text(key: str, value: str) -> str:
    """A figure as people read it; a dash where none stands."""
    word = figures().get(key)
    if not value or word is None:
        return value or "—"
    match word.type:
        case "money":
            return spoken(int(value))
        case "yes":
            return str(_("yes") if value == "1" else _("no"))
        case "day":
            return day(date.fromisoformat(value))
        case "bank":
            return unit_called(value)
        case "percent":
            return f"{value}%"
    return value


def figure_name(key: str, part: str = "") -> str:
    """What a figure is of: its name, and the building or bank."""
    word = figures().get(key)
    name = own_name(word) if word else key
    if not part:
        return name
    return f"{unit_called(part) if word and word.group == 'loan' else part} {name}"


def exact(fen: int) -> str:
    """Fen in 万元, not rounded."""
    return f"{wan(fen)}万元"


def yuan(fen: int | None) -> str:
    """Fen in 元 with two places, as a bank writes them; a dash for None."""
    if fen is None:
        return "—"
    whole, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole}.{rest:02}元"


def step_notes(what: str, amount: int, data: Mapping[str, Any]) -> list[str]:
    """What a step says beside its name. Of the duties that a bank keeps for its people nothing."""
    tell = _TOLD.get(what)
    found = [exact(amount) if amount else "", *(tell(data) if tell else ())]
    return [str(x) for x in found if x]


def duty_notes(data: Mapping[str, Any]) -> list[str]:
    """Which duties a bank kept, and its note."""
    return [
        *(own_name(d) for d in course().duties if data["kept"].get(d.id)),
        *([data["note"]] if data["note"] else []),
    ]


def _reviewed(d: Mapping[str, Any]) -> list[Any]:
    return [_("passed") if d["passed"] else _("sent back"), d["reason"]]


def _reasoned(d: Mapping[str, Any]) -> list[Any]:
    return [d["reason"]]


def _credited(d: Mapping[str, Any]) -> list[Any]:
    return [_("%(n)s months") % {"n": d["term"]}, f"{d['rate']}%" if d["rate"] else ""]


def _planned(d: Mapping[str, Any]) -> list[Any]:
    return [f"{day(r['day'])} {exact(r['amount'])} {r['percent']}%" for r in d["rows"]]


_TOLD: Mapping[str, Callable[[Mapping[str, Any]], list[Any]]] = {
    "check": lambda d: [f"{d['condition']} {RESULTS[d['result']]}", d["reason"]],
    "treated": lambda d: [treatment_name(d["treatment"]), d["reason"]],
    "district": _reviewed, "city": _reviewed,
    "pushed": lambda d: [d["batch"]],
    **dict.fromkeys(("out", "back", "explained", "refused", "declined", "withdrawn"), _reasoned),
    "problems": lambda d: ["；".join(d["items"])],
    "credited": _credited,
    "signed": lambda d: [d["contract"], MODES[d["mode"]], "、".join(d["parties"])],
    "party": lambda d: [d["name"], d["contract"]],
    "planned": _planned,
    "paid": lambda d: [d["payee"], d["purpose"]],
}  # fmt: skip
