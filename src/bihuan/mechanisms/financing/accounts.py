"""Statements of supervised accounts: taken in once, however often they come; what reads otherwise than before is shown to a person.

Each act is an event of `account:<file>`; how far a reading is, is not.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet

from bihuan.engines.registers.sheets import Unreadable
from bihuan.engines.registers.statements import Movement as Line
from bihuan.engines.registers.statements import Reading, read
from bihuan.instruments.jobs.job import job
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.refusal import N_, Refused, must, need
from bihuan.kernel.domain.state import Event
from bihuan.kernel.evidence.rules import media_type
from bihuan.kernel.evidence.services import path_of, store
from bihuan.kernel.ledger.services import note
from bihuan.kernel.orgs.models import Unit

from . import doubts, rules, streams
from .catalogue import course, heads
from .clockwork import CLOCK
from .models import File, Movement, Push, Statement
from .selectors import Book, acts_now, book

MOST_BYTES = 20 * 2**20
MOST_CHANGED = 500
BATCH = 5_000


def bring(*, viewer: Viewer, file: File, upload: UploadedFile[Any], at: datetime, at_once: bool = False) -> Statement:
    """Take a statement in, in the worker unless `at_once`. Refused for other units than office, developer and the bank that has the file, without an
    account in the file, and for what is no spreadsheet by size or type."""
    role, unit = acts_now(viewer, file)
    must(bool(role))
    account = book(file).text("account")
    if not account:
        raise Refused(N_("The file names no supervised account yet; enter it among its figures."), field="file")
    name = (upload.name or "").strip()[:200]
    if not upload.size or upload.size > MOST_BYTES:
        raise Refused(N_("A statement has at most %(max)s MB and is not empty."), field="file", max=MOST_BYTES // 2**20)
    data = upload.read()
    if not name.lower().endswith((".xlsx", ".xls", ".csv")):
        raise Refused(N_("A statement is an Excel or CSV file."), field="file")
    kind = "text/csv" if name.lower().endswith(".csv") else media_type(data, name)
    with transaction.atomic():
        made = Statement.objects.create(
            file=file, account=account, upload=store(data=data, media_type=kind, at=at), name=name, unit=Unit.objects.get(code=unit),
            person=viewer.person.username, at=at,
        )  # fmt: skip
        _note(made, "StatementBrought", made.person, at, {"sha256": made.upload_id, "name": name, "account": account})
        if at_once:
            take_in(row=made, at=at)
            return made
        read_in.enqueue(made.pk)
    return made


def stop(*, viewer: Viewer, row: Statement, at: datetime) -> None:
    """Stop reading; nothing of it stays. What is over stays as it is."""
    must(row.unit.code in viewer.acting)
    _ended(row, Statement.State.STOPPED, "StatementStopped", viewer.person.username, at)


def _open() -> QuerySet[Statement]:
    return Statement.objects.filter(state=Statement.State.WAITING)


def _note(row: Statement, type_: str, person: str, at: datetime, data: dict[str, Any]) -> None:
    note(stream=streams.of_account(row.file), event=Event(type_, at, person, row.unit.code, data), at=at)


@transaction.atomic
def _ended(
    row: Statement, state: str, type_: str, person: str, at: datetime, failed: tuple[str, dict[str, str]] | None = None
) -> None:
    """It is over without a line taken; `failed` is the sentence and its parameters. Nothing happens where it was over before."""
    found = _open().select_for_update().filter(pk=row.pk).first()
    if found is None:
        return
    found.state = state
    told: dict[str, Any] = {"sha256": row.upload_id}
    if failed is not None:
        found.failed = [[0, *failed]]
        told |= {"message": failed[0], "params": failed[1]}
    found.save(update_fields=["state", "failed"])
    _note(row, type_, person, at, told)


def _given_up(pk: int, why: str, at: datetime) -> None:
    row = Statement.objects.select_related("file", "unit").get(pk=pk)
    _ended(row, Statement.State.REFUSED, "StatementRefused", CLOCK, at, (why, {}))


@job(N_("Reading a statement"), waits=_open, given_up=_given_up)
def read_in(pk: int, at: datetime) -> None:
    """The worker's part: take a statement in."""
    take_in(row=Statement.objects.select_related("file", "unit").get(pk=pk), at=at)


def take_in(*, row: Statement, at: datetime) -> None:
    """1. read, which may be stopped; 2. compare with what stands; 3. write all new lines, or none, with one event.

    Once: a statement that is over stays as it is.
    """
    rows = _open().filter(pk=row.pk)
    if not rows.exists():
        return

    def going(n: int) -> bool:
        return bool(rows.update(so_far=n))

    try:
        found = read(path_of(row.upload_id), heads(), going)
    except Unreadable as error:
        failed = error.message, {k: str(v) for k, v in error.params.items()}
        _ended(row, Statement.State.REFUSED, "StatementRefused", row.person, at, failed)
        return
    _written(row, found, at)


def _written(row: Statement, found: Reading, at: datetime) -> None:
    with transaction.atomic():
        file = File.objects.select_for_update().get(pk=row.file_id)
        if _open().select_for_update().filter(pk=row.pk).first() is None:
            return  # stopped meanwhile, or taken in by another worker
        have = {k: (d, pk) for k, d, pk in Movement.objects.filter(file=row.file).values_list("key", "digest", "pk")}
        fresh: dict[str, Line] = {}
        changed: list[Line] = []
        same = 0
        for line in found.movements:
            before = have.get(line.key)
            if before is None and line.key not in fresh:
                fresh[line.key] = line
            elif (before[0] if before else fresh[line.key].digest) == line.digest:
                same += 1
            else:
                changed.append(line)
        Movement.objects.bulk_create(
            (
                Movement(
                    file=file, statement=row, key=x.key, day=x.day, amount=x.amount, balance=x.balance, payee=x.payee, summary=x.summary,
                    digest=x.digest,
                )
                for x in fresh.values()
            ),
            batch_size=BATCH,
        )  # fmt: skip
        shown = [_told(row, x) for x in changed[:MOST_CHANGED]]
        last = max((x.day for x in found.movements), default=None)
        Statement.objects.filter(pk=row.pk).update(
            state=Statement.State.READY, lines=len(found.movements), new=len(fresh), same=same, changed=shown,
            failed=[[n, m, p] for n, m, p in found.failed],
        )  # fmt: skip
        data = {
            "sha256": row.upload_id, "lines": len(found.movements), "new": len(fresh), "same": same, "changed": len(changed),
            "failed": len(found.failed), "last": last.isoformat() if last else None,
        }  # fmt: skip
        _note(row, "StatementTaken", row.person, at, data)


FIELDS = ("day", "amount", "balance", "payee", "summary")


def _told(row: Statement, line: Line) -> dict[str, Any]:
    """What stands and what the new line says."""
    old = Movement.objects.filter(file=row.file, key=line.key).first()
    now = {k: v for k, v in asdict(line).items() if k in (*FIELDS, "digest")}
    before = {k: getattr(old, k) for k in FIELDS} if old else {}
    text = {k: str(v) if k == "day" else v for k, v in now.items()}
    return {
        "line": line.line,
        "key": line.key,
        "before": {k: str(v) if k == "day" else v for k, v in before.items()},
        "now": text,
    }


@transaction.atomic
def correct(*, viewer: Viewer, row: Statement, key: str, reason: str, at: datetime) -> Movement:
    """A person takes a changed line over, with a reason; both readings stay in the record. Refused for others, and twice."""
    role, unit = acts_now(viewer, row.file)
    must(role in (rules.OFFICE, rules.BANK))
    row = Statement.objects.select_for_update(of=("self",)).select_related("file", "unit").get(pk=row.pk)
    line = next((x for x in row.changed if x["key"] == key), None)
    if line is None or line.get("taken"):
        raise Refused(N_("This line is not among those that changed."), field="key")
    why = need(reason, "reason")
    old: Movement = Movement.objects.select_for_update().get(file=row.file, key=key)
    for name in FIELDS:
        value = line["now"][name]
        setattr(old, name, date.fromisoformat(value) if name == "day" else value)
    old.digest = line["now"]["digest"]
    old.save(update_fields=[*FIELDS, "digest"])
    line["taken"] = True
    row.save(update_fields=["changed"])
    data = {"key": key, "before": line["before"], "now": line["now"], "reason": why}
    event = Event("MovementCorrected", at, viewer.person.username, unit, data)
    note(stream=streams.of_account(row.file), event=event, at=at)
    return old


def reconciled(found: Book, push: Push, at: datetime, lines: Any) -> doubts.Reconciled:
    """Drawings and payments of a push against the lines of the account (a query of movements), and what does not fit."""
    some = [doubts.Line(m.key, m.day, m.amount, m.payee, m.summary) for m in lines]
    until = max((x.day for x in some), default=None)
    ask = found.ask_of(push)
    return doubts.reconciled(ask, some, found.progress(), course().doubt, local_day(at), until)
