"""Subjects enter and change with events of their own stream: a file says since when it is what it is, and how it came so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from bihuan.kernel.domain.chain import GENESIS
from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.domain.state import Event
from bihuan.kernel.ledger import selectors as ledger
from bihuan.kernel.ledger.models import Event as Recorded
from bihuan.kernel.ledger.rows import insert_many
from bihuan.kernel.ledger.services import TRIES, StaleStream, append, drafted, entry_time
from bihuan.kernel.matters.finding import subject_indexed, subjects_indexed
from bihuan.kernel.orgs.models import Territory, Unit
from bihuan.kernel.orgs.selectors import unit_ids
from bihuan.kernel.orgs.services import new_code
from bihuan.kernel.subjects.models import Subject, SubjectFile, SubjectLabel, SubjectParty


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
    SubjectFile.objects.create(subject_id=subject.pk)  # by number: the subject would remember the empty file
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


@dataclass(frozen=True)
class NewSubject:
    """A file to be opened with what it holds from the start: `body` as part → key → values."""

    name: str
    territory: Territory
    address: str
    labels: tuple[str, ...]
    body: dict[str, Any]
    owner: Unit | None = None


@transaction.atomic
def subjects_add(*, type: str, rows: Sequence[NewSubject], person: str, unit: str, at: datetime) -> list[Subject]:
    """Open many files at once, one event each that says all. Names have been checked."""
    entered = entry_time(at)
    made = [
        Subject(
            code=new_code("s"), type=type, name=r.name, territory=r.territory, unit=r.owner, address=r.address[:200], created=at
        )
        for r in rows
    ]  # fmt: skip
    Subject.objects.bulk_create(made, batch_size=1_000)
    pairs = list(zip(made, rows, strict=True))
    SubjectLabel.objects.bulk_create(
        (SubjectLabel(subject=s, label=m) for s, r in pairs for m in sorted(set(r.labels))), batch_size=2_000
    )
    SubjectFile.objects.bulk_create((SubjectFile(subject=s, body=r.body) for s, r in pairs), batch_size=1_000)
    for s, r in pairs:
        for role, told in r.body.get(PARTIES, {}).items():
            _party(Entry(s, PARTIES, role, told))
    events = []
    for s, r in pairs:
        data = {
            "type": type, "name": s.name, "territory": r.territory.code, "owner": r.owner.code if r.owner else "", "address": s.address,
            "labels": sorted(set(r.labels)), "facts": {}, "file": r.body,
        }  # fmt: skip
        happened = Event("SubjectRegistered", at, person, unit, data)
        events += drafted(stream=stream_of(s), events=[happened], after=(0, GENESIS), entered_at=entered)[0]
    for begin in range(0, len(pairs), 2_000):
        insert_many(Recorded, events[begin : begin + 2_000])
        subjects_indexed([s for s, _ in pairs[begin : begin + 2_000]])
    return made


@transaction.atomic
def subject_change(
    *, subject: Subject, person: str, unit: str, at: datetime, entered_at: datetime, changes: dict[str, Any],
    labels: Iterable[str] | None = None,
) -> bool:  # fmt: skip
    """Change name, address, facts, labels or the responsible unit (its code); False when nothing differs, and then no
    event either."""
    have_now = {
        "name": subject.name, "address": subject.address, "facts": subject.facts, "unit": subject.unit.code if subject.unit else "",
    }  # fmt: skip
    real = {k: v for k, v in changes.items() if k in have_now and have_now[k] != v}
    have = sorted(subject.labels.values_list("label", flat=True))
    data: dict[str, Any] = {"changes": real}
    if labels is not None and sorted(set(labels)) != have:
        data["labels"] = sorted(set(labels))
    if not real and "labels" not in data:
        return False
    for name, value in real.items():
        setattr(subject, name, Unit.objects.get(code=value) if name == "unit" else value)
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


@dataclass(frozen=True)
class Entry:
    """One entry of a file: which part, which key in it, and its values; None takes the entry out.

    Values given are laid over those that stand there; a value None takes a single one away.
    """

    subject: Subject
    part: str
    key: str
    values: dict[str, Any] | None


PARTIES = "parties"
"""The part that names units: by role, each with `unit` and, where one person answers, `title`."""


def fold_file(events: Iterable[Event]) -> dict[str, Any]:
    """What the events of a file say it holds."""
    body: dict[str, Any] = {}
    for event in events:
        if event.type == "SubjectRegistered":
            body = event.data.get("file", {})
        if event.type == "SubjectFiled":
            d = event.data
            body = laid(body, d["part"], d["key"], d["values"])
    return body


def laid(body: dict[str, Any], part: str, key: str, values: dict[str, Any] | None) -> dict[str, Any]:
    """A body with one entry laid over it."""
    entries = dict(body.get(part, {}))
    if values is None:
        entries.pop(key, None)
    else:
        merged = {**entries.get(key, {}), **values}
        entries[key] = {k: v for k, v in merged.items() if v is not None}
    return {**body, part: entries}


@transaction.atomic
def file_entries(
    *, entries: Sequence[Entry], person: str, unit: str, at: datetime, entered_at: datetime | None = None
) -> list[Entry]:
    """Write entries into files, each as an event of its subject; those that change nothing leave none. The real ones.

    1. the rows of the files are locked in the order of their subjects, so two writers never wait crosswise; who is named
       in a part is written too, so that the event takes it along;
    2. events go behind the end of each stream; where a file's head was changed at the same moment, behind its new end;
    3. rows and events are written together. StaleStream when that place was taken five times.
    """
    pks = sorted({e.subject.pk for e in entries})
    SubjectFile.objects.bulk_create([SubjectFile(subject_id=pk) for pk in pks], ignore_conflicts=True)
    held = {f.pk: f for f in SubjectFile.objects.select_for_update().filter(pk__in=pks).order_by("pk")}
    by_subject: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        before = held[entry.subject.pk].body
        after = laid(before, entry.part, entry.key, entry.values)
        if after.get(entry.part, {}) != before.get(entry.part, {}):
            held[entry.subject.pk].body = after
            by_subject[entry.subject.pk].append(entry)
    real = [e for found in by_subject.values() for e in found]
    for entry in real:
        if entry.part == PARTIES:
            _party(entry)
    for attempt in range(TRIES):
        rows = _drafted(by_subject, person, unit, at, entered_at or entry_time(at))
        try:
            with transaction.atomic():
                insert_many(Recorded, rows)
            break
        except IntegrityError as error:
            if attempt == TRIES - 1:
                raise StaleStream("a subject") from error
    SubjectFile.objects.bulk_update([held[pk] for pk in by_subject], ["body"], batch_size=500)
    return real


def _drafted(
    by_subject: dict[int, list[Entry]], person: str, unit: str, at: datetime, entered_at: datetime
) -> list[dict[str, Any]]:
    """The rows of the events, behind the ends of their streams as they are now."""
    ends = ledger.ends([stream_of(found[0].subject) for found in by_subject.values()])
    rows: list[dict[str, Any]] = []
    for found in by_subject.values():
        stream = stream_of(found[0].subject)
        events = [
            Event("SubjectFiled", at, person, unit, {"part": e.part, "key": e.key, "values": e.values}) for e in found
        ]
        rows += drafted(stream=stream, events=events, after=ends.get(stream, (0, GENESIS)), entered_at=entered_at)[0]
    return rows


def _party(entry: Entry) -> None:
    if entry.values is None:
        SubjectParty.objects.filter(subject=entry.subject, role=entry.key).delete()
        return
    SubjectParty.objects.update_or_create(
        subject=entry.subject, role=entry.key,
        defaults={"unit_id": unit_ids([entry.values["unit"]])[entry.values["unit"]], "title": entry.values.get("title", "")},
    )  # fmt: skip
