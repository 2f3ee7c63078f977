"""Words of financing: states, steps, what is lacking, doubts, reasons of a proposal, figures as they are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.money import wan
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.registry.words import own_name
from bihuan.mechanisms.financing import rules
from bihuan.mechanisms.financing.catalogue import course, figures
from bihuan.mechanisms.financing.doubts import Doubt
from bihuan.mechanisms.financing.lists import Line, Report
from bihuan.mechanisms.financing.models import Figure, File, Step
from bihuan.mechanisms.financing.selectors import Book, office, sees_all
from bihuan.mechanisms.financing.words import (
    MODES,
    RESULTS,
    STATES,
    STEPS,
    figure_text,
    step_notes,
    treatment_name,
    unit_called,
)

from ..surface.pieces import worded

register = template.Library()
LACKING: Mapping[str, Any] = {
    "self_check": gettext_lazy("self-check"), "district": gettext_lazy("district's review"), "city": gettext_lazy("city's review"), "unpushed": gettext_lazy("to be pushed"),
    "preliminary": gettext_lazy("the bank's first answer"), "decision": gettext_lazy("the bank's decision"), "repair": gettext_lazy("repair"),
    "unsigned": gettext_lazy("contract"), "undrawn": gettext_lazy("first drawing"),
}  # fmt: skip
LISTS: Mapping[str, Any] = {
    "unlisted": gettext_lazy("Not in the list"),
    "uncredited": gettext_lazy("Not credited"),
    "undrawn": gettext_lazy("Not drawn"),
}
HEADS: Mapping[str, Any] = {
    "serial": gettext_lazy("Serial"), "name": gettext_lazy("Project"), "place": gettext_lazy("Territory"), "developer": gettext_lazy("Developer"),
    "treatment": gettext_lazy("How it is treated"), "need": gettext_lazy("Need, 万元"), "state": gettext_lazy("State"), "pushed": gettext_lazy("First pushed"),
    "bank": gettext_lazy("Bank"), "credited": gettext_lazy("Credit, 万元"), "drawn": gettext_lazy("Drawn, 万元"), "why": gettext_lazy("What is lacking"),
    "owner": gettext_lazy("Who owes it"), "due": gettext_lazy("Last day"),
}  # fmt: skip
"""Heads of the forms in which the lists are handed up."""
RESULT_LIGHTS = {"pass": "green", "fixable": "amber", "fail": "red"}
BROKEN: Mapping[str, Any] = {
    "barred": gettext_lazy("it refused before"), "never": gettext_lazy("it does not lend to such"), "small": gettext_lazy("below its smallest loan"), "large": gettext_lazy("above its largest loan"),
    "capacity": gettext_lazy("beyond what it can lend"), "count": gettext_lazy("more projects than it takes"), "group": gettext_lazy("too much to one group"),
    "unknown": gettext_lazy("it has not said what it can take on"),
}  # fmt: skip
worded(
    register, file_state=STATES, financing_step=STEPS, lacking=LACKING, list_name=LISTS, result_name=RESULTS, broken_name=BROKEN, draw_mode=MODES,
)  # fmt: skip


@register.simple_tag
def financing_tabs(who: Viewer) -> list[tuple[str, Any]]:
    """The views of financing that this viewer has: address and name."""
    found: list[tuple[str, Any]] = [("financing", _("Overview"))]
    bank = any(p.unit.kind == Unit.Kind.BANK for p in who.posts)
    if not bank:
        found.append(("financing_files", _("Files")))
    if sees_all(who):
        found.append(("financing_lists", _("Three lists")))
    if office(who):
        found.append(("financing_match", _("Lead banks")))
    if not bank:
        found.append(("financing_warnings", _("Delivery")))
    if bank and who.acting:
        found.append(("financing_exchange", _("Sheet")))
    return [*found, ("financing_conditions", _("Conditions"))]


@register.simple_tag
def file_chip(state: str) -> SafeString:
    """The state of a file: colour and word."""
    light = {
        "out": "grey",
        "repair": "amber",
        "pushed": "amber",
        "closed": "green",
        "delivered": "green",
        "drawing": "green",
    }.get(state, "blue")
    return format_html('<span class="chip light-{}">{}</span>', light, STATES.get(state, state))


@register.simple_tag
def result_chip(result: str) -> SafeString:
    """Whether a condition is met: colour and word."""
    return format_html(
        '<span class="chip light-{}">{}</span>', RESULT_LIGHTS.get(result, "none"), RESULTS.get(result, result)
    )


register.filter(treatment_name)
register.filter(unit_called)


@register.filter
def figure_value(told: Figure | None) -> str:
    """A figure as people read it."""
    return figure_text(told.key, told.value) if told is not None else "—"


DOUBTS: Mapping[str, Any] = {
    "not_arrived": gettext_lazy("%(amount)s 万元 drawn on %(day)s: no such money came into the account."),
    "not_paid": gettext_lazy("%(amount)s 万元 paid to %(about)s on %(day)s: no such money left the account."),
    "unasked": gettext_lazy("%(amount)s 万元 left the account on %(day)s to %(about)s: no payment was asked for."),
    "early": gettext_lazy("%(amount)s 万元 drawn on %(day)s: the plan said %(about)s."),
    "ahead_of_plan": gettext_lazy(
        "%(amount)s 万元 drawn on %(day)s at %(have)s%% of works: the plan wanted %(wanted)s%%."
    ),
    "ahead_of_works": gettext_lazy("%(used)s%% of the credit is used, of the works left then %(done)s%% are done."),
}


@register.filter
def doubt_text(d: Doubt) -> str:
    """A question in words."""
    return str(DOUBTS[d.word]) % {
        "amount": wan(d.amount),
        "day": d.day.isoformat(),
        "about": d.about or "—",
        **d.params,
    }


@register.filter
def reason_text(reason: Sequence[Any]) -> str:
    """Why a pair is worth its points: [word, points, about]."""
    word, points, about = reason
    told = {
        "lender": _("has lent to it"),
        "collateral": _("holds the mortgage"),
        "account": _("keeps the supervised account"),
    }.get(word)
    if told is None:
        found = course().treatments.get(about)
        told = _("likes: %(what)s") % {"what": own_name(found) if found else about}
    return f"{told} {points:+}"


@register.filter
def step_told(step: Step) -> str:
    """What a step says in a line."""
    return " · ".join(step_notes(step.what, step.amount, step.data))


@register.filter
def able_financing(whats: Sequence[str]) -> list[tuple[str, Any]]:
    """Steps with their words."""
    return [(w, STEPS[w]) for w in whats]


@register.filter
def place_in_line(state: str) -> int:
    """How far a file is on the straight way; a repair stands where the push stood, what is beyond it at its end."""
    found = {"repair": "pushed", "closed": "delivered", "out": "found"}.get(state, state)
    return rules.LINE.index(found) if found in rules.LINE else 0


@register.filter
def of_figure(told: Mapping[tuple[str, str], Figure], key: str) -> Figure | None:
    """A figure of the whole project."""
    return told.get((key, ""))


@register.filter
def loans_of(book: Book) -> list[dict[str, Any]]:
    """Existing loans, by bank, as far as the viewer sees them."""
    keys = [f.id for f in figures().values() if f.group == "loan"]
    return [{"bank": bank, **{k: book.told.get((k, bank)) for k in keys}} for bank in book.parts("lent")]


@register.filter
def lines_of(report: Report, name: str) -> list[Line]:
    """The lines of one list."""
    return report.of(name)


@register.simple_tag
def doubt_matter_url(file: File, doubt: Doubt) -> str:
    """Where a matter is raised of a doubt about money."""
    return f"{reverse('matter_new')}?{urlencode({'kind': 'financing', 'subject': file.subject.code, 'title': doubt_text(doubt)})}"
