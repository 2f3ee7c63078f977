"""Sources that every mechanism can have: how matters were kept, who meets and who comes, what letters say."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from bihuan.engines.scoring import Fact
from bihuan.instruments.lateness.models import counted as confirmed
from bihuan.instruments.meetings.models import Invitation, Meeting, SignIn
from bihuan.instruments.supervision.models import SecondLook
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.clocks import end_of, local_day
from bihuan.kernel.domain.refusal import N_
from bihuan.kernel.ledger.models import Event as Recorded
from bihuan.kernel.ledger.selectors import happened
from bihuan.kernel.matters.models import Involvement, Matter
from bihuan.kernel.matters.selectors import visible_to
from bihuan.kernel.orgs.models import Post, Unit
from bihuan.kernel.orgs.selectors import function_unit, posts_on

from .metrics import Facts, Metric, Row, Since, Source, Span

COLUMNS = ("pk", "lead_id", "kind", "state", "open", "paused", "due_at", "raised_at", "closed_at", "late", "round")
RUNNING = ("assigned", "handling")


def _judged(row: tuple[Any, ...], span: Span) -> bool | None:
    """Whether a matter was kept in time within a span; None when it has no part in it yet, or was handed in late, which asks
    for the day on which it became so."""
    _pk, _lead, _kind, state, open_, paused, due, _raised, closed, late, _round = row
    if closed is not None and closed < span.stop:
        return not late if closed >= span.start else None
    if closed is not None or state not in RUNNING:
        return None
    return False if open_ and not paused and due is not None and due <= span.stop else None


def _late_since(numbers: Collection[int]) -> dict[int, datetime]:
    """Of matters that were handed in late the first moment at which they were late, from their last hand-in."""
    found: dict[int, datetime] = {}
    streams = [f"matter:{n}" for n in numbers]
    for begin in range(0, len(streams), 500):
        rows = Recorded.objects.filter(stream__in=streams[begin : begin + 500], type="Submitted").order_by(
            "stream", "seq"
        )
        for stream, body in rows.values_list("stream", "body"):
            event = happened(body)
            found[int(stream.partition(":")[2])] = end_of(local_day(event.at) - timedelta(days=event.data["late"]))
    return found


def tally(pairs: Iterable[tuple[int, bool]]) -> dict[int, Fact]:
    """By unit how many are good of how many."""
    good: dict[int, int] = defaultdict(int)
    all_: dict[int, int] = defaultdict(int)
    for unit, ok in pairs:
        all_[unit] += 1
        good[unit] += ok
    return {u: Fact(good[u], n) for u, n in all_.items()}


def counted(units: Iterable[int]) -> dict[int, Fact]:
    """By unit how many there are; a unit stands in the row once for each."""
    return {u: Fact(n) for u, n in Counter(units).items()}


def matter_source(mechanism: str, kinds: Mapping[str, tuple[str, Collection[str]]]) -> Source:
    """How a mechanism's matters were kept by those who lead them: for each metric its name and its kinds of matter; further
    `held` (not reopened), `looked` (a second look found it solved), `verify_late` (verifications that wait too long)."""
    of_kind: dict[str, list[str]] = defaultdict(list)
    for metric, (_name, ids) in kinds.items():
        for kind in ids:
            of_kind[kind].append(f"{mechanism}.{metric}")
    held, looked, waits = (f"{mechanism}.{x}" for x in ("held", "looked", "verify_late"))
    listed = (
        *(Metric(f"{mechanism}.{m}", name, True) for m, (name, _ids) in kinds.items()),
        Metric(held, N_("closed matters that stayed closed"), True), Metric(looked, N_("second looks that found it solved"), True),
        Metric(waits, N_("verifications that wait past their time"), False, "less"),
    )  # fmt: skip

    def part(span: Span, rows: QuerySet[Matter]) -> Iterator[tuple[str, int, int, bool]]:
        """(metric, unit, matter, good) for every matter that counts."""
        mine = rows.filter(mechanism=mechanism, lead__isnull=False, raised_at__lt=span.stop)
        mine = mine.filter(Q(closed_at=None) | Q(closed_at__gte=span.start))
        handed: dict[int, tuple[str, int]] = {}
        for row in mine.order_by().values_list(*COLUMNS).iterator(5_000):
            kept = _judged(row, span)
            if row[9] and (row[3] == "submitted" or (row[8] is not None and row[8] >= span.stop)):
                handed[row[0]] = (row[2], row[1])
            if kept is not None:
                for metric in of_kind.get(row[2], ()):
                    yield metric, row[1], row[0], kept
            if row[3] == "closed" and row[8] is not None and span.start <= row[8] < span.stop:
                yield held, row[1], row[0], row[10] == 1
        for number, since in _late_since(handed).items():
            if since <= span.stop:
                kind, lead = handed[number]
                for metric in of_kind.get(kind, ()):
                    yield metric, lead, number, False

    def looks(span: Span) -> QuerySet[SecondLook]:
        return SecondLook.objects.filter(
            matter__mechanism=mechanism, good__isnull=False, at__gte=span.start, at__lt=span.stop
        )

    def late(span: Span) -> QuerySet[Matter]:
        return Matter.objects.filter(mechanism=mechanism, state="submitted", due_at__lte=span.stop)

    def measure(span: Span, units: Collection[int] | None) -> Facts:
        rows, seen, slow = Matter.objects.all(), looks(span), late(span)
        if units is not None:
            rows, seen, slow = (
                rows.filter(lead__in=units),
                seen.filter(matter__lead__in=units),
                slow.filter(verifier__in=units),
            )
        found: dict[str, list[tuple[int, bool]]] = defaultdict(list)
        for metric, unit, _number, good in part(span, rows):
            found[metric].append((unit, good))
        found[looked] = [(u, bool(ok)) for u, ok in seen.values_list("matter__lead_id", "good")]
        facts = {m: tally(pairs) for m, pairs in found.items()}
        return {**facts, waits: counted(slow.order_by().values_list("verifier_id", flat=True))}

    def rows(viewer: Viewer, metric: str, unit: int, span: Span) -> list[Row]:
        seen = visible_to(viewer)
        if metric == waits:
            return [_row(m, False) for m in seen.filter(pk__in=late(span), verifier=unit)]
        if metric == looked:
            found = looks(span).filter(matter__lead=unit, matter__in=seen).select_related("matter")
            return [_row(s.matter, bool(s.good), s.findings) for s in found]
        good = {n: ok for m, _u, n, ok in part(span, seen.filter(lead=unit)) if m == metric}
        return sorted(
            (_row(m, good[m.pk]) for m in Matter.objects.filter(pk__in=good)), key=lambda r: (r.good, -int(r.key))
        )

    def touched(since: Since) -> set[int]:
        numbers = [int(n) for n in since.streams.get("matter", ())]
        units = set(
            Involvement.objects.filter(matter__in=numbers, role__in=["lead", "verifier"]).values_list(
                "unit_id", flat=True
            )
        )
        drawn = SecondLook.objects.filter(draw__in=[int(n) for n in since.streams.get("draw", ())])
        units |= set(drawn.exclude(matter__lead=None).values_list("matter__lead_id", flat=True))
        past = Matter.objects.filter(mechanism=mechanism, open=True, due_at__gt=since.then, due_at__lte=since.now)
        for lead, verifier in past.values_list("lead_id", "verifier_id"):
            units |= {u for u in (lead, verifier) if u}
        before = {str(d["before"]) for d in since.bodies.get("Transferred", ()) if d.get("before")}
        return units | set(Unit.objects.filter(code__in=before).values_list("id", flat=True))

    return Source(f"{mechanism}.matters", listed, measure, rows, touched)


def _row(m: Matter, good: bool, note: str = "") -> Row:
    return Row("matter", str(m.pk), m.title, good, m.closed_at or m.due_at, note)


def meeting_source(mechanism: str) -> Source:
    """Meetings that a unit held itself, and of those that the mechanism's office called it to, how many it came to."""
    hosted, came = f"{mechanism}.meetings", f"{mechanism}.attended"
    listed = (Metric(hosted, N_("meetings held"), False), Metric(came, N_("meetings attended"), True))

    def held(span: Span) -> QuerySet[Meeting]:
        return Meeting.objects.filter(
            confirmed(), state=Meeting.State.HELD, starts_at__gte=span.start, starts_at__lt=span.stop
        )  # fmt: skip

    def invited(span: Span) -> QuerySet[Invitation]:
        # nobody could sign in to a meeting that was entered when it was over
        meetings = held(span).filter(late="", host__code=function_unit(f"coordinate.{mechanism}"))
        return Invitation.objects.filter(meeting__in=meetings)

    def measure(span: Span, units: Collection[int] | None) -> Facts:
        present = set(SignIn.objects.filter(meeting__in=held(span)).values_list("meeting_id", "unit_id"))
        pairs = [(u, (m, u) in present) for m, u in invited(span).order_by().values_list("meeting_id", "unit_id")]
        return {hosted: counted(held(span).order_by().values_list("host_id", flat=True)), came: tally(pairs)}

    def rows(viewer: Viewer, metric: str, unit: int, span: Span) -> list[Row]:
        if metric == hosted:
            return [Row("meeting", str(m.pk), m.title, True, m.starts_at) for m in held(span).filter(host=unit)]
        present = set(SignIn.objects.filter(unit=unit).values_list("meeting_id", flat=True))
        found = invited(span).filter(unit=unit).select_related("meeting")
        return [
            Row("meeting", str(i.meeting_id), i.meeting.title, i.meeting_id in present, i.meeting.starts_at)
            for i in found
        ]

    def touched(since: Since) -> Collection[int] | None:
        begun = Meeting.objects.filter(starts_at__gt=since.then, starts_at__lte=since.now)
        return None if since.streams.get("meeting") or begun.exists() else ()

    return Source(f"{mechanism}.meetings", listed, measure, rows, touched)


def post_source(mechanism: str) -> Source:
    """Posts of a unit that stood empty on the last day, and of all its posts how many were held."""
    vacant = f"{mechanism}.vacant"
    listed = (Metric(vacant, N_("empty posts"), False, "less"),)

    def empty(span: Span) -> QuerySet[Post]:
        return posts_on(span.day).filter(person=None)

    def measure(span: Span, units: Collection[int] | None) -> Facts:
        return {vacant: counted(empty(span).order_by().values_list("unit_id", flat=True))}

    def rows(viewer: Viewer, metric: str, unit: int, span: Span) -> list[Row]:
        return [
            Row("post", str(p.pk), f"{p.unit.name} {p.title}", False, p.valid_from)
            for p in empty(span).filter(unit=unit).select_related("unit")
        ]

    return Source(f"{mechanism}.posts", listed, measure, rows, lambda since: None)
