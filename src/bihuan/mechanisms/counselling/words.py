"""Words of approvals in the reader's language: items, steps, reasons, what a file holds for its path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N

from bihuan.instruments.projects.words import word_name
from bihuan.kernel.files.face import entry
from bihuan.kernel.registry.words import day, own_name

from .catalogue import approvals, words
from .models import Application

OWN: Mapping[str, Any] = {
    "extended": N("decision clock extended"), "formal": N("preview becomes formal"), "followed": N("promised papers came"),
}  # fmt: skip
"""What no national code says."""
SUPPOSED: Mapping[str, Any] = {
    "facts": N("facts for the approvals"), "waived": N("items that do not apply"), "ready": N("days on which papers are ready"),
    "days": N("days that items take"), "modes": N("ways of approval"), "done": N("approvals obtained before"),
    "own": N("days that the works take"),
}  # fmt: skip
"""What a project's file holds for its path, by key."""


def item_name(id_: str) -> str:
    """What an item is called."""
    item = approvals().items.get(id_)
    return own_name(item) if item else id_


def step_word(code: int, what: str) -> str:
    """What a step of a record is called, by its national code or by what no code says."""
    return own_name(words().changes[code]) if code else str(OWN[what])


def pause_name(id_: str) -> str:
    """What a reason of the law's list is called."""
    found = words().pauses.get(id_)
    return own_name(found) if found else id_


def mode_name(mode: str) -> str:
    """What a way of approval is called."""
    return str(dict(Application.Mode.choices).get(mode, mode))


def question_name(id_: str) -> str:
    """What is asked at a call-back."""
    found = next((q for q in words().questions if q.id == id_), None)
    return own_name(found) if found else id_


def permit_name(id_: str) -> str:
    """What a permit of a project's file is called."""
    return word_name(id_, "permit")


def told_part(d: Mapping[str, Any]) -> str:
    """How an entry of the file's part for approvals is told: what it is about, and the items that it names."""
    key, values = d["key"], d["values"] or {}
    what = SUPPOSED.get(key, key)
    if key == "facts":
        known = approvals().types.get(values.get("type") or "")
        return entry(what, "", own_name(known) if known else "")
    if key == "own":
        works = values.get("works")
        return entry(what, "", _("%(n)s working days") % {"n": works} if works is not None else "")
    return entry(what, "", *(_item(key, i, v) for i, v in values.items()))


def _item(key: str, id_: str, value: Any) -> str:
    """One item with what is supposed of it; that it is supposed no longer."""
    if value is None:
        return _("%(item)s: no longer") % {"item": item_name(id_)}
    if key in ("ready", "done"):
        value = day(value)
    elif key == "days":
        value = _("%(n)s working days") % {"n": value}
    elif key == "modes":
        value = mode_name(value)
    return f"{item_name(id_)} {value}".strip()
