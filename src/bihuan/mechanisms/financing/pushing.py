"""Sending files to banks, and what banks feed back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from bihuan.instruments.lateness.services import sensible_day
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.refusal import N_, Refused, must
from bihuan.kernel.domain.state import Event
from bihuan.kernel.ledger.services import note
from bihuan.kernel.matters.services import raise_matter
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.orgs.services import new_code

from . import rules, streams
from .catalogue import course
from .models import Choice, File, Push, Step
from .screening import open_repairs
from .selectors import acts_as, book, condition_sets, office
from .services import KIND, Told, follows, locked, take, written


@transaction.atomic
def push(*, viewer: Viewer, file: File, bank: Unit, day: date, at: datetime, batch: str = "") -> Push:
    """Send a file to a bank. Refused while a condition that blocks is unmet, a repair is open, or another bank has it."""
    must(bool(office(viewer)))
    file = locked(file)
    found = book(file)
    if bank.kind != Unit.Kind.BANK or not bank.active:
        raise Refused(N_("Choose a bank."), field="bank")
    rules.checked(found.standing, "pushed", rules.OFFICE, day, local_day(at))
    sensible_day(day, at=at, field="day")
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
    written(file, made, Told("pushed", day, amount, data), viewer, office(viewer), at)
    choice = Choice.objects.filter(file=file).first()
    if choice is not None:
        choice.delete()
        event = Event("BankChoiceEnded", at, viewer.person.username, office(viewer), {"push": made.code})
        note(stream=streams.of_choice(file), event=event, at=at)
    sent: Push = Push.objects.select_related("file__subject", "bank").get(pk=made.pk)
    return sent


@transaction.atomic
def feed_back(*, viewer: Viewer, push: Push, items: Sequence[str], day: date, at: datetime, ref: str = "") -> Step:
    """A bank names what stands against a loan: each becomes a matter that the office assigns. The bank's part is over until the
    file comes again."""
    file = locked(push.file)
    role, unit = acts_as(viewer, file, push)
    must(bool(role))
    texts = [x.strip() for x in items if x.strip()]
    by = Unit.objects.get(code=unit)
    actor = c.Actor(viewer.person.username, frozenset({unit}))
    follows(book(file).standing, push, Told("problems", day), role, at)
    made = [
        raise_matter(actor=actor, at=at, kind_id=KIND, title=t[:120], description=t, subject=file.subject, raiser=by).number for t in texts
    ]  # fmt: skip
    return take(
        viewer=viewer,
        file=file,
        push=push,
        told=Told("problems", day, data={"items": texts, "matters": made, **({"ref": ref} if ref else {})}),
        at=at,
    )
