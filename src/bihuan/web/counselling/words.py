"""Words of counselling: states of items, marks, reasons, steps, questions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.engines.approvals.applying import Why
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain.clocks import ZONE, local_day
from bihuan.kernel.registry.words import chinese, own_name
from bihuan.mechanisms.counselling.catalogue import approvals
from bihuan.mechanisms.counselling.models import Step
from bihuan.mechanisms.counselling.words import item_name, pause_name, step_word

from ..surface.pieces import worded

register = template.Library()
STATES: Mapping[str, Any] = {
    "none": gettext_lazy("does not apply"), "open": gettext_lazy("another way"), "done": gettext_lazy("obtained"), "passed": gettext_lazy("behind it"),
    "running": gettext_lazy("under way"), "ready": gettext_lazy("can be handed in"), "waiting": gettext_lazy("waits"),
}  # fmt: skip
COLOURS = {"done": "green", "passed": "green", "running": "amber", "ready": "blue", "waiting": "none"}
RECORDED: Mapping[str, Any] = {
    "": gettext_lazy("not handed in"), "received": gettext_lazy("received"), "gap": gettext_lazy("papers missing"), "accepted": gettext_lazy("papers accepted"),
    "review": gettext_lazy("under review"), "paused": gettext_lazy("clock stopped"), "granted": gettext_lazy("granted"), "denied": gettext_lazy("not granted"),
    "withdrawn": gettext_lazy("taken back"), "not_accepted": gettext_lazy("not accepted"), "refused": gettext_lazy("acceptance refused"),
    "recalled": gettext_lazy("recalled"), "revoked": gettext_lazy("revoked"),
}  # fmt: skip
MARKS: Mapping[str, Any] = {
    "confirmed": gettext_lazy("confirmed"),
    "recalled": gettext_lazy("to be checked"),
    "placeholder": gettext_lazy("placeholder"),
}
GIVEN: Mapping[str, Any] = {
    "own": gettext_lazy("laid down"), "commitment": gettext_lazy("on commitment"), "history": gettext_lazy("record"), "promise": gettext_lazy("promised"),
    "law": gettext_lazy("law"), "typical": gettext_lazy("usual, to be checked"), "none": gettext_lazy("no days known"),
}  # fmt: skip
CLOCKS: Mapping[str, Any] = {"acceptance": gettext_lazy("Acceptance"), "decision": gettext_lazy("Decision")}
TABS = [
    ("counselling", gettext_lazy("Overview")), ("counselling_waits", gettext_lazy("Waits")), ("counselling_queues", gettext_lazy("Queues")),
    ("together", gettext_lazy("All together")), ("revisits", gettext_lazy("Call-backs")), ("knowledge", gettext_lazy("Questions and answers")), ("counselling_catalogue", gettext_lazy("Approval items")),
    ("counselling_exchange", gettext_lazy("State rows")),
]  # fmt: skip
worded(register, recorded_state=RECORDED, mark_name=MARKS, given_name=GIVEN, clock_name=CLOCKS)
register.filter("item_name", item_name)
register.filter("pause_name", pause_name)


@register.simple_tag
def counselling_tabs() -> list[tuple[str, Any]]:
    """The views of counselling: address and name."""
    return TABS


@register.simple_tag
def state_chip(state: str) -> SafeString:
    """The state of an item: colour and word."""
    return format_html('<span class="chip light-{}">{}</span>', COLOURS.get(state, "none"), STATES.get(state, state))


@register.filter
def why_text(why: Why) -> str:
    """Why an item applies or not; what was assumed says so."""
    told = _(why.message) % why.said(english=not chinese())
    return told + _(" (assumed: nobody told)") if why.assumed else told


@register.filter
def department_name(id_: str) -> str:
    """What a department is called."""
    return own_name(approvals().departments[id_])


@register.filter
def missing_names(groups: tuple[str, ...]) -> str:
    """The groups that are waited for, in words."""
    return "、".join(" / ".join(item_name(i) for i in g.split("/")) for g in groups)


@register.filter
def step_name(step: Step) -> str:
    """What a step that was recorded is called."""
    return step_word(step.code, step.what)


@register.filter
def able_name(pair: tuple[int, str]) -> str:
    """What may be recorded next."""
    return step_word(*pair)


@register.filter
def first_of(pair: tuple[int, str]) -> int:
    """The code of what may be recorded."""
    return pair[0]


@register.filter
def pair_share(pair: tuple[int, int]) -> str:
    """Of a hundred, with both numbers behind it; a dash of nothing."""
    part, whole = pair
    return f"{100 * part / whole:.0f}% ({part}/{whole})" if whole else "—"


@register.simple_tag
def entry_gap(step: Step, most: int) -> SafeString | str:
    """The working days between what happened and its entry, where they are more than usual."""
    place = step.application.subject.territory.path
    days = calendar_for(place).count(local_day(step.at), local_day(step.entered_at))
    if days <= most:
        return ""
    return format_html('<span class="tag unsure">{}</span>', _("entered %(n)s working days later") % {"n": days})


@register.simple_tag
def add_px(a: float, b: float) -> str:
    """Two widths together, as SVG wants them."""
    return f"{a + b:.1f}"


@register.filter
def negated(n: int) -> int:
    """A number with the other sign."""
    return -n


@register.filter
def clock(moment: datetime) -> str:
    """The minute of the day."""
    return f"{moment.astimezone(ZONE):%H:%M}"


@register.simple_tag
def new_session_url() -> str:
    """Where a session is prepared, with the title that the district gives such meetings."""
    return (
        f"{reverse('meeting_new')}?{urlencode({'kind': 'counselling', 'title': '{year}年第{n}次联审联批专题辅导会'})}"
    )
