"""Facts of a year, kept per unit and reckoned anew only for whom events or time have touched; and the scores they give."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from bihuan.engines.scoring import Fact, Gain, Result, gains, score
from bihuan.engines.scoring import Scheme as Parsed
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.ledger.selectors import happened

from .catalogue import body_of, read
from .metrics import Facts, Since, Source, sources, year_span
from .models import Assessment, Kept, Mark, Reckoned

MOVES = ("Transferred",)
"""Events whose data name a unit that is no longer on the row."""
MOST = 50_000
"""Beyond so many new events everything is reckoned anew."""
LIVE = timedelta(seconds=5)
"""How long after a moment it still counts as now."""
Known = dict[int, dict[str, Fact]]


def quarters_done(year: int, at: datetime) -> int:
    """How many quarters of a year have ended by a moment."""
    day = local_day(at)
    return 4 if day.year > year else 0 if day.year < year else (day.month - 1) // 3


def _since(through: int, then: datetime, now: datetime) -> Since | None:
    """What the ledger holds behind an event; None when it is too much to look at."""
    rows = list(Event.objects.filter(id__gt=through).order_by("id").values_list("stream", "type", "id")[: MOST + 1])
    if len(rows) > MOST:
        return None
    streams: dict[str, set[str]] = defaultdict(set)
    for stream, _type, _id in rows:
        kind, _, key = stream.partition(":")
        streams[kind].add(key)
    bodies: dict[str, list[dict[str, Any]]] = defaultdict(list)
    moved = [pk for _s, type_, pk in rows if type_ in MOVES]
    for type_, body in Event.objects.filter(id__in=moved).values_list("type", "body"):
        bodies[type_].append(happened(body).data)
    return Since(streams, then, now, bodies)


def refresh(year: int, at: datetime) -> dict[str, int | None]:
    """Bring the facts of a year up to a moment: by source how many units were reckoned, None for all of them. A source
    that nothing touched is left as it is."""
    done: dict[str, int | None] = {}
    for source in sources():
        with transaction.atomic():
            done[source.id] = _refresh(source, year, at)
    return done


def _refresh(source: Source, year: int, at: datetime) -> int | None:
    row, fresh = Reckoned.objects.select_for_update().get_or_create(
        year=year, source=source.id, defaults={"through": -1, "at": at}
    )
    top = Event.objects.order_by("-id").values_list("id", flat=True).first() or 0
    span = year_span(year, at)
    same_time = not fresh and year_span(year, row.at).stop == span.stop
    if not fresh and row.through == top and same_time:
        return 0
    touched: Collection[int] | None = None
    if not fresh and row.at <= at and (row.live or same_time):
        since = _since(row.through, row.at, at)
        touched = source.touched(since) if since else None
    if touched is None or touched:
        keep(source, year, source.measure(span, touched), touched)
    row.through, row.at, row.live = top, at, at >= timezone.now() - LIVE
    row.save(update_fields=["through", "at", "live"])
    return None if touched is None else len(touched)


def keep(source: Source, year: int, facts: Facts, units: Collection[int] | None) -> None:
    """Write what a source measured for some units, or for all."""
    by_unit: dict[int, dict[str, Any]] = defaultdict(dict)
    for metric, found in facts.items():
        for unit, fact in found.items():
            by_unit[unit][metric] = [fact.num, fact.den]
    old = Kept.objects.filter(year=year, source=source.id)
    (old if units is None else old.filter(unit__in=units)).delete()
    wanted = by_unit if units is None else {u: by_unit[u] for u in units if u in by_unit}
    Kept.objects.bulk_create(
        (Kept(year=year, source=source.id, unit_id=u, facts=f) for u, f in wanted.items()), batch_size=1_000
    )


def read_facts(data: Mapping[str, Any]) -> dict[str, Fact]:
    """Facts as they are kept."""
    return {m: Fact(num, den) for m, (num, den) in data.items()}


def known(year: int, units: Collection[int] | None = None) -> Known:
    """The kept facts of a year by unit."""
    found: Known = defaultdict(dict)
    rows = Kept.objects.filter(year=year)
    if units is not None:
        rows = rows.filter(unit__in=units)
    for unit, facts in rows.values_list("unit_id", "facts"):
        found[unit] |= read_facts(facts)
    return found


def measured(year: int, quarter: int, at: datetime) -> Known:
    """The facts at the end of a quarter, measured now and not kept."""
    span = year_span(year, at, quarter)
    found: Known = defaultdict(dict)
    for source in sources():
        for metric, facts in source.measure(span, None).items():
            for unit, fact in facts.items():
                found[unit][metric] = fact
    return found


def as_of(year: int) -> datetime | None:
    """The oldest moment up to which the facts of a year were brought."""
    return Reckoned.objects.filter(year=year).order_by("at").values_list("at", flat=True).first()


@dataclass(frozen=True)
class Sheet:
    """An assessment with its four columns: computed from the record, as the unit claims, as the assessor found, and with what
    appeals gave back, which is what counts."""

    assessment: Assessment
    scheme: Parsed
    facts: dict[str, Fact]
    quarters: int
    computed: Result
    own: Result
    assessor: Result
    final: Result

    def gains(self) -> list[Gain]:
        """What would raise the score most."""
        given = _given(self.assessment)
        return gains(
            self.scheme, self.facts, sector=self.assessment.unit.sector, quarters=self.quarters, adjusted=given
        )


def _given(a: Assessment, appeals: bool = True) -> dict[str, int]:
    """Points by item that assessors and appeals gave or took."""
    found: dict[str, int] = defaultdict(int)
    for mark in a.marks.all():
        if mark.side == Mark.Side.ASSESSOR:
            found[mark.item] += mark.points
    if appeals:
        for appeal in a.appeals.all():
            found[appeal.item] += appeal.points
    return found


def sheets(rows: Iterable[Assessment], at: datetime) -> list[Sheet]:
    """Assessments with their scores. Rows come with `unit`, and best with marks and appeals fetched before."""
    rows = list(rows)
    facts = {year: known(year) for year in {a.year for a in rows if a.facts is None}}
    parsed: dict[tuple[str, int], Parsed] = {}
    out = []
    for a in rows:
        if a.scheme is not None:
            scheme = read(a.scheme)
        else:
            if (a.key, a.year) not in parsed:
                parsed[a.key, a.year] = read(body_of(a.key, a.year))
            scheme = parsed[a.key, a.year]
        have = read_facts(a.facts) if a.facts is not None else facts[a.year].get(a.unit_id, {})
        quarters = 4 if a.facts is not None else quarters_done(a.year, at)
        own = {m.item: m.points for m in a.marks.all() if m.side == Mark.Side.SELF}

        def result(adjusted: dict[str, int], vetoed: bool = False) -> Result:
            return score(scheme, have, sector=a.unit.sector, quarters=quarters, adjusted=adjusted, vetoed=vetoed)  # noqa: B023

        vetoed, computed = bool(a.veto), result({})
        found = {k: v for k, v in _given(a, False).items() if v}
        assessor = result(found, vetoed) if found or vetoed else computed
        final = result(_given(a), vetoed) if any(x.points for x in a.appeals.all()) else assessor
        out.append(Sheet(a, scheme, have, quarters, computed, result(own) if own else computed, assessor, final))
    return out


def body(sheet: Sheet) -> dict[str, Any]:
    """What a taken score keeps: the facts that its scheme asks for, and points by item."""
    wanted = sheet.scheme.metrics()
    return {
        "facts": {m: [f.num, f.den] for m, f in sorted(sheet.facts.items()) if m in wanted},
        "items": {i: s.points for i, s in sorted(sheet.final.items().items())},
    }  # fmt: skip


def tried(body_: dict[str, Any], year: int, rows: Iterable[Assessment], at: datetime) -> list[tuple[Sheet, Result]]:
    """What another scheme would have said of assessments of a year: each sheet as it is, and the other result."""
    other = read(body_)
    return [
        (s, score(other, s.facts, sector=s.assessment.unit.sector, quarters=s.quarters, adjusted=_given(s.assessment), vetoed=bool(s.assessment.veto)))
        for s in sheets(rows, at)
    ]  # fmt: skip
