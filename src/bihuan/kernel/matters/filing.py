"""Subjects enter and change with events of their own stream: a file says since when it is what it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import transaction

from bihuan.kernel.domain.chain import GENESIS
from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.domain.state import Event
from bihuan.kernel.ledger import selectors as ledger
from bihuan.kernel.ledger.models import Event as Recorded
from bihuan.kernel.ledger.services import append
from bihuan.kernel.orgs.models import Territory, Unit
from bihuan.kernel.orgs.services import new_code
from bihuan.kernel.subjects.models import Subject, SubjectLabel

from .finding import subject_indexed


def stream_of(subject: Subject) -> str:
    """The name of a subject's stream."""
    return f"subject:{subject.code}"


@transaction.atomic
def subject_add(
    *, person: str, unit: str, at: datetime, entered_at: datetime, type: str, name: str, territory: Territory,
    owner: Unit | None = None, address: str = "", labels: Iterable[str] = (), facts: dict[str, Any] | None = None,
) -> Subject:  # fmt: skip
    """Open the file of a project or premises. Refused without a name."""
    name = name.strip()
    if not name or len(name) > 120:
        raise Refused(N_("A name has 1 to 120 characters."), field="name")
    subject = Subject.objects.create(
        code=new_code("s"), type=type, name=name, territory=territory, unit=owner, address=address[:200],
        facts=facts or {}, created=at,
    )  # fmt: skip
    subject_indexed(subject, with_matters=False)
    marks = sorted(set(labels))
    SubjectLabel.objects.bulk_create(SubjectLabel(subject=subject, label=m) for m in marks)
    data = {
        "type": type, "name": name, "territory": territory.code, "owner": owner.code if owner else "", "address": subject.address,
        "labels": list(marks), "facts": facts or {},
    }  # fmt: skip
    happened = Event("SubjectRegistered", at, person, unit, data)
    append(stream=stream_of(subject), events=[happened], after=(0, GENESIS), entered_at=entered_at)
    return subject


def differences() -> Iterator[str]:
    """A sentence for every subject whose row differs from its events, or that has none."""
    bodies: dict[str, list[Event]] = {}
    for name, body in (
        Recorded.objects.filter(stream__startswith="subject:").order_by("stream", "seq").values_list("stream", "body")
    ):
        bodies.setdefault(name, []).append(ledger.happened(body))
    for subject in Subject.objects.select_related("territory", "unit").prefetch_related("labels"):
        events = bodies.get(stream_of(subject))
        if not events:
            yield f"{stream_of(subject)}: the row has no events"
            continue
        told = {k: v for k, v in events[0].data.items() if k != "owner"}
        for event in events[1:]:
            told |= event.data["changes"]
            told["labels"] = event.data.get("labels", told["labels"])
        row = {
            "type": subject.type, "name": subject.name, "territory": subject.territory.code, "address": subject.address,
            "labels": sorted(x.label for x in subject.labels.all()), "facts": subject.facts,
        }  # fmt: skip
        for key, value in row.items():
            if told[key] != value:
                yield f"{stream_of(subject)}: {key} is {value!r}, its events say {told[key]!r}"


@transaction.atomic
def subject_change(
    *, subject: Subject, person: str, unit: str, at: datetime, entered_at: datetime, changes: dict[str, Any],
    labels: Iterable[str] | None = None,
) -> bool:  # fmt: skip
    """Change name, address, facts or labels; False when nothing differs, and then no event either."""
    allowed = {"name", "address", "facts"}
    real = {k: v for k, v in changes.items() if k in allowed and getattr(subject, k) != v}
    have = sorted(subject.labels.values_list("label", flat=True))
    data: dict[str, Any] = {"changes": real}
    if labels is not None and sorted(set(labels)) != have:
        data["labels"] = sorted(set(labels))
    if not real and "labels" not in data:
        return False
    for name, value in real.items():
        setattr(subject, name, value)
    if real:
        subject.save(update_fields=list(real))
        subject_indexed(subject, with_matters=True)
    if "labels" in data:
        subject.labels.all().delete()
        SubjectLabel.objects.bulk_create(SubjectLabel(subject=subject, label=m) for m in data["labels"])
    stream = ledger.stream(stream_of(subject))
    append(
        stream=stream_of(subject), events=[Event("SubjectChanged", at, person, unit, data)], after=stream.end,
        entered_at=entered_at,
    )  # fmt: skip
    return True
