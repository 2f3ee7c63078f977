"""Writing: opening a file, its figures, and the steps of the file and of its pushes. Each is an event and a row in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction

from bihuan.instruments.lateness.services import sensible_day
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.money import wan
from bihuan.kernel.domain.refusal import N_, Refused, must, need
from bihuan.kernel.domain.state import Event
from bihuan.kernel.evidence.models import Staged
from bihuan.kernel.ledger.services import entry_time, note
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.orgs.selectors import carriers
from bihuan.kernel.orgs.services import new_code
from bihuan.kernel.subjects.models import Subject

from . import rules, streams
from .catalogue import course
from .models import File, Proof, Push, Step
from .selectors import OFFICE, Book, acts_as, book, condition_sets, office

KIND = "financing"


@dataclass(frozen=True)
class Told:
    """What is told of a step. `amount` in fen; `staged`: proofs; `data` as the step needs it."""

    what: str
    day: date
    amount: int = 0
    data: Mapping[str, Any] = field(default_factory=dict)
    staged: Sequence[Staged] = ()
    matter: Matter | None = None


@transaction.atomic
def open_file(*, viewer: Viewer, subject: Subject, developer: Unit, day: date, at: datetime) -> File:
    """Open the financing file of a project. Refused when it has one, and for others than the office."""
    must(bool(office(viewer)))
    if subject.type != Subject.Type.PROJECT:
        raise Refused(N_("Only a project has a financing file."), field="subject")
    if File.objects.filter(subject=subject).exists():
        raise Refused(N_("This project has a financing file."), field="subject")
    sensible_day(day, at=at, field="day")
    made = File.objects.create(code=new_code("f"), subject=subject, developer=developer, opened=day)
    written(
        made,
        None,
        Told("opened", day, data={"developer": developer.code, "project": subject.code}),
        viewer,
        office(viewer),
        at,
    )
    return made


def locked(file: File) -> File:
    """The file, held until the transaction ends."""
    rows = File.objects.select_for_update(of=("self",)).select_related("subject__territory", "developer")
    found: File = rows.get(pk=file.pk)
    return found


@transaction.atomic
def take(*, viewer: Viewer, file: File, told: Told, at: datetime, push: Push | None = None) -> Step:
    """Take a step of a file, or of one of its pushes. Refused where the rules say no, and for other units."""
    file = locked(file)
    if push is not None:
        push = Push.objects.select_related("bank").get(pk=push.pk, file=file)
    role, unit = acts_as(viewer, file, push)
    must(bool(role))
    found = book(file)
    follows(found.standing, push, told, role, at)
    _sound(found, told, at)
    return written(file, push, told, viewer, unit, at)


def follows(s: rules.Standing, push: Push | None, told: Told, role: str, at: datetime) -> None:
    """Refused where a step cannot come now. Whether a push is the open one is asked first: a bank whose part is over gets the same
    answer whatever happens with the next one."""
    if push is not None and told.what != "duty" and (s.open is None or s.open.n != push.n):
        raise Refused(N_("This step cannot follow here."))
    rules.checked(s, told.what, role, told.day, local_day(at))
    sensible_day(told.day, at=at, field="day")


def _sound(found: Book, told: Told, at: datetime) -> None:
    """What a step needs beyond its place. Refused with the field that lacks something."""
    s, d = found.standing, told.data
    if told.what in ("out", "back", "refused", "declined", "withdrawn", "explained"):
        need(d.get("reason", ""), "reason")
    if told.what in ("district", "city") and not d["passed"]:
        need(d.get("reason", ""), "reason")
    if told.what in ("handed", "district"):
        _complete(s, told)
    if told.what == "treated" and d["treatment"] not in course().treatments:
        raise Refused(N_("Choose how it is treated."), field="treatment")
    if told.what == "problems" and not [x for x in d["items"] if x.strip()]:
        raise Refused(N_("Please write it down: this field is empty."), field="items")
    if told.what == "credited" and (told.amount <= 0 or d["term"] <= 0):
        raise Refused(N_("An amount is above zero."), field="amount" if told.amount <= 0 else "term")
    if told.what == "signed":
        need(d.get("contract", ""), "contract")
        if d["mode"] not in ("stages", "whole"):
            raise Refused(N_("Choose how the loan is drawn."), field="mode")
        if not found.text("account"):
            raise Refused(N_("The file names no supervised account yet; enter it among its figures."), field="contract")
    if told.what == "party":
        need(d.get("name", ""), "name")
    if told.what == "planned":
        _plan(s.open, d["rows"])
    if told.what == "drawn":
        assert s.open is not None
        rules.drawing(s.open, told.amount)
        if d["account"].replace(" ", "") != found.text("account").replace(" ", ""):
            raise Refused(N_("Money is drawn only into the supervised account of the file."), field="account")
    if told.what == "paid":
        assert s.open is not None
        rules.paying(s.open, told.amount, d["payee"])
    if told.what == "delivered":
        buildings = found.buildings(local_day(at))
        left = [b.name for b in buildings if not b.handed_over]
        if left or not buildings:
            raise Refused(N_("Not all flats are delivered yet: %(names)s."), names="、".join(left) or "—")


def _complete(s: rules.Standing, told: Told) -> None:
    sets = condition_sets(told.day)
    everything = [x.id for y in sets for x in y.conditions]
    if told.what == "handed":
        open_ = [x for x in everything if x not in s.selves and x not in s.checks]
        if open_:
            raise Refused(N_("Not looked at yet: %(names)s."), names="、".join(open_))
    elif told.data["passed"]:
        blocking = [x for y in sets for x in y.conditions if x.blocks]
        open_ = rules.lacks(s, [x.id for x in blocking], [x.id for x in blocking if x.need])
        if open_:
            raise Refused(N_("Not met, or without evidence: %(names)s."), names="、".join(open_))


def _plan(ask: rules.Ask | None, rows: Sequence[Mapping[str, Any]]) -> None:
    assert ask is not None
    if not rows:
        raise Refused(N_("A plan has at least one line: day, amount, works done."), field="rows")
    if sum(r["amount"] for r in rows) > ask.amount:
        raise Refused(
            N_("The plan draws more than was credited, %(amount)s 万元."), field="rows", amount=wan(ask.amount)
        )
    if [r["day"] for r in rows] != sorted(r["day"] for r in rows):
        raise Refused(N_("The lines of a plan follow each other by day."), field="rows")


def written(file: File, push: Push | None, told: Told, viewer: Viewer, unit: str, at: datetime) -> Step:
    """1. the row; 2. its proofs; 3. the fold into file and pushes; 4. the event, and one in every other stream whose row moved."""
    last = file.steps.order_by("-n").values_list("n", flat=True).first() or 0
    step = Step.objects.create(
        file=file, push=push, n=last + 1, what=told.what, day=told.day, entered_at=entry_time(at), unit=Unit.objects.get(code=unit),
        person=viewer.person.username, amount=told.amount, data=dict(told.data), matter=told.matter,
    )  # fmt: skip
    Proof.objects.bulk_create(Proof(step=step, file=s.file, name=s.name) for s in told.staged)
    Staged.objects.filter(pk__in=[s.pk for s in told.staged]).delete()
    moved = refold(file)
    data = {
        "project": file.subject.code, "day": told.day.isoformat(), "amount": told.amount, "data": dict(told.data),
        "proofs": [s.file_id for s in told.staged], "matter": told.matter.number if told.matter else 0, "title": file.subject.name,
        "confidential": True, "tell": _tell(file, push, told.what, unit),
    }  # fmt: skip
    if push is not None and told.what == "pushed":
        data["bank"] = push.bank.code
    own = streams.of_step(step)
    person = viewer.person.username
    note(stream=own, event=Event(f"Financing.{told.what}", at, person, unit, data), at=at)
    for stream, type_, stands in moved:
        if stream != own:
            note(stream=stream, event=Event(type_, at, person, unit, stands), at=at)
    return step


_COMING = ("pushed", "withdrawn")


def _tell(file: File, push: Push | None, what: str, unit: str) -> list[str]:
    """Who hears of a step: the bank of what the office sends it; office and developer of what a bank says; the developer of its file."""
    own = {min(carriers(OFFICE), default=""), file.developer.code}
    if push is not None and what in _COMING:
        return sorted({push.bank.code, file.developer.code} - {unit, ""})
    if what in ("opened", "explained", "duty", "received"):
        return []
    return sorted(own - {unit, ""})


def refold(file: File) -> list[tuple[str, str, dict[str, Any]]]:
    """Write how a file stands into its row and those of its pushes. What moved: its stream, and the event that tells of it there."""
    s = book(file).standing
    calendar = calendar_for()
    moved: list[tuple[str, str, dict[str, Any]]] = []
    if (file.state, file.treatment) != (s.state, s.treatment):
        file.state, file.treatment = s.state, s.treatment
        file.save(update_fields=["state", "treatment"])
        moved.append((streams.of_file(file), "FileStands", {"state": file.state, "treatment": file.treatment}))
    asks = {a.n: a for a in s.asks}
    for push in file.pushes.all():
        a = asks[push.n]
        due = None
        if a.awaits == "preliminary":
            due = calendar.add(a.day, push.preliminary)
        elif a.awaits == "decision" and a.accepted:
            due = calendar.add(a.accepted, push.decision)
        if (push.due, push.ended) != (due, a.ended):
            push.due, push.ended = due, a.ended
            push.save(update_fields=["due", "ended"])
            stands = {"due": due.isoformat() if due else None, "ended": a.ended.isoformat() if a.ended else None}
            moved.append((streams.of_push(push), "PushStands", stands))
    return moved
