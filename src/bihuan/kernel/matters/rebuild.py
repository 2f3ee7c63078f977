"""Fold the ledger and prove that every row equals its fold; or write the rows anew."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.db import transaction

from bihuan.kernel.domain.state import Event, evolve
from bihuan.kernel.ledger.models import Event as Recorded
from bihuan.kernel.ledger.selectors import happened
from bihuan.kernel.orgs.models import Territory, Unit
from bihuan.kernel.subjects.models import Subject

from .catalogue import kind_edition
from .models import Attachment, Involvement, Matter
from .projection import attachments, columns, parts

Folded = tuple[int, dict[str, Any], set[tuple[int, str]], list[dict[str, Any]]]


def folded() -> Iterator[Folded]:
    """Every matter as its events say: number, columns, involvements, attachments."""
    units = dict(Unit.objects.values_list("code", "id"))
    places = dict(Territory.objects.values_list("code", "id"))
    subjects = dict(Subject.objects.values_list("code", "id"))
    rows = Recorded.objects.filter(stream__startswith="matter:").order_by("stream", "seq").values_list("stream", "body")
    for stream, group in groupby(rows.iterator(chunk_size=5000), key=lambda r: r[0]):
        state, files, n = None, [], 0
        for _, body in group:
            event: Event = happened(body)
            state = evolve(state, event)
            files += [{**a, "unit": units[a["unit"]]} for a in attachments(event, state.round)]
            n += 1
        assert state is not None
        kind = kind_edition(state.kind, state.edition)
        fields = {**columns(state, kind, units, places, subjects), "version": n}
        yield int(stream.partition(":")[2]), fields, parts(state, units), files


def differences() -> Iterator[str]:
    """A sentence for every row that differs from its fold, is missing, or has no events."""
    names = [f.attname for f in Matter._meta.concrete_fields]
    seen: set[int] = set()
    for number, fields, involved, files in folded():
        seen.add(number)
        row = Matter.objects.filter(number=number).values(*names).first()
        if row is None:
            yield f"matter:{number}: the row is missing"
            continue
        for name, value in fields.items():
            if row[name] != value:
                yield f"matter:{number}: {name} is {row[name]!r}, its events say {value!r}"
        if set(Involvement.objects.filter(matter_id=number).values_list("unit_id", "role")) != involved:
            yield f"matter:{number}: the units involved differ from its events"
        have = sorted(Attachment.objects.filter(matter_id=number).values_list("file_id", "unit_id", "round"))
        if have != sorted((f["file_id"], f["unit"], f["round"]) for f in files):
            yield f"matter:{number}: the evidence differs from its events"
    for number in Matter.objects.values_list("number", flat=True).iterator():
        if number not in seen:
            yield f"matter:{number}: the row has no events"


@transaction.atomic
def rebuild() -> int:
    """Write every row anew from the ledger; how many matters there are."""
    count = 0
    for number, fields, involved, files in folded():
        Matter.objects.update_or_create(number=number, defaults=fields)
        Involvement.objects.filter(matter_id=number).delete()
        Involvement.objects.bulk_create(Involvement(matter_id=number, unit_id=u, role=r) for u, r in sorted(involved))
        Attachment.objects.filter(matter_id=number).delete()
        Attachment.objects.bulk_create(
            Attachment(matter_id=number, **{("unit_id" if k == "unit" else k): v for k, v in f.items()}) for f in files
        )
        count += 1
    return count
