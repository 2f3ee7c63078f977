"""Writing project files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from bihuan.instruments.lateness.services import sensible_day
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.months import MONTH, month_after, months_later
from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.domain.state import Event
from bihuan.kernel.evidence.models import Staged
from bihuan.kernel.files.filing import Entry, file_entries, stream_of
from bihuan.kernel.ledger.services import note
from bihuan.kernel.matters.services import not_future
from bihuan.kernel.subjects.models import Subject

from .models import Photo
from .rules import Word
from .selectors import project_of, words, writers

MOST = 10**15
"""Ten trillion yuan in fen: more is a slip of the unit."""
Values = Mapping[str, Any] | None


def in_name_of(viewer: Viewer, subject: Subject) -> str:
    """The unit in whose name the viewer keeps this file. Refused when none of the viewer's does."""
    units = viewer.acting & writers(subject, project_of(subject))
    if not units:
        raise Refused(N_("Your unit does not keep this project's file."), allowed=False)
    home = subject.unit.code if subject.unit else ""
    return home if home in units else min(units)


def file(*, viewer: Viewer, subject: Subject, at: datetime, entries: Sequence[tuple[str, str, Values]]) -> int:
    """Write entries (part, key, values) into a project's file; how many changed something."""
    unit = in_name_of(viewer, subject)
    not_future(at)
    real = [Entry(subject, part, key, dict(values) if values is not None else None) for part, key, values in entries]
    for entry in real:
        _sound(entry, at)
    return len(file_entries(entries=real, person=viewer.person.username, unit=unit, at=at))


def _sound(entry: Entry, at: datetime) -> None:
    """Refused for an amount that cannot be, a node reached in the future, a permit that lapses before it was granted."""
    values = entry.values or {}
    for name in ("total", "plan", "actual", "before"):
        amount = values.get(name) if entry.part in ("identity", "year", "month") else None
        if amount is not None and not 0 <= amount <= MOST:
            raise Refused(N_("An amount lies between 0 and 10,000,000,000 (ten thousand yuan each)."), field=name)
    if entry.part == "month" and not MONTH.fullmatch(entry.key):
        raise Refused(N_("“%(text)s” is no month; write it as 2024-04."), field="month", text=entry.key)
    if entry.part == "node" and values.get("actual"):
        sensible_day(date.fromisoformat(values["actual"]), at=at, field=f"actual_{entry.key}")
    if entry.part == "visit" and values.get("day"):
        sensible_day(date.fromisoformat(values["day"]), at=at, field="day")
    if entry.part == "permit" and values.get("lapses") and values["lapses"] < (values.get("granted") or ""):
        raise Refused(N_("The permit would lapse before it was granted."), field="lapses")


@transaction.atomic
def report(
    *, viewer: Viewer, subject: Subject, at: datetime, month: str, actual: int, progress: str, problem: str = "",
    next_plan: int | None = None, nodes: Mapping[str, Values] | None = None, statistics: str = "", photos: Sequence[Staged] = (),
) -> int:  # fmt: skip
    """A month's report: money in fen, words, what moved of the nodes, photos, the plan of the month after. Again for the
    same month corrects it.

    Refused for a month that has not begun.
    """
    today = local_day(at)
    if month > f"{today:%Y-%m}":
        raise Refused(N_("The month %(month)s has not begun."), field="month", month=month)
    values: dict[str, Any] = {"actual": actual, "progress": progress.strip(), "problem": problem.strip() or None}
    before = project_of(subject).months.get(month)
    values["reported"] = before.reported if before and before.reported else today.isoformat()
    entries: list[tuple[str, str, Values]] = [("month", month, values)]
    entries += [("node", id_, told) for id_, told in (nodes or {}).items()]
    if next_plan is not None:
        entries.append(("month", month_after(month), {"plan": next_plan}))
    if statistics:
        entries.append(("identity", "main", {"statistics": statistics}))
    changed = file(viewer=viewer, subject=subject, at=at, entries=entries)
    for staged in photos:
        if not staged.file.is_picture:
            raise Refused(N_("%(name)s is no picture."), field="files", name=staged.name)
    photos_add(
        subject=subject, month=month, photos=[(p.file_id, p.name) for p in photos], person=viewer.person.username,
        unit=in_name_of(viewer, subject), at=at,
    )  # fmt: skip
    for staged in photos:
        staged.delete()
    return changed


@transaction.atomic
def photos_add(
    *, subject: Subject, month: str, photos: Iterable[tuple[str, str]], person: str, unit: str, at: datetime
) -> int:
    """Put photos (hash, name) of a month into the record, those that the file does not have yet, as one event; how many. The caller
    has checked who writes, and that they are pictures."""
    fresh = []
    for sha256, name in photos:
        told = {"name": name, "month": month, "person": person, "at": at}
        if Photo.objects.get_or_create(subject=subject, file_id=sha256, defaults=told)[1]:
            fresh.append({"sha256": sha256, "name": name})
    if fresh:
        data = {"month": month, "files": fresh}
        note(stream=stream_of(subject), event=Event("PhotosFiled", at, person, unit, data), at=at)
    return len(fresh)


def permit_entry(kind: Word, number: str, granted: date, lapses: date | None = None) -> tuple[str, str, dict[str, Any]]:
    """A permit as the file keeps it: part, key, values; without a last day it has the one that its kind's months give."""
    last = lapses or (months_later(granted, kind.months) if kind.months else None)
    values = {
        "id": kind.id, "number": number, "granted": granted.isoformat(), "lapses": last.isoformat() if last else None,
    }  # fmt: skip
    return "permit", (f"{kind.id}-{granted:%Y%m%d}" + (f"-{number}" if number else ""))[:80], values


def permit_add(
    *, viewer: Viewer, subject: Subject, at: datetime, id: str, number: str, granted: date, lapses: date | None = None
) -> None:  # fmt: skip
    """A permit; without a last day it has the one that its kind's months give."""
    kind = next((w for w in words().permits if w.id == id), None)
    if kind is None:
        raise Refused(N_("Choose the kind of permit."), field="id")
    sensible_day(granted, at=at, field="granted")
    file(viewer=viewer, subject=subject, at=at, entries=[permit_entry(kind, number, granted, lapses)])
