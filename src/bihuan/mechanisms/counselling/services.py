"""Writing: what a project is, what is supposed of it, its approvals step by step."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db import IntegrityError, transaction

from bihuan.engines.approvals.applying import law_days
from bihuan.engines.approvals.catalogue import OWNER
from bihuan.engines.approvals.situations import Situation, checked
from bihuan.engines.approvals.telling import facts_of, situation_of
from bihuan.instruments.lateness.services import sensible_day
from bihuan.instruments.projects.rules import LOOKING
from bihuan.instruments.projects.selectors import words as project_words
from bihuan.instruments.projects.services import permit_entry
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.clocks import ZONE, local_day
from bihuan.kernel.domain.refusal import N_, Refused, must
from bihuan.kernel.domain.state import Event
from bihuan.kernel.files.filing import PARTIES, Entry, file_entries, subject_change
from bihuan.kernel.ledger.services import entry_time, note
from bihuan.kernel.matters.services import not_future
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.orgs.selectors import carriers
from bihuan.kernel.subjects.models import Subject

from . import rules
from .catalogue import approvals, unit_of, words
from .models import OVER, Application, Officers, Step
from .paths import LABEL, OFFICE, PART, body_of, facts, keeps, missing, standing

SUPPOSED = ("waived", "ready", "days", "modes", "done", "own")
"""Keys of the file's part beside the facts; each maps items to values."""
FOLDED = ("state", "received", "accepted", "silent", "decided", "granted", "due", "gaps", "late", "owed", "followed")
"""Columns of an application that are the fold of its steps."""
MOST_OFFICERS = 99
_CODE = re.compile(r"[A-Za-z0-9\-_.]{4,60}")


def describe(*, viewer: Viewer, subject: Subject, at: datetime, told: Mapping[str, Any]) -> None:
    """Say what a project is. Refused, with its place, for a value that the catalogue does not know."""
    unit = keeps(viewer, subject)
    must(bool(unit))
    c = approvals()
    facts_of(told, c)
    before = body_of(subject).get("facts", {})
    values = {**dict.fromkeys(before), **told}
    with transaction.atomic():
        entries = [Entry(subject, PART, "facts", values)]
        entries += [Entry(subject, PARTIES, f"{LOOKING}counselling", {"unit": office}) for office in carriers(OFFICE)]
        file_entries(entries=entries, person=viewer.person.username, unit=unit, at=at)
        labels = set(subject.labels.values_list("label", flat=True))
        if LABEL not in labels:
            subject_change(
                subject=subject, person=viewer.person.username, unit=unit, at=at, entered_at=entry_time(at), changes={}, labels=labels | {LABEL},
            )  # fmt: skip


def suppose(*, viewer: Viewer, subject: Subject, at: datetime, key: str, values: Mapping[str, Any]) -> None:
    """Lay down what is supposed of items: waived with a reason, ready on a day, own days, a way taken, done before we kept it.
    A value None takes it back. Refused where the engine would refuse it."""
    subject = Subject.objects.select_related("file", "territory", "unit").get(pk=subject.pk)
    unit = keeps(viewer, subject)
    must(bool(unit) and key in SUPPOSED)
    told = facts(subject)
    if told is None:
        raise Refused(N_("Describe the project first: a dozen facts give its path."))
    laid = {k: v for k, v in {**body_of(subject).get(key, {}), **values}.items() if v is not None}
    place = {"waived": "not_applicable"}.get(key, key)
    found = situation_of(
        {"type": told.type, **({"works": laid.get("works")} if key == "own" else {place: laid})}, local_day(at)
    )
    checked(told, found, approvals())
    if key == "waived" and not all(str(v).strip() for v in laid.values()):
        raise Refused(N_("Please write it down: this field is empty."), field="reason")
    file_entries(entries=[Entry(subject, PART, key, dict(values))], person=viewer.person.username, unit=unit, at=at)


@dataclass(frozen=True)
class Told:
    """What is told of a step. `day`: when it happened; `what` where no national code says it."""

    code: int
    day: date
    what: str = ""
    opinion: str = ""
    reason: str = ""
    notice: str = ""
    until: date | None = None
    days: int | None = None


def _name(viewer: Viewer, subject: Subject, item: str, unit: str) -> str:
    """The unit in whose name the viewer writes on an approval: the one that decides, else the window; the builder's own items
    are written by whoever keeps the project."""
    office = carriers(OFFICE)
    can = ({unit} | office) & viewer.acting
    if approvals().items[item].department == OWNER:
        can |= {keeps(viewer, subject)} - {""}
    must(bool(can))
    return unit if unit in can else min(can)


def decider(item: str, subject: Subject) -> Unit:
    """The unit that decides on an item; the responsible one for the builder's own, the window where nobody carries it."""
    code = unit_of(approvals().items[item])
    if code:
        return Unit.objects.get(code=code)
    if approvals().items[item].department == OWNER and subject.unit is not None:
        return subject.unit
    return Unit.objects.get(code=min(carriers(OFFICE)))


@transaction.atomic
def receive(
    *,
    viewer: Viewer,
    subject: Subject,
    item: str,
    day: date,
    at: datetime,
    mode: str = "",
    code: str = "",
    opinion: str = "",
) -> Application:
    """Papers for an item are received: its acceptance clock begins. Refused while one is open, for what does not apply, and for
    another unit."""
    not_future(at)
    sensible_day(day, at=entry_time(at), field="day")
    c = approvals()
    if item not in c.items or c.items[item].milestone:
        raise Refused(N_("%(item)s is no item of the catalogue."), field="item", item=item)
    unit = decider(item, subject)
    by = _name(viewer, subject, item, unit.code)
    told = facts(subject)
    if told is None:
        raise Refused(N_("Describe the project first: a dozen facts give its path."))
    if mode:
        checked(told, Situation(day, modes={item: mode}), c)
    if code and not _CODE.fullmatch(code):
        raise Refused(N_("A case code has 4 to 60 letters, digits, - or _."), field="code")
    subject = (
        Subject.objects.select_for_update(of=("self",)).select_related("territory", "unit", "file").get(pk=subject.pk)
    )
    if subject.applications.filter(item=item).exclude(state__in=OVER).filter(decided=None).exists():
        raise Refused(N_("An application for this item is open."), field="item")
    law = law_days(c.items[item], told, c) or None  # what is merely filed has no decision to wait for
    try:
        with transaction.atomic():
            made = Application.objects.create(
                subject=subject, item=item, mode=mode, unit=unit, law=law, edition=c.edition,
                code=code or f"{subject.code}-{item}-{subject.applications.filter(item=item).count() + 1}",
            )  # fmt: skip
    except IntegrityError:
        raise Refused(N_("This case code is taken."), field="code") from None
    role = f"{LOOKING}{c.items[item].department}"
    if subject.file.body.get(PARTIES, {}).get(role, {}).get("unit") != unit.code:
        file_entries(
            entries=[Entry(subject, PARTIES, role, {"unit": unit.code})], person=viewer.person.username, unit=by, at=at
        )
    _step(made, Told(rules.RECEIVED, day, opinion=opinion), viewer.person.username, by, at)
    return made


def locked(pk: int) -> Application:
    """An application, held until the transaction ends."""
    rows = Application.objects.select_for_update(of=("self",))
    found: Application = rows.select_related("subject__territory", "subject__unit", "unit").get(pk=pk)
    return found


@transaction.atomic
def record(*, viewer: Viewer, application: Application, told: Told, at: datetime) -> Application:
    """Record the next change of an approval. Refused where the rules say no, and for other units."""
    not_future(at)
    row = locked(application.pk)
    by = _name(viewer, row.subject, row.item, row.unit.code)
    if told.what == rules.FORMAL:
        open_ = missing(row.subject, row.item, local_day(at))
        if open_:
            raise Refused(
                N_("It becomes formal once these are there: %(missing)s."), field="code", missing="、".join(open_)
            )
    _step(row, told, viewer.person.username, by, at)
    return row


def _step(row: Application, told: Told, person: str, unit: str, at: datetime) -> None:
    """1. where it stood on that day; 2. the rules; 3. the row, what the steps now say of the application, and the event of both."""
    entered = entry_time(at)
    sensible_day(told.day, at=entered, field="day")
    steps = list(row.steps.all())
    before = standing(row, told.day)
    fresh = rules.Row(
        told.code, told.day, local_day(entered), told.what, told.reason, told.notice, told.until, told.days, told.opinion.strip(),
    )  # fmt: skip
    last = rules.Row(steps[-1].code, local_day(steps[-1].at), local_day(steps[-1].entered_at)) if steps else None
    rules.checked(before, fresh, last, row.item, approvals().items[row.item].extend, words())
    happened = at if told.day == local_day(at) else datetime.combine(told.day, time(12), ZONE)
    Step.objects.create(
        application=row, n=len(steps) + 1, code=told.code, what=told.what, at=happened, entered_at=entered, unit=Unit.objects.get(code=unit),
        person=person, opinion=fresh.opinion, reason=told.reason, notice=told.notice.strip(), until=told.until, days=told.days,
    )  # fmt: skip
    data = {
        "subject": row.subject.code, "item": row.item, "case": row.code, "mode": row.mode, "n": len(steps) + 1, "code": told.code,
        "what": told.what, "opinion": fresh.opinion, "reason": told.reason, "notice": told.notice.strip(), "days": told.days,
        "until": told.until.isoformat() if told.until else None, "law": row.law, "edition": row.edition, "decides": row.unit.code,
        "title": f"{approvals().items[row.item].name} {row.subject.name}"[:120], "tell": _tell(row, told),
    }  # fmt: skip
    refold(row, local_day(at))
    note(stream=f"approval:{row.pk}", event=Event("ApprovalStep", happened, person, unit, data), at=at)
    granted = told.code in (rules.GRANTED, rules.GRANTED_LATER) and row.mode != "mock"
    if granted or told.what == rules.FORMAL:
        _permit(row, told.day, person, unit, at)


def _tell(row: Application, told: Told) -> list[str]:
    """Who is told: the deciding unit of what comes in, the project's own units of what comes out."""
    if told.code in (rules.RECEIVED, rules.FILLED, rules.RESUMED):
        return [row.unit.code]
    if told.code in (rules.GAP, rules.PAUSED, *rules.ENDS):
        owner = row.subject.file.body.get(PARTIES, {}).get("owner", {}).get("unit", "")
        return sorted({owner, row.subject.unit.code if row.subject.unit else ""} - {"", row.unit.code})
    return []


def refold(row: Application, today: date) -> bool:
    """Write what the steps say into the row, which the caller holds, where that differs; the caller tells of it."""
    s = standing(row, today)
    told = {name: getattr(s, name) for name in FOLDED}
    if s.decided is None:
        told["late"] = 0  # it still grows with every day: reckoned at the look
    if all(getattr(row, name) == value for name, value in told.items()):
        return False
    for name, value in told.items():
        setattr(row, name, value)
    row.save(update_fields=FOLDED)
    return True


def catch_up(row: Application, by: str, at: datetime) -> bool:
    """Write what a new day has changed of an application that the caller holds, and tell of it; whether anything did."""
    silent = row.silent
    if not refold(row, local_day(at)):
        return False
    data = {
        "accepted": row.accepted.isoformat() if row.accepted else None, "due": row.due.isoformat() if row.due else None,
    }  # fmt: skip
    type_ = "SilenceAccepted" if row.silent and not silent else "ApprovalReclocked"
    note(stream=f"approval:{row.pk}", event=Event(type_, at, by, row.unit.code, data), at=at)
    return True


def _permit(row: Application, day: date, person: str, unit: str, at: datetime) -> None:
    """What was granted goes into the project's file with its time, where such a permit has one."""
    kind = next((w for w in project_words().permits if w.id == approvals().items[row.item].permit), None)
    if kind is not None:
        entry = Entry(row.subject, *permit_entry(kind, row.code, day))
        file_entries(entries=[entry], person=person, unit=unit, at=at)


OFFICERS = "counselling:officers"
"""The stream of how many officers decide."""


@transaction.atomic
def officers_set(*, viewer: Viewer, officers: Mapping[str, int], at: datetime) -> int:
    """Lay down how many officers of units decide, by code; how many units changed. Refused for other offices, for an unknown
    unit, and for a number that cannot be."""
    by = min(viewer.acting & carriers(OFFICE), default="")
    must(bool(by))
    units = {u.code: u for u in Unit.objects.filter(code__in=officers)}
    for code, n in officers.items():
        if code not in units or not 1 <= n <= MOST_OFFICERS:
            raise Refused(N_("A unit has 1 to %(most)s officers who decide."), field=f"n-{code}", most=MOST_OFFICERS)
    have = dict(Officers.objects.select_for_update().filter(unit__in=units.values()).values_list("unit__code", "n"))
    changed = {code: n for code, n in officers.items() if have.get(code, 1) != n}
    for code, n in changed.items():
        Officers.objects.update_or_create(unit=units[code], defaults={"n": n})
    if changed:
        data = {"units": sorted(changed), "officers": changed}
        note(stream=OFFICERS, event=Event("OfficersSet", at, viewer.person.username, by, data), at=at)
    return len(changed)
