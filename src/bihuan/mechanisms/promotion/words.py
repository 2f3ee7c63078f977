"""Lights and their reasons in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext

from bihuan.instruments.projects.words import word_name

from .lights import Reason


def reason_text(reason: Reason) -> str:
    """One reason as a sentence."""
    params = {k: word_name(v, k) if k in ("node", "permit") else v for k, v in reason.params.items()}
    return gettext(reason.message) % params
