"""Editions of the condition sets: the office writes a side anew from a day on; what was checked before keeps its edition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.refusal import N_, Refused, must, need
from bihuan.kernel.domain.state import Event
from bihuan.kernel.ledger.services import note

from . import streams
from .catalogue import ConditionSet, condition_set, shipped
from .models import Edition
from .selectors import office


def editions() -> list[ConditionSet]:
    """All editions, the newest of each side first."""
    found = [*shipped(), *(condition_set(e.body) for e in Edition.objects.all())]
    return sorted(found, key=lambda s: (s.id, -s.valid_from.toordinal()))


def write(
    *, viewer: Viewer, now: ConditionSet, valid_from: date, source: str, confirmed: bool, rows: Sequence[Mapping[str, Any]], at: datetime
) -> Edition:  # fmt: skip
    """A new edition of a side. Refused for others than the office, before the edition in force, and twice for a day."""
    must(bool(office(viewer)))
    if valid_from <= now.valid_from:
        raise Refused(
            N_("A new edition holds from a day after the one in force, %(day)s."),
            field="valid_from",
            day=now.valid_from.isoformat(),
        )
    body = {
        "id": now.id, "name": now.name, "name_en": now.name_en, "valid_from": valid_from.isoformat(), "source": need(source, "source"), "confirmed": confirmed,
        "condition": [dict(r) for r in rows],
    }  # fmt: skip
    condition_set(body)
    try:
        with transaction.atomic():
            made = Edition.objects.create(
                side=now.id, valid_from=valid_from, body=body, person=viewer.person.username, at=at
            )
            note(
                stream=streams.CONDITIONS,
                event=Event("ConditionsWritten", at, viewer.person.username, office(viewer), body),
                at=at,
            )
    except IntegrityError:
        raise Refused(N_("There is an edition from this day already."), field="valid_from") from None
    return made
