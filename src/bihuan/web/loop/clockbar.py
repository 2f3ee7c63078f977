"""The clock bar: where a matter stands between start and due, with skipped days, pauses and now; and the reasons in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from bihuan.kernel.domain.clocks import Explanation, Limit, explain, last_day, local_day, merge
from bihuan.kernel.domain.kinds import Kind
from bihuan.kernel.domain.running import running
from bihuan.kernel.domain.state import State
from bihuan.kernel.domain.workdays import Skipped, Workdays
from bihuan.kernel.registry.words import day


@dataclass(frozen=True)
class Bar:
    """Positions in thousandths of the width."""

    start: date
    due: date | None
    now: int
    due_at: int | None
    skipped: list[tuple[int, int]]
    pauses: list[tuple[int, int]]
    late: bool


def draw(s: State, kind: Kind, calendar: Workdays, now: datetime) -> Bar | None:
    """The bar of the running clock; of the handler's clock while it is paused; None when nothing runs."""
    clock = running(s, kind) or _paused(s)
    if clock is None:
        return None
    start, limit, extra, pauses = clock
    spans = [*pauses, (s.paused_from, now)] if s.paused_from else list(pauses)
    found = explain(start, limit, calendar, extra=extra, pauses=spans)
    first, today, last = local_day(start), local_day(now), found.due.day
    end = max(filter(None, [last, today, first + timedelta(days=1)])) + timedelta(days=1)
    if end < first:
        return None
    width = (end - first).days or 1

    def at(d: date) -> int:
        return max(0, min(1000, round(1000 * (d - first).days / width)))

    off = [d for d in found.skipped if d.kind != "makeup"] if width < 400 else []
    return Bar(
        first, last, at(today), at(last + timedelta(days=1)) if last else None,
        [(at(d.day), max(2, at(d.day + timedelta(days=1)) - at(d.day))) for d in off],
        [(at(local_day(a)), max(3, at(local_day(b)) - at(local_day(a)))) for a, b in merge(spans)],
        bool(s.due and now >= s.due),
    )  # fmt: skip


def _paused(s: State) -> Any:
    if s.paused and s.clock_start and s.limit:
        return s.clock_start, s.limit, s.extra, s.spans
    return None


def limit_words(limit: Limit) -> str:
    """A limit in words."""
    if limit.unit == "date":
        return _("by %(day)s") % {"day": day(limit.until)}
    if limit.unit == "open":
        return _("no end, kept up continuously")
    words = {
        "workdays": _("%(n)s working days"), "days": _("%(n)s calendar days"), "hours": _("%(n)s hours"),
        "office_hours": _("%(n)s office hours"),
    }  # fmt: skip
    return words[limit.unit] % {"n": limit.n}


def reasons(s: State, kind: Kind, calendar: Workdays) -> list[str]:
    """Why the date is that date, line by line."""
    clock = running(s, kind)
    if clock is None:
        return [_("The clock is paused; no due date runs.")] if s.paused else []
    start, limit, extra, pauses = clock
    found = explain(start, limit, calendar, extra=extra, pauses=pauses)
    lines = [
        _("Starts on %(day)s; that day is not counted.") % {"day": day(found.start)},
        _("Limit: %(limit)s.") % {"limit": limit_words(limit)},
    ]
    if s.state in ("assigned", "handling") and limit == kind.limit:
        mark = _("confirmed") if kind.confirmed else _("to be checked")
        lines.append(_("Source: %(source)s (%(mark)s).") % {"source": kind.source, "mark": mark})
    lines += _calendar_lines(found)
    if extra:
        lines.append(_("Extended by %(n)s.") % {"n": extra})
    for begin, end in found.pauses:
        lines.append(_("Stood still from %(begin)s to %(end)s.") % {"begin": day(begin), "end": day(end)})
    if found.due.day:
        lines.append(_("Due at the end of %(day)s.") % {"day": day(found.due.day)})
    if found.due.provisional:
        lines.append(
            _("Provisional: the holidays of that year are not published; the date is recomputed when they are.")
        )
    if s.due and last_day(s.due) != found.due.day:
        lines.append(
            _("Recorded as %(day)s before the calendar changed; the clock worker puts it right.")
            % {"day": day(last_day(s.due))}
        )
    return lines


def _calendar_lines(found: Explanation) -> list[str]:
    lines = []
    weekends = sum(d.kind == "weekend" for d in found.skipped)
    if found.counted and found.limit.unit == "workdays":
        lines.append(_("%(n)s working days counted.") % {"n": found.counted})
    if weekends:
        lines.append(_("%(n)s weekend days skipped.") % {"n": weekends})
    holidays: list[Skipped] = [d for d in found.skipped if d.kind == "holiday"]
    for (reason, source), days in groupby(holidays, key=lambda d: (d.reason, d.source)):
        run = list(days)
        lines.append(
            _("%(reason)s skipped: %(n)s days from %(day)s (%(source)s).")
            % {"reason": reason, "n": len(run), "day": day(run[0].day), "source": source}
        )
    for made in (d for d in found.skipped if d.kind == "makeup"):
        lines.append(
            _("Make-up working day counted: %(day)s (%(source)s).") % {"day": day(made.day), "source": made.source}
        )
    return lines
