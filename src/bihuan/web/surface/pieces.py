"""The pieces of the surface, each built once: light chip, clock bar, stepper, unit chip, dates and remaining time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N

from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain.clocks import light, remaining
from bihuan.kernel.ledger.selectors import stream
from bihuan.kernel.matters.catalogue import kind_edition, kind_today
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.registry.pages import Menu
from bihuan.kernel.registry.streams import Sight, kinds
from bihuan.kernel.registry.words import day, last_day, moment, own_name
from bihuan.mechanisms.counselling.catalogue import department_of

from .history import history

register = template.Library()


def worded(library: template.Library, **tables: Mapping[str, Any]) -> None:
    """A filter for each table of words: what a key is called, or the key itself."""
    for name, table in tables.items():
        library.filter(name, partial(_worded, table))


def _worded(table: Mapping[str, Any], key: str) -> str:
    return str(table.get(key, key))


ICONS = Path(__file__).resolve().parent / "icons"
LOOP = ("raised", "assigned", "handling", "submitted", "closed")


@cache
def _svg(name: str) -> str:
    return (ICONS / f"{name}.svg").read_text("utf-8").strip()


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of our own, for the eye only."""
    return mark_safe(_svg(name))  # noqa: S308  files of this package


@register.simple_tag
def menu_url(entry: Menu) -> str:
    """The address of an entry of the navigation."""
    return reverse(entry.page, args=entry.arguments)


@register.simple_tag
def sight_url(sight: Sight) -> str:
    """The address of the page that shows a stream."""
    return reverse(sight.page, args=sight.arguments)


@register.filter
def kind_name(kind: str) -> str:
    """The name of a kind in the reader's language."""
    found = kind_today(kind)
    return own_name(found) if found else kind


register.filter("day", day)


register.filter("moment", moment)
register.filter("last_day", last_day)


@register.filter
def function_name(name: str) -> str:
    """What a function of a unit is called; one that a district invented keeps its own name."""
    if name.startswith("approve."):
        return _("decides on approvals: %(department)s") % {"department": department_of(name)}
    return str(
        {
            "coordinate.fire": _("coordinates fire safety"), "coordinate.financing": _("coordinates financing"),
            "coordinate.promotion": _("coordinates key projects"), "coordinate.counselling": _("coordinates counselling"),
            "supervision": _("supervises"), "fire_inspection": _("inspects fire safety"),
        }.get(name, name)
    )  # fmt: skip


@register.filter
def party_name(rule: str) -> str:
    """Who a kind's rule names: a part in the matter, or the unit that carries a function."""
    if rule.startswith("function:"):
        return function_name(rule.removeprefix("function:"))
    parts = {
        "raiser": _("the unit that raised it"),
        "assigner": _("the unit that assigns"),
        "verifier": _("the unit that verifies"),
    }
    return str(parts.get(rule, rule))


@register.simple_tag(takes_context=True)
def light_of(context: dict[str, Any], matter: Matter) -> str:
    """The light of a matter now: red, amber, green, grey, none; or the state once it has ended."""
    if not matter.open:
        return "done" if matter.state == "closed" else "ended"
    return light(context["now"], matter.due_at, matter.warn_at, paused=matter.paused)


LIGHTS: dict[str, Any] = {
    "red": N("Overdue"), "amber": N("Due soon"), "green": N("On time"), "grey": N("Paused"), "none": N("No end"), "done": N("Closed"),
    "ended": N("Ended"),
}  # fmt: skip


def light_word(name: str) -> str:
    """A light in a word: colour is never the only sign."""
    return str(LIGHTS[name])


@register.simple_tag(takes_context=True)
def light_chip(context: dict[str, Any], matter: Matter) -> SafeString:
    """The light with its words: what is left, or how late. Drawn without a template: a list has it in every row."""
    name = light_of(context, matter)
    word, rest = light_word(name), left(context, matter)
    if not rest:
        return format_html('<span class="chip light-{}">{}</span>', name, word)
    if name in ("red", "amber", "green"):
        return format_html(
            '<span class="chip light-{}"><span class="visually-hidden">{} · </span>{}</span>', name, word, rest
        )
    return format_html('<span class="chip light-{}">{} · {}</span>', name, word, rest)


LEFT: dict[str, Any] = {
    "workdays": N("%(n)s working days left"), "days": N("%(n)s days left"), "hours": N("%(n)s hours left"),
}  # fmt: skip


@register.simple_tag(takes_context=True)
def left(context: dict[str, Any], matter: Matter) -> str:
    """还剩3个工作日, 超期2天: never raw hours; after closing in time or late by n."""
    if matter.state == "closed":
        return _("late by %(n)s days") % {"n": matter.late} if matter.late else _("in time")
    if not matter.open or matter.paused or matter.due_at is None:
        return ""
    kind = kind_edition(matter.kind, matter.edition)
    unit = kind.limit.unit if matter.state in ("assigned", "handling") else "workdays"
    n, unit = remaining(context["now"], matter.due_at, unit, calendar_for(matter.territory.path))
    if n < 0:
        return (_("%(n)s hours overdue") if unit == "hours" else _("%(n)s days overdue")) % {"n": -n}
    if n == 0 and unit != "hours":
        return _("due today")
    return str(LEFT[unit]) % {"n": n}


@register.filter
def light_name(name: str) -> str:
    """A light by its name."""
    return light_word(name)


@register.inclusion_tag("surface/pieces/stepper.html")
def stepper(state: str, round_: int = 1) -> dict[str, Any]:
    """Where in the loop a matter stands."""
    labels = dict(Matter.State.choices)
    at = LOOP.index(state) if state in LOOP else -1
    steps = [
        {"label": labels[name], "done": i < at or state == "closed", "now": i == at} for i, name in enumerate(LOOP)
    ]
    return {"steps": steps, "ended": labels[state] if at < 0 else "", "round": round_}


@register.inclusion_tag("surface/pieces/unit.html")
def unit_chip(name: Any, role: str) -> dict[str, Any]:
    """A unit: lead solid, supporting outlined, verifier ringed."""
    return {"name": name, "role": role}


@register.simple_tag
def bar(value: int, top: int) -> SafeString:
    """A bar without inline style: an SVG as wide as its share."""
    share = round(100 * value / top) if top else 0
    return format_html(
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="bar-bed" width="100" height="8"/><rect class="bar-fill" width="{}" height="8"/></svg>',
        share,
    )


@register.filter
def get(mapping: dict[Any, Any], key: Any) -> Any:
    """mapping[key], or None."""
    return mapping.get(key)


@register.simple_tag
def refusal(message: str, params: dict[str, Any] | None = None) -> str:
    """A sentence of the engine or the domain in the reader's language."""
    text = _(message) if message else ""
    return text % params if params else text


@register.simple_tag
def cell_value(value: Any) -> str:
    """A read value as the preview shows it."""
    if value is None or value == [] or value == "":
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return "、".join(map(str, value))
    if isinstance(value, date):
        return format_html('<span class="nowrap">{}</span>', value.isoformat())
    grades = {"general": _("general"), "serious": _("serious"), "major": _("major")}
    return grades.get(value, str(value)) if isinstance(value, str) else str(value)


@register.simple_tag
def status_word(status: str) -> str:
    """What became of rows, by status."""
    words = {
        "new": _("new"),
        "changed": _("changed"),
        "same": _("same"),
        "kept": _("its matter has ended"),
        "refused": _("refused"),
        "left_out": _("left out"),
    }
    return words.get(status, status)


@register.inclusion_tag("surface/pieces/kept.html", takes_context=True)
def kept(context: dict[str, Any], kind: str, name: Any, title: str = "", about: Any = "") -> dict[str, Any]:
    """The history of a stream under a title, each event with its receipt, for a viewer who may take it along; `about` picks the events
    of one record where a stream tells of many."""
    found = kinds.get(kind)
    sight = found.seen(context["viewer"], str(name)) if found and found.seen else None
    if sight is None:
        return {}
    told = stream(f"{kind}:{name}")
    lines = [e for e in history(told.events, told.entered) if not about or e.event.data.get("record") == str(about)]
    return {"title": title or _("Record"), "story": lines, "kept_kind": kind, "kept_name": name}


NEXT = {"raised": "assign", "assigned": "accept", "handling": "submit", "submitted": "verify", "closed": "revisit"}


@register.simple_tag
def next_step(matter: Matter) -> dict[str, str]:
    """The command that moves a matter on, for the unit that owes it: its name and the word on the link."""
    words = {
        "assign": _("Assign"),
        "accept": _("Accept"),
        "submit": _("Submit"),
        "verify": _("Verify"),
        "revisit": _("Revisit"),
    }
    name = NEXT.get(matter.state, "")
    return {"name": name, "word": words[name]} if name else {}
