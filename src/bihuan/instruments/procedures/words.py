"""What the fields of steps and their values are called."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N

from bihuan.kernel.registry.words import day

FIELDS = {
    "number": N("Number of the paper"), "served": N("Served on"), "deadline": N("Correct by"),
    "text": N("Report"), "people": N("Who took part, one a line"), "outcome": N("Outcome"),
    "findings": N("Findings"), "agree": N("How many agreed"), "day": N("Day"), "ask": N("What is proposed"),
    "reason": N("Reason"), "level": N("Level of the listing"), "unit": N("Supervising organ"),
    "person": N("Responsible person"), "until": N("Until"), "measure": N("Measures"), "money": N("Money"),
    "protection": N("Protection meanwhile"), "to": N("Hand over to"), "how": N("How told"),
    "answer": N("What was answered"), "ground": N("Ground of the seal"), "urgent": N("Urgent: sealed at once"),
    "part": N("What is sealed"), "found": N("Found on"), "grave": N("Grave: report at once"),
    "edition": N("Edition"), "items": N("Items that counted"),
}  # fmt: skip
CHOICES = {
    "determined": N("a major hazard"), "rejected": N("no major hazard"), "experts": N("experts are to review it"),
    "list": N("list for supervision"), "stop": N("stop production or business"), "none": N("neither"),
    "province": N("province"), "city": N("city"), "county": N("district"), "lifted": N("lifted"),
    "renewed": N("imposed anew"), "removed": N("the hazard is removed"), "remains": N("the hazard remains"),
    "resume": N("may resume"), "refuse": N("refused"), "allow": N("may open"), "pass": N("passed"),
    "fail": N("not passed"), "true": N("true"), "partly": N("partly true"), "untrue": N("not true"),
    "phone": N("by telephone"), "letter": N("by letter"), "visit": N("in person"),
    "impossible": N("impossible, noted"), "exits": N("exits blocked or too few"), "facilities": N("facilities switched off or badly damaged"),
    "explosive": N("flammable or explosive goods"), "decoration": N("flammable decoration"), "ebike": N("e-bikes"),
    "other": N("other"),
}  # fmt: skip


def field_name(name: str) -> str:
    """A field of a step."""
    return str(FIELDS.get(name, name))


def field_text(value: Any, name: str = "") -> str:
    """A value of a step in words."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return "、".join(map(str, value))
    if name in ("outcome", "ask", "level", "how", "ground") and value in CHOICES:
        return str(CHOICES[value])
    if name in ("served", "deadline", "day", "until", "found"):
        return day(value) if not isinstance(value, str) else value
    return str(value)
