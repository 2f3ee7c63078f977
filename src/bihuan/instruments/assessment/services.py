"""Writing assessments: open a year, take scores, self-review, the assessor's findings, the announcement, the final result; adopt
schemes. Appeals are in `appeals`. Each act is an event of `assessment:<id>` or `scheme:<key>`."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, transaction

from bihuan.engines.scoring import score
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain import chain
from bihuan.kernel.domain.clocks import end_of, local_day
from bihuan.kernel.domain.kinds import BadCatalogue
from bihuan.kernel.domain.refusal import N_, Refused, must, need
from bihuan.kernel.domain.state import Event
from bihuan.kernel.evidence.models import Staged
from bihuan.kernel.ledger.services import note
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.orgs.selectors import function_unit

from .catalogue import body_of, cycle, read, shipped
from .metrics import year_span
from .models import Assessment, Mark, Proof, Scheme, Score
from .reckoning import Sheet, body, measured, quarters_done, refresh, sheets
from .selectors import full, keeps

State = Assessment.State


def tell(a: Assessment, type_: str, person: str, unit: str, at: datetime, **data: Any) -> None:
    """An event of an assessment's stream."""
    title = f"{a.year} {shipped()[a.key]['name']}" if a.key in shipped() else f"{a.year} {a.key}"
    told = {"key": a.key, "year": a.year, "unit": a.unit.code, "title": title, **data}
    note(stream=f"assessment:{a.pk}", event=Event(type_, at, person, unit, told), at=at)


def office_of(viewer: Viewer, mechanism: str) -> str:
    """The code of the office that runs a mechanism's assessments, which the viewer must belong to. Refused for others."""
    must(keeps(viewer, mechanism))
    return function_unit(f"coordinate.{mechanism}")


def locked(a: Assessment, *states: str) -> Assessment:
    """The row as it is now, held until the end of the transaction. Refused in another state."""
    row: Assessment = Assessment.objects.select_for_update(of=("self",)).select_related("unit").get(pk=a.pk)
    if row.state not in states:
        raise Refused(
            N_("This is not the time for it: the assessment stands at “%(state)s”."), state=State(row.state).label
        )
    return row


@transaction.atomic
def open_year(*, viewer: Viewer, key: str, year: int, units: Collection[Unit], at: datetime) -> list[Assessment]:
    """Begin the assessments of a year for these units; those that have one keep it. The office itself and supervision
    cannot be assessed by themselves."""
    scheme = read(body_of(key, year))
    office = office_of(viewer, scheme.mechanism)
    own = {office, function_unit("supervision")}
    have = set(Assessment.objects.filter(key=key, year=year).values_list("unit", flat=True))
    made = []
    for unit in sorted({u.pk: u for u in units}.values(), key=lambda u: u.name):
        if unit.pk in have:
            continue
        if unit.code in own:
            raise Refused(N_("%(unit)s assesses others; it cannot be among them."), unit=unit.name)
        a = Assessment.objects.create(key=key, mechanism=scheme.mechanism, year=year, unit=unit)
        tell(a, "AssessmentOpened", viewer.person.username, office, at, tell=[unit.code])
        made.append(a)
    if made:
        refresh(year, at)
    return made


def take(*, year: int, quarter: int, at: datetime) -> int:
    """Take the scores of a quarter that has ended, for every running assessment that has none; how many. The fourth
    is the year's. Once taken a score stays as it is, so nobody is surprised later."""
    period = f"{year}Q{quarter}"
    if quarters_done(year, at) < quarter:
        raise Refused(N_("%(period)s has not ended."), field="period", period=period)
    rows = list(
        full(Assessment.objects.filter(year=year, state__in=[State.RUNNING, State.SELF, State.REVIEWED])).exclude(
            scores__period=period
        )
    )
    if not rows:
        return 0
    found, end = measured(year, quarter, at), year_span(year, at, quarter).stop
    for a in rows:
        a.facts = {m: [f.num, f.den] for m, f in found.get(a.unit_id, {}).items()}
    done = 0
    for sheet in sheets(rows, at):
        done += _taken(_at_quarter(sheet, quarter), period, end, at)
    return done


def _at_quarter(sheet: Sheet, quarter: int) -> Sheet:
    a = sheet.assessment
    result = score(sheet.scheme, sheet.facts, sector=a.unit.sector, quarters=quarter)
    return replace(sheet, quarters=quarter, computed=result, final=result)


def _taken(sheet: Sheet, period: str, end: datetime, at: datetime) -> int:
    a, result, told = sheet.assessment, sheet.final, body(sheet)
    try:
        with transaction.atomic():
            Score.objects.create(assessment=a, period=period, at=end, total=result.total, level=result.level, body=told)
            tell(
                a, "ScoreTaken", "clock", function_unit(f"coordinate.{a.mechanism}"), at, period=period, total=result.total, level=result.level,
                digest=digest(told), tell=[a.unit.code],
            )  # fmt: skip
    except IntegrityError:
        return 0  # another worker took it in the same moment
    return 1


def digest(told: Any) -> str:
    """The hash of what a score was taken from; the same facts give the same."""
    return sha256(chain.canonical(told).encode()).hexdigest()


def follow(*, at: datetime) -> int:
    """What the worker does: bring the facts of running years up to now, take the scores of quarters that ended; how many."""
    years = Assessment.objects.filter(facts__isnull=True).order_by().values_list("year", flat=True).distinct()
    done = 0
    for year in years:
        refresh(year, at)
        for quarter in range(1, quarters_done(year, at) + 1):
            done += take(year=year, quarter=quarter, at=at)
    return done


@transaction.atomic
def begin_review(*, viewer: Viewer, key: str, year: int, at: datetime) -> int:
    """Ask the units for their self-review; how many. Refused before its day."""
    rows = list(Assessment.objects.filter(key=key, year=year, state=State.RUNNING).select_related("unit"))
    for a in rows:
        office = office_of(viewer, a.mechanism)
        if local_day(at) < cycle().opens(year):
            raise Refused(N_("The self-review begins on %(day)s."), day=cycle().opens(year).isoformat())
        a = locked(a, State.RUNNING)
        a.state = State.SELF
        a.save(update_fields=["state"])
        tell(a, "ReviewAsked", viewer.person.username, office, at, tell=[a.unit.code])
    return len(rows)


def proofs(a: Assessment, item: str, side: str, files: Sequence[Staged]) -> list[str]:
    Proof.objects.bulk_create(Proof(assessment=a, item=item, side=side, file=s.file, name=s.name) for s in files)
    for s in files:
        s.delete()
    return [s.file_id for s in files]


@transaction.atomic
def mark(
    *,
    viewer: Viewer,
    a: Assessment,
    side: str,
    item: str,
    points: int,
    text: str,
    files: Sequence[Staged],
    at: datetime,
) -> Mark:
    """Change an item by `points` (hundredths): the unit's claim in its self-review, or the assessor's finding after it.

    Refused for others, in another state, for an item that the unit does not have, without words, beyond what the item has,
    and where an assessor takes points without evidence.
    """
    own = side == Mark.Side.SELF
    a = locked(a, State.SELF) if own else locked(a, State.RUNNING, State.SELF, State.REVIEWED)
    office = a.unit.code if own else office_of(viewer, a.mechanism)
    must(office in viewer.acting)
    scheme = read(body_of(a.key, a.year))
    mine = {i.id: i for p in scheme.of(a.unit.sector) for i in p.items}
    if item not in mine:
        raise Refused(N_("This unit has no such item."), field="item", allowed=False)
    need(text, "text")
    if not points or abs(points) > mine[item].points:
        raise Refused(
            N_("The item has %(n)s points; change it by more than nothing and no more than that."),
            field="points",
            n=f"{mine[item].points / 100:g}",
        )
    if not files and (points < 0) != own:
        raise Refused(N_("Points are claimed or taken with evidence: add a file."), field="files")
    Mark.objects.filter(assessment=a, item=item, side=side).delete()
    made = Mark.objects.create(
        assessment=a,
        item=item,
        side=side,
        points=points,
        text=text.strip(),
        person=viewer.person.username,
        unit=Unit.objects.get(code=office),
        at=at,
    )
    kept = proofs(a, item, side, files)
    tell(
        a,
        "Marked",
        viewer.person.username,
        office,
        at,
        item=item,
        side=side,
        points=points,
        text=made.text,
        files=kept,
        tell=[] if own else [a.unit.code],
    )
    return made


@transaction.atomic
def reviewed(*, viewer: Viewer, a: Assessment, at: datetime) -> None:
    """The unit has looked through its computed score and is done: where it claimed nothing, what was computed stands."""
    a = locked(a, State.SELF)
    must(a.unit.code in viewer.acting)
    a.state = State.REVIEWED
    a.save(update_fields=["state"])
    tell(a, "SelfReviewed", viewer.person.username, a.unit.code, at, claims=a.marks.filter(side=Mark.Side.SELF).count())


@transaction.atomic
def veto(*, viewer: Viewer, a: Assessment, text: str, files: Sequence[Staged], at: datetime) -> None:
    """A person decides that the whole is a failure (falsified records, say), with words and evidence; an empty text takes
    it back. Refused for other units, and once the result is announced."""
    a = locked(a, State.RUNNING, State.SELF, State.REVIEWED)
    office = office_of(viewer, a.mechanism)
    if text.strip() and not files:
        raise Refused(N_("Points are claimed or taken with evidence: add a file."), field="files")
    a.veto = text.strip()
    a.save(update_fields=["veto"])
    tell(
        a,
        "Vetoed",
        viewer.person.username,
        office,
        at,
        text=a.veto,
        files=proofs(a, "", "veto", files),
        tell=[a.unit.code],
    )


@transaction.atomic
def announce(*, viewer: Viewer, key: str, year: int, at: datetime) -> int:
    """Announce the results of a year: facts and scheme are kept as they are, and the time to appeal begins; how many.

    Refused before the year is over, and while a self-review is missing whose time is not.
    """
    rows = list(
        full(Assessment.objects.filter(key=key, year=year, state__in=[State.RUNNING, State.SELF, State.REVIEWED]))
    )
    if not rows:
        raise Refused(N_("There is no result to announce."))
    office = office_of(viewer, rows[0].mechanism)
    if at < end_of(date(year, 12, 31)):
        raise Refused(N_("%(period)s has not ended."), field="period", period=year)
    open_ = [a.unit.name for a in rows if a.state == State.SELF]
    if open_ and local_day(at) < date(year + 1, 1, 10):
        raise Refused(
            N_("%(unit)s has not finished its self-review; from 10 January on that no longer matters."), unit=open_[0]
        )
    refresh(year, at)
    until = calendar_for().add(local_day(at), cycle().appeal)
    stop = year_span(year, at).stop
    for sheet in sheets(rows, at):
        a, told = locked(sheet.assessment, State.RUNNING, State.SELF, State.REVIEWED), body(sheet)
        a.scheme, a.facts, a.as_of, a.appeal_until = body_of(key, year), told["facts"], stop, until
        a.total, a.level, a.state = sheet.final.total, sheet.final.level, State.ANNOUNCED
        a.save()
        Score.objects.get_or_create(
            assessment=a, period=str(year), defaults={"at": stop, "total": a.total, "level": a.level, "body": told}
        )
        tell(
            a, "ResultAnnounced", viewer.person.username, office, at, total=a.total, level=a.level, digest=digest(told),
            until=until.isoformat(), tell=[a.unit.code],
        )  # fmt: skip
    return len(rows)


@transaction.atomic
def finish(*, viewer: Viewer, key: str, year: int, at: datetime) -> int:
    """Make announced results final; how many. Refused while the time to appeal runs or an appeal is open."""
    rows = list(full(Assessment.objects.filter(key=key, year=year, state=State.ANNOUNCED)))
    if not rows:
        raise Refused(N_("There is no result to announce."))
    office = office_of(viewer, rows[0].mechanism)
    for a in rows:
        if a.appeal_until and local_day(at) <= a.appeal_until:
            raise Refused(N_("Units may appeal until %(day)s."), day=a.appeal_until.isoformat())
        waits = next((x for x in a.appeals.all() if x.upheld is None), None)
        if waits:
            raise Refused(N_("An appeal of %(unit)s is not decided."), unit=a.unit.name)
    for sheet in sheets(rows, at):
        a = locked(sheet.assessment, State.ANNOUNCED)
        a.total, a.level, a.state = sheet.final.total, sheet.final.level, State.FINAL
        a.save(update_fields=["total", "level", "state"])
        tell(a, "ResultFinal", viewer.person.username, office, at, total=a.total, level=a.level, tell=[a.unit.code])
    return len(rows)


@transaction.atomic
def scheme_save(*, viewer: Viewer, key: str, year: int, body_: dict[str, Any], adopt: bool, at: datetime) -> Scheme:
    """Keep an edition of a scheme as a draft, or adopt it for a year. Refused for other units, for a scheme that does not add up
    or asks for a figure that is not kept, and once results of that year are announced."""
    try:
        parsed = read(body_)
    except BadCatalogue as error:
        raise Refused(N_("The scheme cannot be used: %(why)s."), field="body", why=str(error)) from None
    office = office_of(viewer, parsed.mechanism)
    if parsed.id != key:
        raise Refused(N_("The scheme cannot be used: %(why)s."), field="body", why=f"{parsed.id} ≠ {key}")
    if Assessment.objects.filter(key=key, year=year, facts__isnull=False).exists():
        raise Refused(N_("The results of %(year)s are announced; change the scheme of a later year."), year=year)
    last = Scheme.objects.filter(key=key, year=year).first()
    made = Scheme.objects.create(
        key=key, year=year, number=(last.number if last else 0) + 1, body=body_, adopted_at=at if adopt else None, unit=Unit.objects.get(code=office),
        person=viewer.person.username, at=at,
    )  # fmt: skip
    text = json.dumps(body_, ensure_ascii=False, sort_keys=True)
    data = {"key": key, "year": year, "number": made.number, "adopted": adopt, "body": text}
    note(stream=f"scheme:{key}", event=Event("SchemeKept", at, viewer.person.username, office, data), at=at)
    return made
