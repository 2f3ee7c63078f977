"""Pieces for fire safety: words of its catalogues, reasons of labels, steps of procedures."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.instruments.premises.catalogue import SUFFIXES, Reason
from bihuan.instruments.premises.parts import ROLES, facility_name, fact_name, fact_text, label_word, use_name
from bihuan.instruments.procedures.models import OpenStep
from bihuan.instruments.procedures.selectors import specs
from bihuan.instruments.procedures.words import field_name, field_text
from bihuan.kernel.domain.clocks import Limit
from bihuan.kernel.domain.clocks import light as clock_light
from bihuan.kernel.registry.words import chinese, own_name
from bihuan.mechanisms.fire.panels import SPOT_WORDS
from bihuan.mechanisms.fire.selectors import items, scheme
from bihuan.mechanisms.fire.words import grade_name, metric_name

from ..surface.pieces import light_word, worded

register = template.Library()

WHY = {"legal": gettext_lazy("legal period"), "lot": gettext_lazy("drawn by lot"), "risk": gettext_lazy("by risk")}
TABS = [
    ("fire", gettext_lazy("Overview")), ("blind", gettext_lazy("Blind spots")), ("signals", gettext_lazy("Early signals")),
    ("steps", gettext_lazy("Legal clocks")), ("complaints", gettext_lazy("Complaints")), ("visit_plans", gettext_lazy("Inspection plans")),
    ("incidents", gettext_lazy("Fires")), ("situation", gettext_lazy("Situation")),
    ("centres", gettext_lazy("Service centres")), ("campaigns", gettext_lazy("Campaigns")), ("fire_tables", gettext_lazy("Rules")),
]  # fmt: skip


DIMENSIONS = {
    "territory": gettext_lazy("By township"), "area": gettext_lazy("By area"), "object": gettext_lazy("By object"), "place": gettext_lazy("By place"),
    "cause": gettext_lazy("By cause"), "band": gettext_lazy("By hour of the day"),
}  # fmt: skip
SITUATION = {
    "fires": gettext_lazy("Fires"), "dead": gettext_lazy("Dead"), "hurt": gettext_lazy("Hurt"), "loss": gettext_lazy("Direct loss"), "larger": gettext_lazy("Larger and worse"),
}  # fmt: skip
SCALES = {"statistics": gettext_lazy("Statistics grade"), "accident": gettext_lazy("Accident-investigation grade")}


register.filter("field_name", field_name)
register.filter("field_text", field_text)
worded(register, dimension_name=DIMENSIONS, situation_name=SITUATION, scale_name=SCALES)


for _say in (use_name, fact_name, fact_text, label_word, facility_name, grade_name, metric_name):
    register.filter(_say.__name__, _say)


@register.filter
def because(reason: Reason) -> str:
    """Why a premises has a label, in words."""
    if reason.table is None:
        return _("declared: %(why)s") % {"why": reason.declared}
    signs = {"_min": "≥", "_over": ">", "_max": "≤", "_under": "<"}
    parts = []
    for key, asked, value in reason.met:
        if key == "label":
            parts.append(label_word(asked))
        elif key == "use":
            parts.append(use_name(value))
        elif suffix := next((s for s in SUFFIXES if key.endswith(s)), ""):
            name = key.removesuffix(suffix)
            parts.append(f"{fact_name(name)} {value} {signs[suffix]} {asked}")
        else:
            parts.append(fact_name(key))
    return "、".join(parts) if chinese() else ", ".join(parts)


@register.filter
def spot_name(name: str) -> str:
    """What a blind spot is called."""
    return str(SPOT_WORDS[name])


@register.filter
def signal_name(name: str) -> str:
    """What an early signal is called."""
    return own_name(scheme().of(name))


@register.filter
def item_text(item: str) -> str:
    """An item of the checklists in words."""
    found = items().items.get(item)
    return (found.text if chinese() else found.text_en) if found else item


@register.filter
def group_name(group: str) -> str:
    """A group of hazards in words."""
    return items().groups[group][0 if chinese() else 1] if group in items().groups else group


@register.filter
def why_name(why: str) -> str:
    """Why a visit stands in a plan."""
    return str(WHY[why])


@register.filter
def role_name(role: str) -> str:
    """A role of a party of a premises."""
    return str(ROLES.get(role, role))


@register.simple_tag
def step_word(procedure: str, step: str) -> str:
    """The name of a step of a procedure."""
    return own_name(specs()[procedure].step(step))


@register.simple_tag
def fire_tabs() -> list[tuple[str, Any]]:
    """The views of fire safety: address and name."""
    return TABS


@register.simple_tag(takes_context=True)
def step_light(context: dict[str, Any], step: OpenStep) -> SafeString:
    """The light of an open step: colour and word."""
    light = clock_light(context["now"], step.due_at, step.warn_at)
    return format_html('<span class="chip light-{}">{}</span>', light, light_word(light))


@register.filter
def limit_text(limit: Limit) -> str:
    """A limit in words."""
    match limit.unit:
        case "workdays":
            return _("%(n)s working days") % {"n": limit.n}
        case "hours":
            return _("%(n)s hours") % {"n": limit.n}
        case "days":
            return _("%(n)s days") % {"n": limit.n}
    return "—"


@register.filter
def kilometres(metres: int) -> str:
    """Metres as kilometres."""
    return f"{(metres or 0) / 1000:.1f}"


@register.filter
def duty_groups(place: dict[str, Any]) -> list[tuple[str, Any]]:
    """The duties of a premises: its own, and those of the district."""
    found = [(_("Its own"), place["own"]), (_("The district's"), place["watch"])]
    return [(title, rows) for title, rows in found if rows]
