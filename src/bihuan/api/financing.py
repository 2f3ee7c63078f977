"""Pushes for the systems of banks: what was sent to the bank of the key, its answers, money, statements. Money in fen, days as 2026-12-28."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import File, Router, Schema, UploadedFile
from pydantic import Field

from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.mechanisms.financing import accounts, pushing
from bihuan.mechanisms.financing.models import Push, Statement
from bihuan.mechanisms.financing.selectors import Book, looked, pushes_visible_to, seen_of, statements_visible_to
from bihuan.mechanisms.financing.services import Told, take

router = Router(tags=["financing"])
What = Literal[
    "received", "accepted", "problems", "refused", "credited", "declined", "signed", "party", "planned", "drawn", "paid", "repaid"
]  # fmt: skip


class StepOut(Schema):
    """A step of a push."""

    what: str
    day: date
    amount: int
    data: dict[str, Any]


class PushOut(Schema):
    """A push as its bank sees it. `due`: last day of the answer that is awaited."""

    code: str
    project: str
    developer: str
    need: int
    pushed: date
    due: date | None
    ended: date | None
    credited: int
    drawn: int
    paid: int
    account: str
    steps: list[StepOut]


class PlanRow(Schema):
    """A planned drawing: at so many per cent of works."""

    day: date
    amount: int
    percent: int = Field(ge=0, le=100)


class StepIn(Schema):
    """A step to be taken. `ref`: the sender's own name for it; the same again has no second effect."""

    what: What
    day: date
    ref: str = Field(min_length=1, max_length=60)
    amount: int = 0
    reason: str = ""
    items: list[str] = []
    term: int = 0
    rate: str = ""
    contract: str = ""
    mode: Literal["stages", "whole"] = "stages"
    parties: list[str] = []
    name: str = ""
    rows: list[PlanRow] = []
    account: str = ""
    payee: str = ""
    purpose: str = ""

    def told(self) -> dict[str, Any]:
        """The data that this step has."""
        keys = {
            "refused": ("reason",), "declined": ("reason",), "credited": ("term", "rate"), "signed": ("contract", "mode", "parties"), "party": ("name", "contract"),
            "drawn": ("account",), "paid": ("payee", "purpose"),
        }.get(self.what, ())  # fmt: skip
        found: dict[str, Any] = {k: getattr(self, k) for k in keys}
        if self.what == "planned":
            found["rows"] = [{"day": r.day.isoformat(), "amount": r.amount, "percent": r.percent} for r in self.rows]
        return {**found, "ref": self.ref}


class StatementOut(Schema):
    """What came of a statement."""

    id: int
    state: str
    lines: int
    new: int
    same: int
    changed: int


def _who(request: HttpRequest) -> Viewer:
    who: Viewer = request.auth  # type: ignore[attr-defined]
    return who


def _push(who: Viewer, code: str) -> Push:
    return get_object_or_404(pushes_visible_to(who).filter(bank__in=who.units), code=code)


def _told(who: Viewer, row: Push, seen: Book | None = None) -> PushOut:
    seen = seen or seen_of(who, [row])[row.file_id]
    ask = seen.ask_of(row)
    steps = [StepOut(what=s.what, day=s.day, amount=s.amount, data=s.data) for s in seen.steps if s.push_id == row.pk]
    return PushOut(
        code=row.code, project=row.file.subject.name, developer=row.file.developer.name, need=ask.need, pushed=row.day, due=row.due, ended=row.ended,
        credited=ask.amount, drawn=ask.drawn, paid=ask.paid, account=seen.text("account"), steps=steps,
    )  # fmt: skip


@router.get("/pushes", response=list[PushOut], url_name="api_pushes")
def pushes(request: HttpRequest, open: bool = True) -> list[PushOut]:
    """What was sent to the bank of the key; with `open=false` also what is over."""
    who = _who(request)
    rows = pushes_visible_to(who).filter(bank__in=who.units).order_by("code")
    looked(viewer=who, what="api", at=timezone.now())
    some = list((rows.filter(ended=None) if open else rows)[:500])
    seen = seen_of(who, some)
    return [_told(who, p, seen[p.file_id]) for p in some]


@router.get("/pushes/{code}", response=PushOut, url_name="api_push")
def push(request: HttpRequest, code: str) -> PushOut:
    """One of them."""
    who = _who(request)
    row = _push(who, code)
    looked(viewer=who, what="api", at=timezone.now(), file=row.file)
    return _told(who, row)


@router.post("/pushes/{code}/steps", response=PushOut, url_name="api_step")
def step(request: HttpRequest, code: str, told: StepIn) -> PushOut:
    """Take a step. 422 with the field and a sentence where it cannot be taken; nothing is written then."""
    who = _who(request)
    row = _push(who, code)
    if row.steps.filter(data__ref=told.ref).exists():
        return _told(who, row)
    now = timezone.now()
    if told.what == "problems":
        pushing.feed_back(viewer=who, push=row, items=told.items, day=told.day, at=now, ref=told.ref)
    else:
        take(viewer=who, file=row.file, push=row, told=Told(told.what, told.day, told.amount, told.told()), at=now)
    return _told(who, _push(who, code))


@router.post("/pushes/{code}/statements", response=StatementOut, url_name="api_statement_in")
def statement_in(request: HttpRequest, code: str, file: File[UploadedFile]) -> StatementOut:
    """Bring a statement of the supervised account; it is read in the background."""
    who = _who(request)
    row = _push(who, code)
    if row.ended is not None:
        raise Refused(N_("This step cannot follow here."))
    return _statement(accounts.bring(viewer=who, file=row.file, upload=file, at=timezone.now()))


@router.get("/statements/{pk}", response=StatementOut, url_name="api_statement")
def statement(request: HttpRequest, pk: int) -> StatementOut:
    """What came of a statement that this bank brought."""
    who = _who(request)
    return _statement(get_object_or_404(statements_visible_to(who).filter(unit__in=who.units), pk=pk))


def _statement(row: Statement) -> StatementOut:
    return StatementOut(
        id=row.pk, state=row.state, lines=row.lines, new=row.new, same=row.same, changed=len(row.changed)
    )
