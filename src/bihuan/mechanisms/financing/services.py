"""Writing: opening a file, its figures, and the steps of the file and of its pushes. Each is an event and a row in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction

from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import Limit, local_day
from bihuan.kernel.domain.money import wan
from bihuan.kernel.domain.refusal import N_, Refused, must, need
from bihuan.kernel.domain.state import Event
from bihuan.kernel.evidence.models import Staged
from bihuan.kernel.ledger.models import Event as Recorded
from bihuan.kernel.ledger.selectors import happened
from bihuan.kernel.ledger.services import entry_time, note
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.services import promise, raise_matter
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.orgs.selectors import carriers
from bihuan.kernel.orgs.services import new_code
from bihuan.kernel.subjects.models import Subject

from . import rules
from .catalogue import PARTS, Condition, course, figures
from .models import Figure, File, Proof, Push, Step
from .selectors import OFFICE, acts_as, book, condition_sets, office, row_of

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


def stream_of(file: File, push: Push | None) -> str:
    """Where a step is recorded: a push has a stream of its own, so that a bank's receipts tell nothing of others."""
    return f"push:{push.code}" if push is not None else f"financing:{file.code}"


@transaction.atomic
def open_file(*, viewer: Viewer, subject: Subject, developer: Unit, day: date, at: datetime) -> File:
    """Open the financing file of a project. Refused when it has one, and for others than the office."""
    must(bool(office(viewer)))
    if subject.type != Subject.Type.PROJECT:
        raise Refused(N_("Only a project has a financing file."), field="subject")
    if File.objects.filter(subject=subject).exists():
        raise Refused(N_("This project has a financing file."), field="subject")
    if day > local_day(at):
        raise Refused(N_("This lies in the future."), field="day")
    made = File.objects.create(code=new_code("f"), subject=subject, developer=developer, opened=day)
    _write(
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
    return (
        File.objects.select_for_update(of=("self",)).select_related("subject__territory", "developer").get(pk=file.pk)
    )


@transaction.atomic
def take(*, viewer: Viewer, file: File, told: Told, at: datetime, push: Push | None = None) -> Step:
    """Take a step of a file, or of one of its pushes. Refused where the rules say no, and for other units."""
    file = locked(file)
    if push is not None:
        push = Push.objects.select_related("bank").get(pk=push.pk, file=file)
    role, unit = acts_as(viewer, file, push)
    must(bool(role))
    found = book(file)
    rules.checked(found.standing, told.what, role, told.day, local_day(at))
    open_ = found.standing.open
    if push is not None and told.what != "duty" and (open_ is None or open_.n != push.n):
        raise Refused(N_("This step cannot follow here."))
    _sound(found, told, role, at)
    return _write(file, push, told, viewer, unit, at)


def _sound(found: Any, told: Told, role: str, at: datetime) -> None:
    """What a step needs beyond its place. Refused with the field that lacks something."""
    s, d = found.standing, told.data
    if told.what in ("out", "back", "refused", "declined", "withdrawn", "explained"):
        need(d.get("reason", ""), "reason")
    if told.what in ("district", "city") and not d["passed"]:
        need(d.get("reason", ""), "reason")
    if told.what in ("handed", "district"):
        _complete(s, told, role)
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
        rules.drawing(s.open, told.amount)
        if d["account"].replace(" ", "") != found.text("account").replace(" ", ""):
            raise Refused(N_("Money is drawn only into the supervised account of the file."), field="account")
    if told.what == "paid":
        rules.paying(s.open, told.amount, d["payee"])
    if told.what == "delivered":
        left = [b.name for b in found.buildings(local_day(at)) if not b.handed_over]
        if left or not found.buildings(local_day(at)):
            raise Refused(N_("Not all flats are delivered yet: %(names)s."), names="、".join(left) or "—")


def _complete(s: rules.Standing, told: Told, role: str) -> None:
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


def _write(file: File, push: Push | None, told: Told, viewer: Viewer, unit: str, at: datetime) -> Step:
    """1. the row; 2. its proofs; 3. the event; 4. the fold into file and push."""
    last = file.steps.order_by("-n").values_list("n", flat=True).first() or 0
    step = Step.objects.create(
        file=file, push=push, n=last + 1, what=told.what, day=told.day, entered_at=entry_time(at), unit=Unit.objects.get(code=unit),
        person=viewer.person.username, amount=told.amount, data=dict(told.data), matter=told.matter,
    )  # fmt: skip
    Proof.objects.bulk_create(Proof(step=step, file=s.file, name=s.name) for s in told.staged)
    Staged.objects.filter(pk__in=[s.pk for s in told.staged]).delete()
    data = {
        "project": file.subject.code, "day": told.day.isoformat(), "amount": told.amount, "data": dict(told.data),
        "proofs": [s.file_id for s in told.staged], "matter": told.matter.number if told.matter else 0, "title": file.subject.name,
        "confidential": True, "tell": _tell(file, push, told.what, unit),
    }  # fmt: skip
    if push is not None and told.what == "pushed":
        data["bank"] = push.bank.code
    note(
        stream=stream_of(file, push),
        event=Event(f"Financing.{told.what}", at, viewer.person.username, unit, data),
        at=at,
    )
    refold(file)
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


def refold(file: File) -> bool:
    """Write how a file stands into its row and those of its pushes; whether anything differed."""
    s = book(file).standing
    calendar = calendar_for()
    changed = False
    if (file.state, file.treatment) != (s.state, s.treatment):
        file.state, file.treatment = s.state, s.treatment
        file.save(update_fields=["state", "treatment"])
        changed = True
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
            changed = True
    return changed


@dataclass(frozen=True)
class Value:
    """A figure as told: its key, its part where it has one, its value as text (money in fen)."""

    key: str
    value: str
    part: str = ""


@transaction.atomic
def tell(*, viewer: Viewer, file: File, values: Sequence[Value], day: date, source: str, at: datetime) -> int:
    """Write figures down with their day and source; those that say what stands already leave nothing. How many were new.

    Refused for others than the office, the developer, and a bank that tells of its own account or loan.
    """
    file = locked(file)
    role, unit = acts_as(
        viewer, file, file.pushes.filter(bank__in=viewer.units, ended=None).select_related("bank").first()
    )
    must(bool(role))
    if day > local_day(at):
        raise Refused(N_("This lies in the future."), field="day")
    need(source, "source")
    told = book(file).told
    fresh = []
    for v in values:
        word = figures().get(v.key)
        if word is None:
            raise Refused(N_("%(key)s is no figure of the catalogue."), field=v.key, key=v.key)
        if (word.group in PARTS) != bool(v.part):
            raise Refused(N_("Say of which building or bank this is."), field=v.key)
        if (
            role == rules.BANK
            and not (word.group == "loan" and v.part == unit)
            and v.key not in ("account", "account_bank", "balance")
        ):
            must(part=False)
        _typed(word.type, v)
        before = told.get((v.key, v.part))
        if before is None and not v.value:
            continue
        if before is None or before.value != v.value or (day > before.day and word.type == "percent"):
            fresh.append(v)
    for v in fresh:
        Figure.objects.create(
            file=file, key=v.key, part=v.part, value=v.value, day=day, source=source.strip(), unit=Unit.objects.get(code=unit),
            person=viewer.person.username, at=at,
        )  # fmt: skip
    if fresh:
        data = {"day": day.isoformat(), "source": source.strip(), "values": [[v.key, v.part, v.value] for v in fresh]}
        note(
            stream=f"financing:{file.code}", event=Event("FinancingTold", at, viewer.person.username, unit, data), at=at
        )
    return len(fresh)


def _typed(kind: str, v: Value) -> None:
    if not v.value:
        return
    if kind in ("money", "count", "percent", "yes"):
        top = {"money": 10**15, "count": 100_000, "percent": 100, "yes": 1}[kind]
        if not v.value.isascii() or not v.value.isdigit() or int(v.value) > top:
            raise Refused(N_("%(value)s is no such figure."), field=v.key, value=v.value)
    elif kind == "day":
        try:
            date.fromisoformat(v.value)
        except ValueError:
            raise Refused(N_("%(text)s is no date; write it as 2026-12-28."), field=v.key, text=v.value) from None
    elif kind == "bank" and not Unit.objects.filter(code=v.value, kind=Unit.Kind.BANK).exists():
        raise Refused(N_("%(value)s is no such figure."), field=v.key, value=v.value)
    if len(v.value) > 500 or len(v.part) > 40:
        raise Refused(N_("%(value)s is no such figure."), field=v.key, value=v.value[:40])


def condition(id_: str, day: date) -> tuple[Condition, str]:
    """A condition as it stands on a day, and the edition of its set. Refused when there is none."""
    for s in condition_sets(day):
        for found in s.conditions:
            if found.id == id_:
                return found, s.edition
    raise Refused(N_("Choose a condition."), field="condition")


@transaction.atomic
def check(
    *, viewer: Viewer, file: File, condition_id: str, result: str, reason: str, day: date, at: datetime, staged: Sequence[Staged] = (),
    owner: Unit | None = None,
) -> Step:  # fmt: skip
    """Say whether a condition is met. What the office finds unmet but fixable becomes a matter with owner and clock, once while one
    is open. Refused without a reason where it is not met, and without evidence where evidence is needed."""
    file = locked(file)
    role, _ = acts_as(viewer, file)
    must(role in (rules.OFFICE, rules.DEVELOPER))
    found, edition = condition(condition_id, day)
    if result not in rules.RESULTS:
        raise Refused(N_("Say whether it is met."), field="result")
    if result != rules.PASS:
        need(reason, "reason")
    if (
        result == rules.PASS
        and found.need
        and not staged
        and role == rules.OFFICE
        and not _has_proof(file, condition_id)
    ):
        raise Refused(N_("This condition is met only with evidence: %(proof)s."), field="files", proof=found.proof)
    matter = None
    if role == rules.OFFICE and result == rules.FIX:
        matter = _repair(viewer, file, found, reason.strip(), owner or file.developer, at)
    proofs = len(staged) or (int(result == rules.PASS) and _has_proof(file, condition_id))
    data = {
        "condition": condition_id,
        "result": result,
        "reason": reason.strip(),
        "by": role,
        "edition": edition,
        "proofs": int(proofs),
    }
    told = Told("check", day, data=data, staged=staged, matter=matter)
    return take(viewer=viewer, file=file, told=told, at=at)


def _has_proof(file: File, condition_id: str) -> bool:
    rows = Step.objects.filter(file=file, what="check", data__condition=condition_id, proofs__isnull=False)
    return rows.exists()


def open_repairs(file: File) -> list[Matter]:
    """Matters of missing things and of banks' problems that are not ended."""
    rows = Matter.objects.filter(financing_step__file=file, open=True)
    extra = [n for s in file.steps.filter(what="problems") for n in s.data.get("matters", [])]
    return list(rows) + list(Matter.objects.filter(number__in=extra, open=True))


def _repair(viewer: Viewer, file: File, found: Condition, reason: str, owner: Unit, at: datetime) -> Matter | None:
    """The matter of a missing thing; None while one of this condition is open."""
    if Matter.objects.filter(financing_step__file=file, financing_step__data__condition=found.id, open=True).exists():
        return None
    by = Unit.objects.get(code=office(viewer))
    return promise(
        actor=c.Actor(viewer.person.username, frozenset({by.code})), at=at, kind_id=KIND, title=f"{found.id} {found.name}"[:120], description=reason,
        subject=file.subject, raiser=by, lead=owner.code, limit=Limit("workdays", found.days), reason=reason[:200],
    )  # fmt: skip


@transaction.atomic
def push(*, viewer: Viewer, file: File, bank: Unit, day: date, at: datetime, batch: str = "") -> Push:
    """Send a file to a bank. Refused while a condition that blocks is unmet, a repair is open, or another bank has it."""
    must(bool(office(viewer)))
    file = locked(file)
    found = book(file)
    if bank.kind != Unit.Kind.BANK or not bank.active:
        raise Refused(N_("Choose a bank."), field="bank")
    rules.checked(found.standing, "pushed", rules.OFFICE, day, local_day(at))
    if found.standing.treatment not in rules.READY:
        raise Refused(N_("Only what is treated as normal or as temporarily troubled is pushed."), field="bank")
    blocking = [x for s in condition_sets(day) for x in s.conditions if x.blocks]
    open_ = rules.lacks(found.standing, [x.id for x in blocking], [x.id for x in blocking if x.need])
    if open_:
        raise Refused(N_("Not met, or without evidence: %(names)s."), names="、".join(open_))
    repairs = open_repairs(file)
    if repairs:
        raise Refused(N_("Still being repaired: %(names)s."), names="、".join(f"#{m.number}" for m in repairs))
    amount = found.number("need") or 0
    if amount <= 0:
        raise Refused(N_("The file does not say how much is needed."), field="bank")
    clock = course().clock
    n = (file.pushes.order_by("-n").values_list("n", flat=True).first() or 0) + 1
    made = Push.objects.create(
        code=new_code("t"), file=file, n=n, bank=bank, day=day, batch=batch.strip()[:40], preliminary=clock.preliminary, decision=clock.decision,
    )  # fmt: skip
    data = {"batch": made.batch, "preliminary": clock.preliminary, "decision": clock.decision}
    _write(file, made, Told("pushed", day, amount, data), viewer, office(viewer), at)
    file_choice = getattr(file, "choice", None)
    if file_choice is not None:
        file_choice.delete()
    return Push.objects.select_related("file__subject", "bank").get(pk=made.pk)


@transaction.atomic
def feed_back(*, viewer: Viewer, push: Push, items: Sequence[str], day: date, at: datetime) -> Step:
    """A bank names what stands against a loan: each becomes a matter that the office assigns. The bank's part is over until the
    file comes again."""
    file = locked(push.file)
    role, unit = acts_as(viewer, file, push)
    must(bool(role))
    texts = [x.strip() for x in items if x.strip()]
    by = Unit.objects.get(code=unit)
    actor = c.Actor(viewer.person.username, frozenset({unit}))
    rules.checked(book(file).standing, "problems", role, day, local_day(at))
    made = [
        raise_matter(actor=actor, at=at, kind_id=KIND, title=t[:120], description=t, subject=file.subject, raiser=by).number for t in texts
    ]  # fmt: skip
    return take(
        viewer=viewer, file=file, push=push, told=Told("problems", day, data={"items": texts, "matters": made}), at=at
    )


def differences() -> Iterator[str]:
    """A sentence for every file whose steps, figures or fold differ from the ledger."""
    told: dict[str, list[Any]] = {}
    spoken: dict[str, list[list[str]]] = {}
    rows = (
        Recorded.objects.filter(stream__regex=r"^(financing|push):")
        .order_by("stream", "seq")
        .values_list("stream", "body")
    )
    for stream, body in rows:
        e = happened(body)
        if e.type == "FinancingTold":
            spoken.setdefault(stream, []).extend([e.data["day"], *v] for v in e.data["values"])
        elif e.type.startswith("Financing."):
            told.setdefault(stream, []).append(
                (e.type.partition(".")[2], e.data["day"], e.data["amount"], e.data["data"])
            )
    for file in File.objects.prefetch_related("steps__push", "figures", "pushes"):
        have: dict[str, list[Any]] = {}
        for s in file.steps.all():
            have.setdefault(stream_of(file, s.push), []).append((s.what, s.day.isoformat(), s.amount, s.data))
        for stream, steps in have.items():
            if steps != told.get(stream):
                yield f"{stream}: its steps are {steps!r}, its events say {told.get(stream)!r}"
        stream = stream_of(file, None)
        kept = [[f.day.isoformat(), f.key, f.part, f.value] for f in sorted(file.figures.all(), key=lambda f: f.pk)]
        if kept != spoken.get(stream, []):
            yield f"{stream}: its figures differ from its events"
        standing = rules.fold(row_of(s, s.push.bank.code if s.push else "") for s in book(file).steps)
        if (file.state, file.treatment) != (standing.state, standing.treatment):
            yield f"{stream}: state is {file.state}, its steps say {standing.state}"
