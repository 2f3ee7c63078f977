"""Pieces for projects, meetings and papers: money, lights of projects, words of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from bihuan.instruments.documents.catalogue import kinds
from bihuan.instruments.projects.words import word_name
from bihuan.kernel.domain import money
from bihuan.kernel.registry.words import own_name
from bihuan.mechanisms.promotion.lights import Reason
from bihuan.mechanisms.promotion.selectors import Standing
from bihuan.mechanisms.promotion.words import reason_text

register = template.Library()
register.filter("own_name", own_name)
register.filter("wan", money.wan)
register.filter("spoken", money.spoken)
register.filter("word_name", word_name)


@register.filter
def reason(found: Reason) -> str:
    """Why a project has its light."""
    return reason_text(found)


def project_light(colour: str, words: Mapping[str, str]) -> str:
    """The light of a project in a word: the scheme's own (`words`), else the colour."""
    names = {
        "red": _("red"),
        "amber": _("amber"),
        "blue": _("blue"),
        "green": _("green"),
        "grey": _("excused"),
        "none": _("not rated"),
    }
    return words.get(colour) or str(names[colour])


@register.simple_tag(takes_context=True)
def project_chip(context: dict[str, Any], colour: str) -> SafeString:
    """The light of a project: colour and word."""
    return format_html('<span class="chip light-{}">{}</span>', colour, project_light(colour, context["light_words"]))


@register.filter
def paper_kind(kind: str) -> str:
    """What a kind of paper is called."""
    return own_name(kinds()[kind]) if kind in kinds() else kind


@register.filter
def share(part: int | None, whole: int | None) -> str:
    """Of a hundred, as 31%; a dash without a whole."""
    return f"{100 * (part or 0) / whole:.0f}%" if whole else "—"


@register.filter
def listed(text: str) -> list[str]:
    """The words of a text, for loops over a few fixed names."""
    return text.split()


@register.filter
def plan_of(standing: Standing, year: int) -> int:
    """The year's plan of a project."""
    return standing.project.year_plan(year)


@register.filter
def spent_of(standing: Standing, year: int) -> int:
    """What was invested in the year."""
    return standing.project.spent(year)


@register.filter
def element_light(state: str) -> str:
    """The light of an element's state: red where it is blocked, amber on the way."""
    return {"blocked": "red", "done": "green", "none": "none"}.get(state, "amber")
