"""Words of premises files in the reader's language: the catalogue's, and how each part of a file is told."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N

from bihuan.kernel.files.face import entry, parts, roles
from bihuan.kernel.registry.words import chinese, day, own_name

from .selectors import words

ROLES = {
    "manager": N("Managing unit"),
    "sector": N("Sector department"),
    "grid": N("Grid"),
    "police": N("Police station"),
}


def use_name(use: str) -> str:
    """What a use is called."""
    return own_name(words().uses[use]) if use in words().uses else use


def fact_name(name: str) -> str:
    """What a fact is called."""
    if name == "use":
        return _("Use")
    return own_name(words().facts[name]) if name in words().facts else name


def fact_text(value: Any, name: str) -> str:
    """A fact with its unit."""
    if name == "use":
        return use_name(value)
    word = words().facts.get(name)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return f"{value} {word.unit}".strip() if word and chinese() else str(value)


def label_word(label: str) -> str:
    """What a label is called, by its id."""
    return own_name(words().labels[label]) if label in words().labels else label


def facility_name(name: str) -> str:
    """What a facility is called."""
    return own_name(words().facilities[name]) if name in words().facilities else name


def _on(message: str, text: str | None) -> str:
    """A sentence that names a day, where there is one."""
    return message % {"day": day(text)} if text else ""


def _facts(d: dict[str, Any]) -> str:
    values = d["values"] or {}
    return entry(_("facts"), "", *(_fact(k, v) for k, v in values.items() if v is not None))


def _fact(name: str, value: Any) -> str:
    """A fact; a number with it, a text by its name alone, since it may be a person's."""
    if name == "use":
        return use_name(value)
    word = words().facts.get(name)
    return f"{fact_name(name)} {fact_text(value, name)}" if word and word.type == "number" else fact_name(name)


def _declared(d: dict[str, Any]) -> str:
    values = d["values"] or {}
    given = _("label given") if values.get("on") else _("label taken away")
    return entry(_("label by declaration"), label_word(d["key"]), given, values.get("reason", ""))


def _tenant(d: dict[str, Any]) -> str:
    values = d["values"] or {}
    seen, left = (
        _on(_("verified on site on %(day)s"), values.get("seen")),
        _on(_("moved out on %(day)s"), values.get("left")),
    )
    return entry(_("tenant"), values.get("name", ""), seen, left)


def _facility(d: dict[str, Any]) -> str:
    values = d["values"] or {}
    out = values.get("out")
    state = _on(_("out of use since %(day)s"), out) if out or "out" not in values else _("works again")
    return entry(_("facility"), facility_name(d["key"]), state, values.get("note") or "")


def _post(d: dict[str, Any]) -> str:
    values = d["values"] or {}
    return entry(_("post"), d["key"], values.get("name") or "", _on(_("empty since %(day)s"), values.get("vacant")))


def _building(d: dict[str, Any]) -> str:
    return entry(_("building"), (d["values"] or {}).get("name", ""))


def _place(d: dict[str, Any]) -> str:
    return entry(_("place"))


PARTS = {
    "facts": _facts, "declared": _declared, "tenant": _tenant, "facility": _facility, "post": _post, "building": _building,
    "place": _place,
}  # fmt: skip


def register_parts() -> None:
    """Say how the parts of a premises' file are told, and what the roles in it are called."""
    for part, say in PARTS.items():
        parts.add(part, say)
    for role, name in ROLES.items():
        roles.add(role, name)
