"""Days, amounts and names as readers of either language say them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language

from bihuan.kernel.domain import clocks
from bihuan.kernel.domain.clocks import ZONE, local_day

WEEK = "一二三四五六日"


def chinese() -> bool:
    """Whether the reader reads Chinese."""
    return (get_language() or "").startswith("zh")


def own_name(thing: Any) -> str:
    """The name of something that has `name` (Chinese) and `name_en`, in the reader's language."""
    return str(thing.name if chinese() else thing.name_en)


def day(value: Any) -> str:
    """A day as people say it: 4月30日 (周二) this year, else 2024-04-30. Takes a day, a moment or ISO text."""
    if value is None or value == "":
        return ""
    found = (
        local_day(value)
        if isinstance(value, datetime)
        else date.fromisoformat(value)
        if isinstance(value, str)
        else value
    )
    if found.year != timezone.localdate().year:
        return str(found.isoformat())
    if chinese():
        return f"{found.month}月{found.day}日 (周{WEEK[found.weekday()]})"
    return str(found.strftime("%-d %b (%a)"))


def moment(value: datetime | None) -> str:
    """A moment: the day and the minute."""
    return f"{day(value)} {value.astimezone(ZONE):%H:%M}" if value else ""


def last_day(value: datetime | None) -> str:
    """The last day that is in time, of the first moment too late."""
    return day(clocks.last_day(value)) if value else ""
