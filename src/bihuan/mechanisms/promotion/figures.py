"""Monthly figures from the office's sheet: read, compared with the files, written all or nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from bihuan.engines import registers as engine
from bihuan.engines.registers.dates import ascii_text
from bihuan.engines.registers.schema import Schema, parse
from bihuan.instruments.projects.rules import Project
from bihuan.instruments.projects.selectors import key_projects, project_of, writers
from bihuan.instruments.registers.services import sheet_of
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.money import FEN_OF_WAN
from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.domain.state import Event
from bihuan.kernel.evidence.services import path_of
from bihuan.kernel.files.filing import Entry, file_entries
from bihuan.kernel.ledger.services import note
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.orgs.selectors import plain_name
from bihuan.kernel.subjects.models import Subject

from .models import FigureImport

FULL = re.compile(r"^(20\d\d)[年./-](\d{1,2})月?(?:份)?$")
SHORT = re.compile(r"^(\d{1,2})月(?:份)?$")


@cache
def schema() -> Schema:
    """How such a sheet looks."""
    path = settings.CATALOGUE / "promotion" / "figures.toml"
    return parse(path.read_text("utf-8"), path.name)


@dataclass
class Row:
    """One row of the preview. `status`: new, changed, same or refused; `why` says why it is refused."""

    number: int
    name: str
    month: str
    values: dict[str, Any]
    status: str
    subject: Subject | None = None
    before: dict[str, Any] = field(default_factory=dict)
    why: str = ""
    params: dict[str, Any] = field(default_factory=dict)


@dataclass
class Preview:
    """The whole sheet as it would be written."""

    rows: list[Row]
    skipped: list[tuple[int, str]]

    def count(self, status: str) -> int:
        """How many rows have a status."""
        return sum(r.status == status for r in self.rows)

    @property
    def counts(self) -> dict[str, int]:
        """By status."""
        return {s: self.count(s) for s in ("new", "changed", "same", "refused")}

    @property
    def ready(self) -> bool:
        """There is something to write and nothing in the way."""
        return not self.count("refused") and bool(self.count("new") + self.count("changed"))


def take(*, viewer: Viewer, unit: Unit, upload: UploadedFile[Any], month: str, at: datetime) -> FigureImport:
    """Take in a sheet for preview. Refused when it cannot be read."""
    made = FigureImport(owner=viewer.person, unit=unit, month=month, name=(upload.name or "")[:200], at=at)
    made.file = sheet_of(viewer=viewer, unit=unit, upload=upload, at=at)
    try:
        _read(made)
    except engine.Unreadable as error:
        raise Refused.like(error.message, error.params, "file") from None
    with transaction.atomic():
        made.save()
        _note(made, "FiguresRead", viewer.person.username, at, month=month)
    return made


def _note(row: FigureImport, type_: str, person: str, at: datetime, **data: Any) -> None:
    """What became of a sheet, told in its stream. The row is written before."""
    told = {"file": row.file_id, "name": row.name, **data}
    note(stream=f"figures:{row.pk}", event=Event(type_, at, person, row.unit.code, told), at=at)


def _read(imported: FigureImport) -> engine.Reading:
    return engine.read(path_of(imported.file_id), [schema()])


def preview(imported: FigureImport, viewer: Viewer) -> Preview:
    """What writing the sheet would do, as the files stand now."""
    reading = _read(imported)
    problems: dict[int, Any] = {}
    for p in reading.problems:
        problems.setdefault(p.row, p)
    by_name: dict[str, list[tuple[Subject, Project]]] = {}
    for subject in key_projects(viewer):
        by_name.setdefault(plain_name(subject.name), []).append((subject, project_of(subject)))
    allowed: dict[int, bool] = {}
    rows = []
    for read in reading.rows:
        name = str(read.values.get("subject") or "")
        row = Row(read.number, name, "", {}, "refused")
        rows.append(row)
        if read.refused:
            row.why, row.params = problems[read.number].reason, problems[read.number].params
            continue
        row.month = month_of(read.values.get("month"), imported.month)
        row.values = _values(read.values)
        found = by_name.get(plain_name(name), [])
        if len(found) != 1:
            row.why = (
                N_("No key project of yours is called so.") if not found else N_("Several key projects are called so.")
            )
        elif not row.month:
            row.why, row.params = (
                N_("“%(text)s” is no month; write it as 2024-04."),
                {"text": str(read.values.get("month"))},
            )
        elif row.month > f"{local_day(imported.at):%Y-%m}":
            row.why, row.params = N_("The month %(month)s has not begun."), {"month": row.month}
        else:
            subject, project = found[0]
            if subject.pk not in allowed:
                allowed[subject.pk] = bool(viewer.acting & writers(subject, project))
            if not allowed[subject.pk]:
                row.why = N_("Your unit does not keep this project's file.")
                continue
            _compare(row, subject, project)
    _twice(rows)
    return Preview(rows, reading.skipped)


def _compare(row: Row, subject: Subject, project: Project) -> None:
    row.subject = subject
    month = project.months.get(row.month)
    row.before = (
        {"plan": month.plan, "actual": month.actual, "progress": month.progress, "problem": month.problem}
        if month
        else {}
    )
    told = {k: v for k, v in row.values.items() if v is not None}
    if not row.before or month is None or not month.reported:
        row.status = "new"
    else:
        row.status = "same" if all(row.before.get(k) == v for k, v in told.items()) else "changed"


def _twice(rows: list[Row]) -> None:
    """A project and month that stands in the sheet twice, once under a name written otherwise."""
    met: dict[tuple[int, str], int] = {}
    for row in rows:
        if row.subject is None:
            continue
        first = met.setdefault((row.subject.pk, row.month), row.number)
        if first != row.number:
            row.status, row.why, row.params = (
                "refused",
                N_("The same entry stands in row %(other)s already."),
                {"other": first},
            )


def _values(read: dict[str, Any]) -> dict[str, Any]:
    fen = {k: int(Decimal(str(read[k])) * FEN_OF_WAN) if read.get(k) is not None else None for k in ("plan", "actual")}
    return {**fen, "progress": read.get("progress"), "problem": read.get("problem")}


def month_of(text: Any, standard: str) -> str:
    """The month that a cell names as 2024-04, `standard` for an empty one, the year of `standard` for 4月; empty when it is none."""
    if text in (None, ""):
        return standard
    plain = ascii_text(str(text))
    if match := FULL.match(plain):
        year, n = int(match[1]), int(match[2])
    elif match := SHORT.match(plain):
        year, n = int(standard[:4]), int(match[1])
    else:
        return ""
    return f"{year}-{n:02}" if 1 <= n <= 12 else ""


@transaction.atomic
def confirm(*, imported: FigureImport, viewer: Viewer, at: datetime) -> FigureImport:
    """Write every row or none. Refused while a row is refused; a second time changes nothing."""
    imported = FigureImport.objects.select_for_update().select_related("unit").get(pk=imported.pk)
    if imported.state == FigureImport.State.CONFIRMED:
        return imported
    if imported.state != FigureImport.State.PREVIEW:
        raise Refused(N_("This import has ended already."))
    found = preview(imported, viewer)
    if found.count("refused"):
        raise Refused(
            N_("%(n)s rows are refused; correct them in the sheet and bring it again."), n=found.count("refused")
        )
    today = local_day(at).isoformat()
    entries = []
    for row in found.rows:
        if row.status in ("new", "changed") and row.subject is not None:
            told = {k: v for k, v in row.values.items() if v is not None}
            if row.status == "new":
                told["reported"] = today
            entries.append(Entry(row.subject, "month", row.month, told))
    file_entries(entries=entries, person=viewer.person.username, unit=imported.unit.code, at=at)
    imported.counts, imported.state = found.counts, FigureImport.State.CONFIRMED
    imported.save(update_fields=["counts", "state"])
    _note(imported, "FiguresImported", viewer.person.username, at, counts=found.counts)
    return imported


@transaction.atomic
def drop(*, imported: FigureImport, viewer: Viewer, at: datetime) -> None:
    """The preview is not wanted."""
    rows = FigureImport.objects.filter(pk=imported.pk, state=FigureImport.State.PREVIEW)
    if not rows.update(state=FigureImport.State.DROPPED):
        raise Refused(N_("This import has ended already."))
    _note(imported, "FiguresDropped", viewer.person.username, at)
