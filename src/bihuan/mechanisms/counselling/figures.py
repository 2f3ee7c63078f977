"""What counselling has come to: sessions, answers, promises kept, waits from the record, queues that will be late."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Q

from bihuan.instruments.meetings.models import Meeting
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain.clocks import local_day, start_of
from bihuan.kernel.orgs.models import Unit

from .catalogue import approvals
from .models import OVER, Application, Officers, Question, Revisit, Sitting
from .paths import applications_visible_to, history
from .rules import waits
from .sessions import questions_visible_to, sessions_visible_to

Answer = Question.Answer


@dataclass(frozen=True)
class Year:
    """The figures of a year. Shares are (part, whole)."""

    year: int
    sessions: int
    projects: int
    units: int
    pairs: int
    """Projects coached, counted anew each session: 项目单位."""
    questions: int
    on_the_spot: tuple[int, int]
    kept: tuple[int, int]
    """Promises whose day has come: those answered in time."""
    first_pass: tuple[int, int]
    certificates: int
    coached: tuple[int, int] | None
    """Cases and median working days from receipt to permit, for projects coached before; None without any."""
    uncoached: tuple[int, int] | None
    to_permit: tuple[int, int] | None
    """Cases and median working days from the coaching to the permit."""
    revisits: tuple[int, int]
    satisfaction: float | None


def year_figures(viewer: Viewer, year: int, today: date) -> Year:
    """The figures of a year as far as the viewer may see."""
    begin, end = start_of(date(year, 1, 1)), start_of(date(year + 1, 1, 1))
    held = sessions_visible_to(viewer).filter(
        meeting__state=Meeting.State.HELD, meeting__starts_at__gte=begin, meeting__starts_at__lt=end
    )
    pairs = set(Sitting.objects.filter(session__in=held).values_list("session", "subject"))
    units = Sitting.objects.filter(session__in=held).values("unit").distinct().count()
    asked = questions_visible_to(viewer).filter(at__gte=begin, at__lt=end)
    counts = asked.aggregate(
        all=Count("pk", distinct=True), answered=Count("pk", filter=~Q(answer=Answer.OPEN), distinct=True),
        now=Count("pk", filter=Q(answer=Answer.NOW), distinct=True),
    )  # fmt: skip
    promised = asked.filter(matter__isnull=False, due__lte=today).distinct()
    kept = promised.filter(matter__state="closed", matter__late=0).count()
    decided = applications_visible_to(viewer).filter(decided__year=year).exclude(mode="mock")
    passed = applications_visible_to(viewer).filter(accepted__year=year)
    coached, uncoached, to_permit = _coached(decided)
    calls = Revisit.objects.filter(application__in=applications_visible_to(viewer), day__year=year)
    marks = list(calls.values_list("satisfaction", flat=True))
    return Year(
        year=year, sessions=held.count(), projects=len({s for _, s in pairs}), units=units, pairs=len(pairs), questions=counts["all"],
        on_the_spot=(counts["now"], counts["answered"]), kept=(kept, promised.count()),
        first_pass=(passed.filter(gaps=0).count(), passed.count()), certificates=decided.filter(granted=True).count(),
        coached=coached, uncoached=uncoached, to_permit=to_permit, revisits=(calls.filter(solved=True).count(), len(marks)),
        satisfaction=round(sum(marks) / len(marks), 1) if marks else None,
    )  # fmt: skip


def _middle(days: Sequence[int]) -> tuple[int, int] | None:
    return waits({"": days})[""][:2] if days else None


def _coached(
    decided: Iterable[Application],
) -> tuple[tuple[int, int] | None, tuple[int, int] | None, tuple[int, int] | None]:
    """Receipt to permit with coaching before and without, and coaching to permit: cases and median in working days."""
    calendar = calendar_for()
    sat_on: dict[tuple[int, str], list[date]] = {}
    held = Sitting.objects.filter(session__meeting__state=Meeting.State.HELD)
    for subject, items, moment in held.values_list("subject", "items", "session__meeting__starts_at"):
        for item in items:
            sat_on.setdefault((subject, item), []).append(local_day(moment))
    with_, without, since = [], [], []
    for a in decided:
        if not a.granted or a.received is None or a.decided is None:
            continue
        sat = max((d for d in sat_on.get((a.subject_id, a.item), ()) if d <= a.received), default=None)
        took = calendar.count(a.received, a.decided)
        if sat is not None:
            with_.append(took)
            since.append(calendar.count(sat, a.decided))
        else:
            without.append(took)
    return _middle(with_), _middle(without), _middle(since)


@dataclass(frozen=True)
class Wait:
    """How long an item or a unit took: cases, median and four of five in working days, late and with a gap notice."""

    id: str
    name: str
    n: int
    median: int
    most: int
    late: int
    gaps: int


def waits_by(viewer: Viewer, what: str, year: int | None = None) -> list[Wait]:
    """Decided cases by item (`item`) or by unit (`unit`), the slowest first."""
    rows = applications_visible_to(viewer).filter(decided__isnull=False, received__isnull=False)
    if year:
        rows = rows.filter(decided__year=year)
    calendar = calendar_for()
    column = {"item": "item", "unit": "unit__name"}[what]
    days: dict[str, list[int]] = {}
    late: dict[str, int] = {}
    gaps: dict[str, int] = {}
    for name, received, decided, over, missing in rows.values_list(column, "received", "decided", "late", "gaps"):
        days.setdefault(name, []).append(calendar.count(received, decided))
        late[name] = late.get(name, 0) + (over > 0)
        gaps[name] = gaps.get(name, 0) + (missing > 0)
    items = approvals().items
    found = [
        Wait(k, items[k].name if what == "item" and k in items else k, n, median, most, late[k], gaps[k])
        for k, (n, median, most) in waits(days).items()
    ]
    return sorted(found, key=lambda w: (-w.most, -w.n, w.id))


@dataclass(frozen=True)
class Queue:
    """What lies with a unit: open cases, those late now, those that will be late were they decided one after another."""

    unit: Unit
    officers: int
    open: int
    late: int
    will: tuple[tuple[Application, date], ...]
    """Cases and the day on which the queue comes to them, for those that will be late."""


def queues(viewer: Viewer, today: date, officers: dict[str, int] | None = None) -> list[Queue]:
    """The queues of units by what will be late. Each officer of a unit decides one case after another, the earliest due first,
    each taking what the record shows (else what is promised). `officers` by code is laid over what is kept."""
    kept = dict(Officers.objects.values_list("unit__code", "n"))
    have = {**kept, **(officers or {})}
    learnt, items, calendar = history(), approvals().items, calendar_for()
    rows = (
        applications_visible_to(viewer).filter(decided=None, received__isnull=False).exclude(state__in=[*OVER, "gap"])
    )
    by_unit: dict[int, list[Application]] = {}
    for a in rows.select_related("unit", "subject__territory").order_by(F("due").asc(nulls_last=True), "pk"):
        by_unit.setdefault(a.unit_id, []).append(a)
    found = []
    for mine in by_unit.values():
        unit = mine[0].unit
        n = max(have.get(unit.code, 1), 1)
        free = [0] * n
        will = []
        for a in mine:
            assert a.received is not None
            item = items.get(a.item)
            takes = max(learnt.get(a.item) or (item.promise if item else None) or 1, 1)
            left = max(takes - calendar.count(a.received, today), 1)
            end = heapq.heappop(free) + left
            heapq.heappush(free, end)
            day = calendar.add(today, end)
            if a.due is not None and day > a.due:
                will.append((a, day))
        late = sum(1 for a in mine if a.due is not None and a.due < today)
        found.append(Queue(unit, n, len(mine), late, tuple(will)))
    return sorted(found, key=lambda q: (-len(q.will), -q.late, -q.open, q.unit.name))
