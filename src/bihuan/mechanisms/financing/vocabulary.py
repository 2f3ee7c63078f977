"""What every event of financing is called and holds, and how it is said. Money in fen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N

from bihuan.kernel.domain.state import Event
from bihuan.kernel.registry.events import EventType, Names
from bihuan.kernel.registry.words import day

from .words import STATES, STEPS, duty_notes, figure_name, figure_text, step_notes, treatment_name, yuan

STEP = {
    "project": "code", "day": "date", "amount": "fen", "proofs": "[hash]", "matter": "id", "title": "text", "confidential": "bool",
    "tell": "[unit]",
}  # fmt: skip
"""What every step tells; `matter` is 0 where none was made."""
REASON = {"data.reason": "text"}
REF = {"data.ref?": "text"}
"""The name that the system of a bank gave to its step."""
REVIEW = {"data.passed": "bool", **REASON}
DATA: Mapping[str, Mapping[str, str]] = {
    "opened": {"data.developer": "unit", "data.project": "code"},
    "check": {
        "data.condition": "code", "data.result": "code", **REASON, "data.by": "code", "data.edition": "code", "data.proofs": "int",
    },
    "treated": {"data.treatment": "code", **REASON},
    "handed": {"data": "{}"},
    "district": REVIEW,
    "city": REVIEW,
    "pushed": {"bank": "unit", "data.batch": "text", "data.preliminary": "days", "data.decision": "days"},
    "delivered": {"data": "{}"},
    "out": REASON,
    "back": REASON,
    "explained": {"data.key": "text", **REASON},
    "received": REF,
    "accepted": REF,
    "problems": {"data.items": "[text]", "data.matters": "[id]", **REF},
    "refused": {**REASON, **REF},
    "credited": {"data.term": "int", "data.rate": "text", **REF},
    "declined": {**REASON, **REF},
    "signed": {"data.contract": "text", "data.mode": "code", "data.parties": "[text]", "data.meeting?": "id", **REF},
    "party": {"data.name": "text", "data.contract": "text", **REF},
    "planned": {"data.rows": "[{}]", **REF},
    "drawn": {"data.account": "text", **REF},
    "paid": {"data.payee": "text", "data.purpose": "text", **REF},
    "repaid": REF,
    "withdrawn": REASON,
    "duty": {"data.kept": "{bool}", "data.note": "text"},
}  # fmt: skip
"""What a step holds besides, by step."""
SAID: Mapping[str, tuple[Any, str, bool]] = {
    "check": (N("a condition of the white list was checked"), "concerned", False),
    "treated": (N("how a financing file is treated was decided"), "concerned", False),
    "handed": (N("a self-check was handed in"), "concerned", False),
    "district": (N("the district reviewed a financing file"), "concerned", False),
    "city": (N("the city reviewed a financing file"), "concerned", False),
    "pushed": (N("a project was pushed to your bank"), "owes", True),
    "delivered": (N("all flats are delivered"), "concerned", False),
    "out": (N("a project was moved out of the white list"), "concerned", False),
    "back": (N("a project was brought back"), "concerned", False),
    "accepted": (N("the bank said yes"), "concerned", False),
    "problems": (N("the bank fed problems back"), "concerned", True),
    "refused": (N("the bank said no"), "concerned", False),
    "credited": (N("credit was given"), "concerned", False),
    "declined": (N("credit was declined"), "concerned", False),
    "signed": (N("the contract is signed"), "concerned", False),
    "party": (N("a payee was added"), "concerned", False),
    "planned": (N("a plan of drawings was laid down"), "concerned", False),
    "drawn": (N("money was drawn"), "concerned", False),
    "paid": (N("money was paid from the account"), "concerned", False),
    "repaid": (N("the loan is closed"), "concerned", False),
    "withdrawn": (N("a push was taken back"), "concerned", True),
}
"""What a notice of a step says, why the unit is told, and whether at once."""
TONES = {
    **dict.fromkeys(("accepted", "credited", "signed", "delivered"), "good"),
    **dict.fromkeys(("problems", "refused", "declined", "withdrawn", "out"), "bad"),
}

LINE = {"day": "date", "amount": "fen", "balance": "fen|null", "payee": "text", "summary": "text"}
"""A line of a statement."""
LOOKS: Mapping[str, Any] = {
    "file": N("the file"), "push": N("a push"), "proof": N("evidence"), "statement": N("a statement"), "files": N("the table of files"),
    "list": N("a list that is handed up"), "signing": N("a signing ceremony"), "proposal": N("the proposal of lead banks"),
    "sheet": N("the sheet of the bank"), "api": N("by a system of the bank"),
}  # fmt: skip
"""What was looked at."""


def _step(what: str) -> EventType:
    said, why, urgent = SAID.get(what, ("", "", False))

    def notes(e: Event, names: Names) -> list[str]:
        told = duty_notes(e.data["data"]) if what == "duty" else step_notes(what, e.data["amount"], e.data["data"])
        bank = [names.unit(e.data["bank"])] if what == "pushed" else []
        return [day(e.data["day"]), *bank, *told]

    return EventType(
        f"Financing.{what}", STEPS[what], {**STEP, **DATA[what]}, TONES.get(what, ""), notes=notes, said=said, why=why, urgent=urgent
    )  # fmt: skip


def _told(e: Event, names: Names) -> list[str]:
    found = [f"{figure_name(key, part)}: {figure_text(key, value)}" for key, part, value in e.data["values"]]
    return [day(e.data["day"]), e.data["source"], *found]


def _stands(e: Event, names: Names) -> list[str]:
    return [
        str(STATES.get(e.data["state"], e.data["state"])),
        *([treatment_name(e.data["treatment"])] if e.data["treatment"] else []),
    ]


def _days(e: Event, names: Names) -> list[str]:
    if e.data["ended"]:
        return [_("over on %(day)s") % {"day": day(e.data["ended"])}]
    return [_("answer by %(d)s") % {"d": day(e.data["due"])}] if e.data["due"] else [_("no answer is awaited")]


def _due(e: Event, names: Names) -> list[str]:
    return [_("answer by %(d)s") % {"d": day(e.data["due"])}, *([_("overdue")] if e.data["over"] else [])]


def _delivery(e: Event, names: Names) -> list[str]:
    return [e.data["building"] or _("money")]


def _brought(e: Event, names: Names) -> list[str]:
    return [e.data["name"], e.data["account"]]


def _taken(e: Event, names: Names) -> list[str]:
    words = (
        ("lines", _("%(n)s lines")), ("new", _("%(n)s new")), ("same", _("%(n)s were there")), ("changed", _("%(n)s read otherwise now")),
        ("failed", _("%(n)s could not be read")),
    )  # fmt: skip
    until = [_("until %(day)s") % {"day": day(e.data["last"])}] if e.data["last"] else []
    return [text % {"n": e.data[key]} for key, text in words if e.data[key] or key in ("lines", "new")] + until


def _refused(e: Event, names: Names) -> list[str]:
    return [_(e.data["message"]) % e.data["params"]]


def _corrected(e: Event, names: Names) -> list[str]:
    before, now = e.data["before"], e.data["now"]
    said: dict[str, Callable[[Any], str]] = {"day": day, "amount": yuan, "balance": yuan, "payee": str, "summary": str}
    changed = [f"{say(before[k])} → {say(now[k])}" for k, say in said.items() if before[k] != now[k]]
    return [f"{day(now['day'])} {yuan(now['amount'])}", *changed]


def _can_lend(e: Event, names: Names) -> list[str]:
    d = e.data
    some = ((_("at most %(n)s projects"), d["most"]), (_("loans from %(n)s"), d["least"] and yuan(d["least"])), (_("loans up to %(n)s"), d["top"] and yuan(d["top"])))  # fmt: skip
    return [yuan(d["capacity"]), *(text % {"n": n} for text, n in some if n)]


def _chosen(e: Event, names: Names) -> list[str]:
    broken = [_("against %(n)s limits") % {"n": len(e.data["broken"])}] if e.data["broken"] else []
    return [names.unit(e.data["bank"]), *broken]


def _looked(e: Event, names: Names) -> list[str]:
    return [str(LOOKS[e.data["what"]]), *([day(e.data["as_of"])] if "as_of" in e.data else [])]


def _edition(e: Event, names: Names) -> list[str]:
    return [e.data["name"], _("from %(day)s") % {"day": day(e.data["valid_from"])}, e.data["source"]]


TYPES = (
    *(_step(what) for what in STEPS),
    EventType("FileStands", N("moved the financing file on"), {"state": "code", "treatment": "code|''"}, notes=_stands),
    EventType("PushStands", N("moved the push on"), {"due": "date|null", "ended": "date|null"}, notes=_days),
    EventType("FinancingTold", N("told figures"), {"day": "date", "source": "text", "values": "[[text]]"}, notes=_told),
    EventType(
        "AnswerDue", N("reminded of the bank's answer"),
        {"due": "date", "over": "bool", "title": "text", "confidential": "bool", "tell": "[unit]"}, notes=_due, why="owes", urgent=True,
        said=N("the bank's answer falls due"),
    ),
    EventType(
        "DeliveryWarned", N("warned of a late delivery or of missing money"),
        {"building": "text", "title": "text", "confidential": "bool", "tell": "[unit]"}, "bad", notes=_delivery, why="concerned",
        urgent=True, said=N("a delivery will be late, or money will not last"),
    ),
    EventType("StatementBrought", N("brought a statement"), {"sha256": "hash", "name": "text", "account": "text"}, notes=_brought),
    EventType(
        "StatementTaken", N("took the statement in"),
        {
            "sha256": "hash", "lines": "int", "new": "int", "same": "int", "changed": "int", "failed": "int", "last": "date|null",
        }, notes=_taken,
    ),
    EventType(
        "StatementRefused", N("could not read the statement"), {"sha256": "hash", "message": "text", "params": "{text}"}, "bad",
        notes=_refused,
    ),
    EventType("StatementStopped", N("stopped the reading of a statement"), {"sha256": "hash"}),
    EventType(
        "MovementCorrected", N("put a line of the account right"),
        {
            "key": "text", "reason": "text", "now.digest": "code",
            **{f"{when}.{k}": shape for when in ("before", "now") for k, shape in LINE.items()},
        }, text="reason", notes=_corrected,
    ),
    EventType(
        "AppetiteTold", N("told what the bank can take on"),
        {
            "capacity": "fen", "most": "int|null", "least": "fen", "top": "fen|null", "share": "percent", "likes": "{int}",
            "never": "[code]",
        }, notes=_can_lend,
    ),
    EventType("BankChosen", N("chose a lead bank"), {"bank": "unit", "reason": "text", "broken": "[[]]"}, text="reason", notes=_chosen),
    EventType("BankChoiceTakenBack", N("took the choice of a lead bank back")),
    EventType("BankChoiceEnded", N("pushed the file, which ended the choice of a lead bank"), {"push": "code"}),
    EventType(
        "LenderInformed", N("told another lender that a lead bank was found"), {"title": "text", "confidential": "bool", "tell": "[unit]"},
        why="concerned", said=N("a lead bank was found for the project"),
    ),
    EventType(
        "ConditionsWritten", N("wrote conditions anew"),
        {
            "id": "code", "name": "text", "name_en": "text", "valid_from": "date", "source": "text", "confirmed": "bool",
            "condition": "[{}]",
        }, notes=_edition,
    ),
    EventType(
        "FinancingSeen", N("looked at financing"),
        {
            "what": "code", "file?": "code", "sha256?": "hash", "list?": "code", "form?": "code", "as_of?": "date", "meeting?": "id",
        }, notes=_looked,
    ),
)  # fmt: skip
