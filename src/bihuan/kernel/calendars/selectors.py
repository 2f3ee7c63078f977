"""The calendar in force, kept in memory until a notice changes."""

from __future__ import annotations

import threading
from time import monotonic

from django.db.models import Count, Max

from bihuan.kernel.domain.workdays import Workdays

from .models import HolidayNotice
from .rules import as_notice

FRESH_SECONDS = 2.0
"""How long a process trusts its copy. A date computed in that window is put right by the re-clocking of the worker."""

Version = tuple[int, int]


class _Memory(threading.local):
    def __init__(self) -> None:
        self.version: Version | None = None
        self.checked = 0.0
        self.closed: list[str] = []
        """Paths of territories that declared a closure; most districts have none."""
        self.calendars: dict[str, Workdays] = {}


_memory = _Memory()


def version() -> Version:
    """Changes whenever a notice is loaded."""
    found = HolidayNotice.objects.aggregate(n=Count("id"), last=Max("id"))
    return found["n"], found["last"] or 0


def forget() -> None:
    """Read the notices anew at the next use."""
    _memory.version = None
    _memory.checked = 0.0


def calendar_for(path: str = "") -> Workdays:
    """The calendar for a territory, by its path: the State Council's notices and the closures of it and those above it."""
    now = monotonic()
    if now - _memory.checked > FRESH_SECONDS or _memory.version is None:
        current = version()
        _memory.checked = now
        if current != _memory.version:
            closed = HolidayNotice.objects.exclude(territory=None).values_list("territory__path", flat=True)
            _memory.version, _memory.calendars, _memory.closed = current, {}, list(closed)
    local = max((c for c in _memory.closed if path.startswith(c)), key=len, default="")
    if local not in _memory.calendars:
        _memory.calendars[local] = _build(local)
    return _memory.calendars[local]


def _build(path: str) -> Workdays:
    rows = HolidayNotice.objects.select_related("territory")
    notices = [
        as_notice(r.year, r.number, r.days_off, r.makeup_days, local=r.territory is not None)
        for r in rows
        if r.territory is None or path.startswith(r.territory.path)
    ]
    # local closures last, so that they override
    return Workdays.of(sorted(notices, key=lambda n: n.local))
