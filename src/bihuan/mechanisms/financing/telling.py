"""Telling figures: each with its day and source; what was before stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from bihuan.instruments.lateness.services import sensible_day
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.refusal import N_, Refused, must, need
from bihuan.kernel.domain.state import Event
from bihuan.kernel.ledger.services import note
from bihuan.kernel.orgs.models import Unit

from . import rules, streams
from .catalogue import PARTS, figures
from .models import Figure, File
from .selectors import acts_now, book
from .services import locked


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
    role, unit = acts_now(viewer, file)
    must(bool(role))
    sensible_day(day, at=at, field="day")
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
        event = Event("FinancingTold", at, viewer.person.username, unit, data)
        note(stream=streams.of_file(file), event=event, at=at)
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
