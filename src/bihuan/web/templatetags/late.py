"""When something happened beside when it was entered."""

from __future__ import annotations

from datetime import datetime

from django import template

from bihuan.instruments.lateness.services import both_times

register = template.Library()


@register.filter
def long_before(at: datetime, entered: datetime | None) -> bool:
    """Whether it happened so long before its entry that both times are shown."""
    return entered is not None and both_times(at, entered)
