"""What of responsibility letters stands on the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bihuan.kernel.registry.pages import Line, Panel

from .selectors import letters_visible_to, to_sign


def waiting(viewer: Any, about: None, now: datetime) -> list[Line]:
    """Letters to sign, and suggested wordings to answer."""
    asked = letters_visible_to(viewer).filter(
        state="offered", suggestion__isnull=False, batch__issuer__code__in=viewer.acting
    )
    counted = (
        (to_sign(viewer).count(), _("letters wait for your signature")),
        (asked.count(), _("suggested wordings wait for an answer")),
    )
    return [Line(str(n), text, "letters") for n, text in counted if n]


PANELS = (Panel("letters", "desk", waiting, order=10),)
