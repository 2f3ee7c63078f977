"""When something happened beside when it was entered."""

from __future__ import annotations

from datetime import date, datetime

from django import template

from bihuan.instruments.lateness.services import both_times
from bihuan.kernel.domain.clocks import end_of

register = template.Library()


@register.filter
def long_before(at: datetime | date, entered: datetime | None) -> bool:
    """Whether it happened (or the day on which it did, ended) so long before its entry that both times are shown."""
    if not isinstance(at, datetime):
        at = end_of(at)
    return entered is not None and both_times(at, entered)
