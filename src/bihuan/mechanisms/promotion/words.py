"""Lights and their reasons in the reader's language."""

from __future__ import annotations

from django.utils.translation import get_language, gettext

from bihuan.instruments.projects.selectors import words

from .lights import Reason


def word_name(id_: str) -> str:
    """The name of a node, element or permit in the reader's language; other text as it is."""
    catalogue = words()
    for word in (*catalogue.nodes, *catalogue.permits, *catalogue.elements):
        if word.id == id_:
            return word.name if (get_language() or "").startswith("zh") else word.name_en
    return id_


def reason_text(reason: Reason) -> str:
    """One reason as a sentence."""
    named = {"node", "permit"}
    params = {k: word_name(v) if k in named else v for k, v in reason.params.items()}
    return gettext(reason.message) % params
