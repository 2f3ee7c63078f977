"""Pieces of the responsibility year: points, levels, why points were lost, phases of letters."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.engines.scoring import Fact, Gain, Reason, wanted
from bihuan.instruments.assessment.face import LEVELS
from bihuan.instruments.assessment.metrics import Row, metrics
from bihuan.instruments.commendation.face import CHECK_NAMES, STAGE_NAMES

from ..surface.pieces import worded

register = template.Library()
LIGHTS = {"excellent": "green", "good": "blue", "pass": "amber", "fail": "red"}
PHASES = {
    "draft": gettext_lazy("draft"), "offered": gettext_lazy("under negotiation"), "signed": gettext_lazy("signed"), "running": gettext_lazy("running"),
    "midyear": gettext_lazy("mid-year check"), "review": gettext_lazy("self-review"), "ended": gettext_lazy("ended"), "withdrawn": gettext_lazy("withdrawn"),
}  # fmt: skip
TABS = [
    ("year", gettext_lazy("The year")), ("letters", gettext_lazy("Letters")), ("assessments", gettext_lazy("Assessments")),
    ("measures", gettext_lazy("Accountability")), ("commendations", gettext_lazy("Commendation")), ("schemes", gettext_lazy("Schemes")),
]  # fmt: skip
LACKS = {
    "fires": gettext_lazy("figures of last year's fires"), "results": gettext_lazy("final results of last year"), "commended": gettext_lazy("whom to commend"),
    "points": gettext_lazy("key points of the year"), "letters": gettext_lazy("letters to hand over"),
}  # fmt: skip
WORDING = {
    "basis": gettext_lazy("Basis"), "persons": gettext_lazy("Persons responsible"), "targets": gettext_lazy("Targets"), "tasks": gettext_lazy("Tasks"),
    "assessment": gettext_lazy("How it is assessed"), "reward": gettext_lazy("Reward and consequences"),
}  # fmt: skip


worded(
    register,
    phase_name=PHASES,
    stage_name=STAGE_NAMES,
    check_name=CHECK_NAMES,
    lack_name=LACKS,
    wording_name=WORDING,
    level_name=LEVELS,
)


@register.simple_tag
def year_tabs() -> list[tuple[str, Any]]:
    """Pages of the year."""
    return TABS


@register.filter
def points(value: int | None) -> str:
    """Hundredths as points: 8650 is 86.5."""
    return "" if value is None else f"{value / 100:g}"


@register.filter
def level_chip(level: str) -> SafeString:
    """A level with its colour and word."""
    if level not in LEVELS:
        return format_html('<span class="chip light-none">{}</span>', "—")
    return format_html('<span class="chip light-{}">{}</span>', LIGHTS[level], LEVELS[level])


@register.filter
def figure_name(metric: str) -> str:
    """What a metric counts."""
    known = metrics()
    return _(known[metric].name) if metric in known else metric


@register.filter
def fact_words(fact: Fact | None) -> str:
    """12 of 15 (80%), or 3."""
    if fact is None or (fact.den is not None and not fact.den):
        return _("nothing to measure")
    if fact.den is None:
        return str(fact.num)
    return _("%(num)s of %(den)s (%(share)s%%)") % {
        "num": fact.num,
        "den": fact.den,
        "share": f"{100 * fact.num / fact.den:.3g}",
    }


@register.simple_tag
def why(reason: Reason, quarters: int = 4) -> str:
    """Why a rule took what it took."""
    rule, fact = reason.rule, reason.fact
    if rule.kind == "each":
        return _("%(n)s; each beyond %(free)s takes %(p)s") % {
            "n": fact.num,
            "free": rule.free,
            "p": points(rule.points),
        }
    if rule.kind == "missing":
        told = {"n": fact.num, "want": wanted(rule, fact, quarters), "p": points(rule.points)}
        return _("%(n)s of %(want)s wanted by now; each missing takes %(p)s") % told
    if not reason.case:
        return _("nothing to measure, so nothing is taken")
    told = {"fact": fact_words(fact), "full": f"{float(rule.full):g}", "zero": f"{float(rule.zero):g}"}
    return _("%(fact)s; full from %(full)s%%, none at %(zero)s%%") % told


@register.simple_tag
def how(gain: Gain) -> str:
    """What would give the points back."""
    told = {"n": gain.reason.short, "what": figure_name(gain.reason.rule.metric)}
    return (_("%(n)s fewer: %(what)s") if gain.reason.rule.less else _("%(n)s more: %(what)s")) % told


@register.filter
def row_url(row: Row) -> str:
    """Where a row behind a figure is shown."""
    if row.kind == "matter":
        return reverse("matter", args=[int(row.key)])
    if row.kind == "post":
        return reverse("orgs")
    name = {"subject": "subject", "record": "record", "letter": "letter", "meeting": "meeting", "incident": "incident"}[
        row.kind
    ]
    return reverse(name, args=[row.key if row.kind == "subject" else int(row.key)])


@register.filter
def measure_light(state: str) -> str:
    """The light of a measure's state: amber while somebody must decide."""
    return {"proposed": "amber", "taken_back": "none", "refused": "none"}.get(state, "green")
