"""Rounds and nominees: eligible by the record, then notice, review, notice, review, notice, approval. Events of `commendation:<round>`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from bihuan.engines.scoring.schema import LEVELS
from bihuan.instruments.accountability.services import standing
from bihuan.instruments.assessment.models import Assessment
from bihuan.kernel.access.viewer import Viewer, oversees_all
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.refusal import N_, Refused, must, need
from bihuan.kernel.domain.state import Event
from bihuan.kernel.ledger.services import note
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.orgs.selectors import carriers, function_unit

from .models import STAGES, Nominee, Round, Voice

State = Nominee.State
NOTICES, REVIEWS = ("notice1", "notice2", "notice3"), ("review1", "review2")
MOST_NOTICE = 20


def _tell(round_: Round, type_: str, viewer: Viewer, unit: str, at: datetime, **data: Any) -> None:
    note(
        stream=f"commendation:{round_.pk}",
        event=Event(type_, at, viewer.person.username, unit, {"title": round_.title, **data}),
        at=at,
    )


def _office(viewer: Viewer, mechanism: str) -> str:
    office = function_unit(f"coordinate.{mechanism}")
    must(office in viewer.acting)
    return office


def rounds_visible_to(viewer: Viewer) -> QuerySet[Round]:
    """Rounds are public within the district, except to administrators."""
    return Round.objects.none() if viewer.admin else Round.objects.all()


def nominees_visible_to(viewer: Viewer) -> QuerySet[Nominee]:
    """Nominees are public from their first notice on; before, they are for those who nominated, who are nominated, and who oversee."""
    if viewer.admin:
        return Nominee.objects.none()
    wide = {
        m for m in Round.objects.order_by().values_list("mechanism", flat=True).distinct() if oversees_all(viewer, m)
    }
    public = ~Q(stage="nominated") & ~Q(state=State.REFUSED)
    return Nominee.objects.filter(
        public | Q(by__in=viewer.units) | Q(unit__in=viewer.units) | Q(round__mechanism__in=wide)
    )


@transaction.atomic
def open_round(
    *,
    viewer: Viewer,
    mechanism: str,
    year: int,
    title: str,
    units: int,
    people: int,
    level: str,
    notice_days: int,
    at: datetime,
) -> Round:
    """Call for nominations for a year. Refused for other units, and for a notice that is too short or too long."""
    office = _office(viewer, mechanism)
    if not 1 <= notice_days <= MOST_NOTICE or level not in LEVELS[:3]:
        raise Refused(N_("A public notice lasts 1 to %(n)s working days."), field="notice_days", n=MOST_NOTICE)
    made = Round.objects.create(
        mechanism=mechanism, year=year, title=title, units=units, people=people, level=level, notice_days=notice_days,
        office=Unit.objects.get(code=office), person=viewer.person.username, at=at,
    )  # fmt: skip
    tell = sorted(
        Assessment.objects.filter(mechanism=mechanism, year=year).values_list("unit__code", flat=True).distinct()
    )
    _tell(made, "NominationsCalled", viewer, office, at, year=year, units=units, people=people, level=level, tell=tell)
    return made


def checks(round_: Round, unit: Unit, at: datetime) -> list[dict[str, Any]]:
    """What the record says of a unit: each check by name, whether it holds, and the figure behind it."""
    rows = list(Assessment.objects.filter(mechanism=round_.mechanism, year=round_.year, unit=unit))
    final = [a for a in rows if a.state == Assessment.State.FINAL]
    wanted = LEVELS.index(round_.level)
    late = Matter.objects.filter(
        mechanism=round_.mechanism,
        lead=unit,
        open=True,
        paused=False,
        state__in=["assigned", "handling"],
        due_at__lte=at,
    )
    return [
        {"name": "final", "ok": bool(final), "told": "、".join(a.level for a in final)},
        {"name": "level", "ok": bool(final) and all(LEVELS.index(a.level) <= wanted for a in final), "told": round_.level},
        {"name": "veto", "ok": not any(a.veto for a in rows), "told": ""},
        {"name": "measures", "ok": not standing(unit, round_.mechanism, round_.year).exists(), "told": ""},
        {"name": "late", "ok": not late.exists(), "told": str(late.count())},
    ]  # fmt: skip


@transaction.atomic
def nominate(
    *, viewer: Viewer, round_: Round, unit: Unit, name: str, post: str, reason: str, by: Unit, at: datetime
) -> Nominee:
    """Nominate a unit, or a person of it. Refused in another unit's name, for other units than one's own but by the office, without a
    reason, twice, and where the record does not allow it, saying what."""
    office = function_unit(f"coordinate.{round_.mechanism}")
    if by.code not in viewer.acting or (by.code not in (unit.code, office)):
        raise Refused(N_("Your unit has no part in this step."), allowed=False)
    need(reason, "reason")
    if name.strip() and not post.strip():
        raise Refused(N_("Name the post of the person."), field="post")
    found = _eligible(round_, unit, at)
    try:
        with transaction.atomic():
            made = Nominee.objects.create(
                round=round_,
                unit=unit,
                name=name.strip(),
                post=post.strip(),
                reason=reason.strip(),
                by=by,
                checks=found,
                person=viewer.person.username,
                at=at,
            )
    except IntegrityError:
        raise Refused(N_("This nominee stands in the round already.")) from None
    _tell(
        round_,
        "Nominated",
        viewer,
        by.code,
        at,
        nominee=made.pk,
        of=unit.code,
        post=made.post,
        checks=found,
        tell=[office],
    )
    return made


CHECKS = {
    "final": N_("The record does not allow it: there is no final result of that year."),
    "level": N_("The record does not allow it: the year's assessment did not reach the level."),
    "veto": N_("The record does not allow it: the result was vetoed."),
    "measures": N_("The record does not allow it: an interview or a circular of that year stands."),
    "late": N_("The record does not allow it: matters that the unit leads are overdue."),
}
"""What each check says where it fails."""


def _eligible(round_: Round, unit: Unit, at: datetime) -> list[dict[str, Any]]:
    found = checks(round_, unit, at)
    for check in found:
        if not check["ok"]:
            raise Refused(CHECKS[check["name"]], field="unit")
    return found


def _locked(nominee: Nominee) -> Nominee:
    row: Nominee = (
        Nominee.objects.select_for_update(of=("self",)).select_related("round", "unit", "by").get(pk=nominee.pk)
    )
    if row.state != State.OPEN:
        raise Refused(N_("It stands at “%(state)s”: this can no longer be done."), state=State(row.state).label)
    return row


def next_stage(nominee: Nominee) -> str:
    """What comes next."""
    return STAGES[STAGES.index(nominee.stage) + 1]


def _over(row: Nominee, at: datetime) -> None:
    """Refused while a notice runs or a voice waits for its answer."""
    if row.until is not None and local_day(at) <= row.until:
        raise Refused(N_("The public notice runs until %(day)s."), day=row.until.isoformat())
    if row.voices.filter(answered_at=None).exists():
        raise Refused(N_("Somebody spoke against it and has no answer yet."))


@transaction.atomic
def post_notice(*, viewer: Viewer, nominee: Nominee, at: datetime) -> Nominee:
    """Put a nominee up for public notice, for the round's working days. Refused for other units and out of turn."""
    row = _locked(nominee)
    office = _office(viewer, row.round.mechanism)
    if next_stage(row) not in NOTICES:
        raise Refused(N_("A review comes first."))
    row.stage, row.until = next_stage(row), calendar_for().add(local_day(at), row.round.notice_days)
    row.save(update_fields=["stage", "until"])
    _tell(
        row.round,
        "NoticePosted",
        viewer,
        office,
        at,
        nominee=row.pk,
        of=row.unit.code,
        stage=row.stage,
        until=row.until.isoformat(),
        tell=[row.unit.code],
    )
    return row


def reviewer(stage: str, mechanism: str) -> str:
    """The unit that reviews: the office first, then supervision."""
    return function_unit(f"coordinate.{mechanism}") if stage == "review1" else function_unit("supervision")


def step_of(viewer: Viewer, nominee: Nominee, today: date) -> str:
    """The step that this viewer may take with a nominee now: notice, review, commend, or none."""
    if nominee.state != State.OPEN or (nominee.until is not None and today <= nominee.until):
        return ""
    if any(v.answered_at is None for v in nominee.voices.all()):
        return ""
    mechanism = nominee.round.mechanism
    if nominee.stage == "notice3":
        return "commend" if viewer.oversees(None, mechanism) else ""
    if next_stage(nominee) in NOTICES:
        return "notice" if carriers(f"coordinate.{mechanism}") & viewer.acting else ""
    return "review" if reviewer(next_stage(nominee), mechanism) in viewer.acting else ""


def awaited(viewer: Viewer, today: date) -> list[Nominee]:
    """Nominees with whom the viewer may go on."""
    rows = nominees_visible_to(viewer).filter(state=State.OPEN).select_related("round").prefetch_related("voices")
    return [n for n in rows if step_of(viewer, n, today)]


@transaction.atomic
def review(*, viewer: Viewer, nominee: Nominee, passed: bool, text: str, at: datetime) -> Nominee:
    """A review, after a notice that is over and whose voices were answered. The second is another unit's than the first. Refused out
    of turn, for other units, without words."""
    row = _locked(nominee)
    stage = next_stage(row)
    if stage not in REVIEWS:
        raise Refused(N_("A public notice comes first."))
    unit = reviewer(stage, row.round.mechanism)
    must(unit in viewer.acting)
    need(text, "text")
    _over(row, at)
    row.stage, row.until, row.state = stage, None, State.OPEN if passed else State.REFUSED
    row.save(update_fields=["stage", "until", "state"])
    _tell(
        row.round,
        "NomineeReviewed",
        viewer,
        unit,
        at,
        nominee=row.pk,
        of=row.unit.code,
        stage=stage,
        passed=passed,
        text=text.strip(),
        tell=[row.by.code],
    )
    return row


@transaction.atomic
def speak(*, viewer: Viewer, nominee: Nominee, text: str, at: datetime) -> Voice:
    """Say something against a nominee during a notice; anybody with a post may. Refused when none runs, without words."""
    row = _locked(nominee)
    if row.stage not in NOTICES or row.until is None or local_day(at) > row.until:
        raise Refused(N_("No public notice runs."))
    need(text, "text")
    unit = next(p.unit for p in viewer.posts)
    made = Voice.objects.create(
        nominee=row, stage=row.stage, text=text.strip(), unit=unit, person=viewer.person.username, at=at
    )
    _tell(
        row.round,
        "Spoken",
        viewer,
        unit.code,
        at,
        nominee=row.pk,
        of=row.unit.code,
        text=made.text,
        tell=[row.round.office.code],
    )
    return made


@transaction.atomic
def answer(*, viewer: Viewer, voice: Voice, text: str, at: datetime) -> None:
    """The office answers a voice. Refused for other units, without words, twice."""
    row = (
        Voice.objects.select_for_update(of=("self",))
        .select_related("nominee__round", "nominee__unit", "unit")
        .get(pk=voice.pk)
    )
    office = _office(viewer, row.nominee.round.mechanism)
    need(text, "text")
    if row.answered_at is not None:
        raise Refused(N_("It was answered already."))
    row.answer, row.answered_at = text.strip(), at
    row.save(update_fields=["answer", "answered_at"])
    _tell(
        row.nominee.round,
        "VoiceAnswered",
        viewer,
        office,
        at,
        nominee=row.nominee_id,
        of=row.nominee.unit.code,
        text=row.answer,
        tell=[row.unit.code],
    )


@transaction.atomic
def commend(*, viewer: Viewer, nominee: Nominee, at: datetime) -> Nominee:
    """A district leader approves after the third notice. Refused for others, out of turn, beyond the round's numbers, and where the
    record no longer allows it."""
    row = _locked(nominee)
    if not viewer.oversees(None, row.round.mechanism):
        raise Refused(N_("A district leader approves it, and not who proposed it."), allowed=False)
    if row.stage != "notice3":
        raise Refused(N_("Two reviews and three public notices come first."))
    _over(row, at)
    done = row.round.nominees.filter(state=State.COMMENDED)
    have, most = (
        (done.exclude(name="").count(), row.round.people)
        if row.name
        else (done.filter(name="").count(), row.round.units)
    )
    if have >= most:
        raise Refused(N_("The round commends %(n)s of these and no more."), n=most)
    _eligible(row.round, row.unit, at)
    row.stage, row.until, row.state = "commended", None, State.COMMENDED
    row.save(update_fields=["stage", "until", "state"])
    unit = next(p.unit.code for p in viewer.posts)
    _tell(
        row.round,
        "Commended",
        viewer,
        unit,
        at,
        nominee=row.pk,
        of=row.unit.code,
        post=row.post,
        tell=[row.unit.code],
    )
    return row
