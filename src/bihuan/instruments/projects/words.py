"""Words of project files in the reader's language: the catalogue's, and how each part of a file is told."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N

from bihuan.kernel.domain.money import spoken
from bihuan.kernel.files.face import entry, parts, roles
from bihuan.kernel.registry.words import day, own_name

from .rules import LOOKING
from .selectors import words

ELEMENT_STATES = {"open": N("under way"), "blocked": N("blocked"), "done": N("settled"), "none": N("not needed")}
ROLES = {"owner": N("Builder"), "leader": N("Leader in charge"), "officer": N("Service officer")}


def word_name(id_: str, part: str = "node") -> str:
    """The name of a node, element or permit (`part`) in the reader's language; other text as it is."""
    catalogue = words()
    found = {"node": catalogue.nodes, "element": catalogue.elements, "permit": catalogue.permits}.get(part, ())
    word = next((w for w in found if w.id == id_), None)
    return own_name(word) if word else id_


def _until(text: str | None) -> str:
    return _("until %(day)s") % {"day": day(text)} if text else ""


def _amounts(values: dict[str, Any]) -> list[str]:
    """Planned and invested money, where told."""
    said = (("plan", _("planned %(money)s")), ("actual", _("invested %(money)s")))
    return [text % {"money": spoken(values[k])} for k, text in said if values.get(k) is not None]


def _identity(d: dict[str, Any]) -> str:
    return entry(_("identity and money"), "", spoken((d["values"] or {}).get("total")))


def _year(d: dict[str, Any]) -> str:
    return entry(_("plan of the year"), d["key"], spoken((d["values"] or {}).get("plan")))


def _month(d: dict[str, Any]) -> str:
    return entry(_("month"), d["key"], *_amounts(d["values"] or {}))


def _node(d: dict[str, Any]) -> str:
    values = d["values"] or {}
    said = (("planned", _("planned %(day)s")), ("forecast", _("forecast %(day)s")), ("actual", _("reached %(day)s")))
    told = [text % {"day": day(values[k])} for k, text in said if values.get(k)]
    return entry(_("node"), word_name(d["key"]), *told)


def _element(d: dict[str, Any]) -> str:
    values = d["values"] or {}
    state = str(ELEMENT_STATES.get(values.get("state", ""), ""))
    return entry(
        _("element"), word_name(d["key"], "element"), state, values.get("note") or "", _until(values.get("due"))
    )


def _permit(d: dict[str, Any]) -> str:
    values = d["values"] or {}
    name = word_name(values.get("id", ""), "permit")
    return entry(_("permit"), name, values.get("number") or "", _until(values.get("lapses")))


def _visit(d: dict[str, Any]) -> str:
    return entry(_("visit"), "", day((d["values"] or {}).get("day")))


def _excuse(d: dict[str, Any]) -> str:
    values = d["values"] or {}
    return entry(_("excuse"), "", _until(values.get("until")), values.get("reason", ""))


PARTS = {
    "identity": _identity, "year": _year, "month": _month, "node": _node, "element": _element, "permit": _permit, "visit": _visit,
    "excuse": _excuse,
}  # fmt: skip


def register_parts() -> None:
    """Say how the parts of a project's file are told, and what the roles in it are called."""
    for part, say in PARTS.items():
        parts.add(part, say)
    for role, name in ROLES.items():
        roles.add(role, name)
    roles.add(LOOKING.rstrip("."), N("approving unit"))
