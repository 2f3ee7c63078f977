"""Lights and their reasons in the reader's language."""

from __future__ import annotations

from django.utils.translation import get_language, gettext

from bihuan.instruments.projects.selectors import words

from .lights import Reason


def word_name(id_: str, part: str = "node") -> str:
    """The name of a node, element or permit (`part`) in the reader's language; other text as it is."""
    catalogue = words()
    found = {"node": catalogue.nodes, "element": catalogue.elements, "permit": catalogue.permits}.get(part, ())
    word = next((w for w in found if w.id == id_), None)
    if word is None:
        return id_
    return word.name if (get_language() or "").startswith("zh") else word.name_en


def reason_text(reason: Reason) -> str:
    """One reason as a sentence."""
    params = {k: word_name(v, k) if k in ("node", "permit") else v for k, v in reason.params.items()}
    return gettext(reason.message) % params
