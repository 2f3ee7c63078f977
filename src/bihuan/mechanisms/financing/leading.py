"""Lead banks: what is asked of the matcher, its proposals, and the choices of people, which stand whatever they break."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from bihuan.engines import matching as engine
from bihuan.instruments.jobs.job import job
from bihuan.kernel.access.viewer import Viewer, viewer_of
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.refusal import N_, Refused, must, need
from bihuan.kernel.domain.state import Event
from bihuan.kernel.ledger.services import note, once
from bihuan.kernel.orgs.models import Unit

from . import rules, streams
from .models import Appetite, Choice, File, Proposal
from .pushing import push
from .selectors import Book, books, files_visible_to, office

SECONDS = 15.0


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
    data = {
        "capacity": capacity,
        "most": most,
        "least": least,
        "top": top,
        "share": share,
        "likes": likes,
        "never": never,
    }
    row, _ = Appetite.objects.update_or_create(bank=bank, defaults={**data, "day": local_day(at)})
    unit = bank.code if bank.code in viewer.acting else office(viewer)
    event = Event("AppetiteTold", at, viewer.person.username, unit, data)
    note(stream=streams.of_appetite(row), event=event, at=at)
    return row


def proposals_of(viewer: Viewer) -> QuerySet[Proposal]:
    """The searches of the office."""
    return Proposal.objects.filter(owner=viewer.person) if office(viewer) else Proposal.objects.none()


def ask(*, viewer: Viewer, at: datetime) -> Proposal:
    """Ask for a proposal, in the worker. Refused while one runs, and for others than the office."""
    must(bool(office(viewer)))
    with transaction.atomic():
        if proposals_of(viewer).filter(pk__in=Proposal.open()).exists():
            raise Refused(N_("A search is running already."))
        made = Proposal.objects.create(owner=viewer.person, at=at)
        propose.enqueue(made.pk)
    return made


@job(N_("Looking for lead banks"), waits=Proposal.open, given_up=Proposal.give_up)
def propose(pk: int, at: datetime) -> None:
    """The worker's part: look for lead banks."""
    search(row=Proposal.objects.select_related("owner").get(pk=pk), at=at)


def search(*, row: Proposal, at: datetime, seconds: float = SECONDS) -> None:
    """Look for the best proposal; whoever asked can watch and stop it. What is over stays as it is."""
    if not row.begin():
        return
    who = viewer_of(row.owner, local_day(at))
    told = row.watched(lambda value, before: value > before)
    p = problem(who)
    found = engine.match(p, seconds, progress=lambda value, bound: told(max(value, 0), bound))
    row.refresh_from_db()
    value = max(found.value, 0)
    row.end(cost=value, bound=max(found.bound, 0), first=row.first or value, result=engine.data_of(found))


@transaction.atomic
def choose(*, viewer: Viewer, file: File, bank: Unit | None, reason: str, at: datetime) -> Choice | None:
    """Decide on the bank that a file is to be pushed to (None takes it back). What that breaks is accepted with a reason, and kept."""
    must(bool(office(viewer)))
    some = waiting(viewer)
    if file.pk not in {b.file.pk for b in some}:
        raise Refused(N_("This file does not wait for a bank."))
    if bank is None:
        if Choice.objects.filter(file=file).delete()[0]:
            event = Event("BankChoiceTakenBack", at, viewer.person.username, office(viewer), {})
            note(stream=streams.of_choice(file), event=event, at=at)
        return None
    if bank.kind != Unit.Kind.BANK:
        raise Refused(N_("Choose a bank."), field="bank")
    p = problem(viewer, some)
    broken = breaks(p, p.fixed, file, bank)
    if broken:
        need(reason, "reason")
    return _chosen(viewer, file, bank, reason, broken, at)


@transaction.atomic
def take_over(*, viewer: Viewer, row: Proposal, reason: str, at: datetime) -> int:
    """Decide as proposed wherever nothing was decided and the file still waits; how many. All is read once."""
    must(bool(office(viewer)))
    found = waiting(viewer)
    p = problem(viewer, found)
    decided = set(Choice.objects.filter(file__in=[b.file for b in found]).values_list("file__code", flat=True))
    some = {b.file.code: b.file for b in found if b.file.code not in decided}
    units = {u.code: u for u in Unit.objects.filter(code__in=p.bank)}
    chosen = dict(p.fixed)
    for pair in row.result.get("pairs", ()):
        file, bank = some.get(pair["need"]), units.get(pair["bank"])
        if file is None or bank is None:
            continue
        _chosen(viewer, file, bank, reason, breaks(p, chosen, file, bank), at)
        chosen[file.code] = bank.code
    return len(chosen) - len(p.fixed)


def _chosen(viewer: Viewer, file: File, bank: Unit, reason: str, broken: list[list[Any]], at: datetime) -> Choice:
    """A choice, and its event."""
    kept = {"bank": bank, "reason": reason.strip()[:300], "broken": broken, "person": viewer.person.username, "at": at}
    row, _ = Choice.objects.update_or_create(file=file, defaults=kept)
    data = {"bank": bank.code, "reason": row.reason, "broken": broken}
    event = Event("BankChosen", at, viewer.person.username, office(viewer), data)
    note(stream=streams.of_choice(file), event=event, at=at)
    return row


def breaks(p: engine.Problem, chosen: Mapping[str, str | None], file: File, bank: Unit) -> list[list[Any]]:
    """What the choice of a bank would break beside what was chosen: [word, about, by how much]."""
    if bank.code not in p.bank:
        return [["unknown", "", 0]]
    all_ = {n: b for n, b in chosen.items() if b is not None} | {file.code: bank.code}
    return [[b.word, b.about, b.over] for b in engine.broken(p, all_, file.code)]


def push_all(
    *, viewer: Viewer, files: Iterable[File], batch: str, at: datetime
) -> tuple[int, list[tuple[File, Refused]]]:
    """Push what was decided, each for itself: how many went out, and why others did not."""
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
        stream = streams.of_lender(book.file, code)
        note(stream=stream, event=event, at=at, token=once(stream))
    return told
