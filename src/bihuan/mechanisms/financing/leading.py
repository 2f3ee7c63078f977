"""Lead banks: what is asked of the matcher, its proposals, and the choices of people, which stand whatever they break."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from bihuan.engines import matching as engine
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.refusal import N_, Refused, must, need
from bihuan.kernel.domain.state import Event
from bihuan.kernel.ledger.services import note, once
from bihuan.kernel.orgs.models import Unit

from . import rules
from .models import Appetite, Choice, File, Proposal
from .selectors import Book, books, files_visible_to, office

SECONDS = 15.0
LOST = timedelta(minutes=5)
"""A search older than this lost its worker and hinders no other."""


def waiting(viewer: Viewer) -> list[Book]:
    """Files that look for a lead bank: passed by the city, no bank has them, treated as normal or as temporarily troubled."""
    rows = files_visible_to(viewer).filter(state__in=("city", "repair", "listed"), treatment__in=rules.READY)
    found = books(rows)
    return [b for b in found if b.standing.city and b.standing.open is None and (b.number("need") or 0) > 0]


def waiting_count(viewer: Viewer) -> int:
    """How many files wait for a lead bank; 0 for everybody but the office."""
    if not office(viewer):
        return 0
    return files_visible_to(viewer).filter(state=File.State.CITY, treatment__in=rules.READY, choice=None).count()


def need_of(book: Book) -> engine.Need:
    """A file as the matcher sees it. Banks that refused or declined it are barred; its tags are treatment and township."""
    lenders = {bank: amount for bank in book.parts("lent") if (amount := book.number("lent", bank))}
    barred = {a.bank for a in book.standing.asks if a.how in ("refused", "declined")}
    tags = {book.file.treatment, book.file.subject.territory.code}
    return engine.Need(
        book.file.code, book.number("need") or 0, book.text("group"), lenders, book.text("mortgagee"), book.text("account_bank"), frozenset(tags),
        frozenset(barred),
    )  # fmt: skip


def banks(taken: Iterable[tuple[str, int]] = ()) -> tuple[engine.Bank, ...]:
    """The banks that said what they can take on, less what lies with them already: (bank, amount) of open pushes."""
    used: dict[str, tuple[int, int]] = {}
    for code, amount in taken:
        n, sum_ = used.get(code, (0, 0))
        used[code] = n + 1, sum_ + amount
    found = []
    for a in Appetite.objects.select_related("bank").filter(bank__active=True).order_by("bank__code"):
        n, sum_ = used.get(a.bank.code, (0, 0))
        most = None if a.most is None else max(a.most - n, 0)
        found.append(
            engine.Bank(
                a.bank.code, max(a.capacity - sum_, 0), most, a.least, a.top, a.share, {k: int(v) for k, v in a.likes.items()}, frozenset(a.never),
            )
        )  # fmt: skip
    return tuple(found)


def problem(viewer: Viewer, some: list[Book] | None = None) -> engine.Problem:
    """What is to be matched now: files that wait, banks with the room they have left, and what people chose already."""
    some = waiting(viewer) if some is None else some
    everything = books(files_visible_to(viewer).filter(state__in=("pushed", "listed", "credited")))
    taken = [(a.bank, a.amount or a.need) for b in everything if (a := b.standing.open) and not a.drawn]
    chosen = dict(Choice.objects.filter(file__in=[b.file for b in some]).values_list("file__code", "bank__code"))
    known = banks(taken)
    fixed: dict[str, str | None] = {f: b for f, b in chosen.items() if b in {x.id for x in known}}
    return engine.Problem(tuple(need_of(b) for b in some), known, fixed=fixed)


@transaction.atomic
def appetite(
    *, viewer: Viewer, bank: Unit, capacity: int, most: int | None, least: int, top: int | None, share: int, likes: dict[str, int], never: list[str], at: datetime,
) -> Appetite:  # fmt: skip
    """What a bank can take on, said by itself or by the office."""
    must(bank.code in viewer.acting or bool(office(viewer)))
    if bank.kind != Unit.Kind.BANK:
        raise Refused(N_("Choose a bank."), field="bank")
    if not 1 <= share <= 100:
        raise Refused(N_("A share lies between 0 and 100 of a hundred."), field="share")
    if any(abs(v) > 100 for v in likes.values()):
        raise Refused(N_("Points lie between -100 and 100."), field="likes")
    row, _ = Appetite.objects.update_or_create(
        bank=bank,
        defaults={"capacity": capacity, "most": most, "least": least, "top": top, "share": share, "likes": likes, "never": never, "day": local_day(at)},
    )  # fmt: skip
    data = {
        "capacity": capacity,
        "most": most,
        "least": least,
        "top": top,
        "share": share,
        "likes": likes,
        "never": never,
    }
    unit = bank.code if bank.code in viewer.acting else office(viewer)
    note(stream=f"appetite:{bank.code}", event=Event("AppetiteTold", at, viewer.person.username, unit, data), at=at)
    return row


def proposals_of(viewer: Viewer) -> QuerySet[Proposal]:
    """The searches of the office."""
    return Proposal.objects.filter(owner=viewer.person) if office(viewer) else Proposal.objects.none()


def ask(*, viewer: Viewer, at: datetime) -> Proposal:
    """Ask for a proposal, in the worker. Refused while one runs, and for others than the office."""
    must(bool(office(viewer)))
    with transaction.atomic():
        if proposals_of(viewer).exclude(state=Proposal.State.READY).filter(at__gt=at - LOST).exists():
            raise Refused(N_("A search is running already."))
        made = Proposal.objects.create(owner=viewer.person, at=at)
        from .tasks import propose as task  # the task calls back into this module

        task.enqueue(made.pk)
    return made


def search(*, row: Proposal, at: datetime, seconds: float = SECONDS) -> None:
    """Look for the best proposal; whoever asked can watch and stop it."""
    from bihuan.kernel.access.viewer import viewer_of

    row.change(state=Proposal.State.RUNNING)
    who = viewer_of(row.owner, local_day(at))
    told = row.watched(lambda value, before: value > before)
    p = problem(who)
    found = engine.match(p, seconds, progress=lambda value, bound: told(max(value, 0), bound))
    row.refresh_from_db()
    row.change(
        state=Proposal.State.READY, cost=max(found.value, 0), bound=max(found.bound, 0), first=row.first or max(found.value, 0), result=data_of(found)
    )  # fmt: skip


def data_of(found: engine.Matching) -> dict[str, Any]:
    """A proposal as it is kept and printed."""
    return {
        "pairs": [
            {
                "need": x.need, "bank": x.bank, "points": x.points, "fixed": x.fixed,
                "reasons": [[r.word, r.points, r.about] for r in x.reasons], "broken": [[b.word, b.about, b.over] for b in x.broken],
            }
            for x in found.pairs
        ],
        "alone": {n: [[b.word, b.bank, b.about, b.over] for b in against] for n, against in found.alone.items()},
        "value": found.value, "bound": found.bound, "most": found.most, "gap_pct": round(found.gap, 4), "proven": found.proven, "used": dict(found.used),
    }  # fmt: skip


@transaction.atomic
def choose(*, viewer: Viewer, file: File, bank: Unit | None, reason: str, at: datetime) -> Choice | None:
    """Decide on the bank that a file is to be pushed to (None takes it back). What that breaks is accepted with a reason, and kept."""
    must(bool(office(viewer)))
    found = [b for b in waiting(viewer) if b.file.pk == file.pk]
    if not found:
        raise Refused(N_("This file does not wait for a bank."))
    unit = office(viewer)
    if bank is None:
        Choice.objects.filter(file=file).delete()
        note(
            stream=f"choice:{file.code}",
            event=Event("BankChoiceTakenBack", at, viewer.person.username, unit, {}),
            at=at,
        )
        return None
    if bank.kind != Unit.Kind.BANK:
        raise Refused(N_("Choose a bank."), field="bank")
    broken = breaks(viewer, found[0], bank)
    if broken:
        need(reason, "reason")
    row, _ = Choice.objects.update_or_create(
        file=file,
        defaults={
            "bank": bank,
            "reason": reason.strip()[:300],
            "broken": broken,
            "person": viewer.person.username,
            "at": at,
        },
    )
    data = {"bank": bank.code, "reason": reason.strip(), "broken": broken}
    note(stream=f"choice:{file.code}", event=Event("BankChosen", at, viewer.person.username, unit, data), at=at)
    return row


def breaks(viewer: Viewer, book: Book, bank: Unit) -> list[list[Any]]:
    """What the choice of a bank would break: [word, about, by how much]."""
    p = problem(viewer)
    if bank.code not in p.bank:
        return [["unknown", "", 0]]
    chosen = {n: b for n, b in p.fixed.items() if b is not None}
    chosen[book.file.code] = bank.code
    return [[b.word, b.about, b.over] for b in engine.broken(p, chosen, book.file.code)]


def push_all(
    *, viewer: Viewer, files: Iterable[File], batch: str, at: datetime
) -> tuple[int, list[tuple[File, Refused]]]:
    """Push what was decided, each for itself: how many went out, and why others did not."""
    from .pushing import push

    sent, failed = 0, []
    for file in files:
        choice = Choice.objects.filter(file=file).select_related("bank").first()
        try:
            if choice is None:
                raise Refused(N_("No bank is decided for this file."))
            push(viewer=viewer, file=file, bank=choice.bank, day=local_day(at), at=at, batch=batch)
            sent += 1
        except Refused as error:
            failed.append((file, error))
    return sent, failed


def others(book: Book) -> list[str]:
    """Codes of banks that have lent to the project, besides its lead bank: they are to be told that one was found."""
    lead = book.standing.lead or book.standing.open
    return [b for b in book.parts("lent") if book.number("lent", b) and (lead is None or b != lead.bank)]


@transaction.atomic
def inform(*, viewer: Viewer, book: Book, at: datetime) -> list[str]:
    """Tell the other lenders, each in a stream of its own, that the project's money is now managed in one place. Which bank leads is
    not said; that is known once the signing is public. Refused before the contract."""
    must(bool(office(viewer)))
    lead = book.standing.lead
    if lead is None or lead.signed is None:
        raise Refused(N_("Other lenders are told once the contract is signed."))
    told = others(book)
    for code in told:
        data = {"title": book.file.subject.name, "confidential": True, "tell": [code]}
        event = Event("LenderInformed", at, viewer.person.username, office(viewer), data)
        note(
            stream=f"lender:{book.file.code}:{code}",
            event=event,
            at=at,
            token=once(f"lender:{book.file.code}:{code}"),
        )
    return told
