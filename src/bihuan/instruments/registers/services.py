"""Writing register imports: take in a file, correct the preview, confirm all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from bihuan.engines.registers import Unreadable
from bihuan.engines.registers.sheets import MAX_FILE
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.refusal import N_, Refused, must
from bihuan.kernel.domain.state import Event
from bihuan.kernel.evidence.models import StoredFile
from bihuan.kernel.evidence.services import store
from bihuan.kernel.ledger.services import note
from bihuan.kernel.orgs.models import Territory, Unit

from . import planning
from .models import RegisterImport
from .writing import Writer

SHEETS = {
    b"PK\x03\x04": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    b"\xd0\xcf\x11\xe0": "application/vnd.ms-excel",
}


def sheet_of(*, viewer: Viewer, unit: Unit, upload: UploadedFile[Any], at: datetime) -> StoredFile:
    """Keep an uploaded sheet. Refused in another unit's name and for one too large."""
    must(unit.code in viewer.acting)
    if (upload.size or 0) > MAX_FILE:
        raise Refused(
            N_("The file has %(size)s MB; at most %(max)s MB can be read."),
            field="file", size=(upload.size or 0) // 2**20, max=MAX_FILE // 2**20,
        )  # fmt: skip
    data = upload.read()
    kind = SHEETS.get(data[:4], "text/csv")
    return store(data=data, media_type=kind, at=at, person=viewer.person.username)


def upload(*, viewer: Viewer, unit: Unit, file: UploadedFile[Any], at: datetime) -> RegisterImport:
    """Take in a register for preview. Refused with a sentence when it cannot be read."""
    kept = sheet_of(viewer=viewer, unit=unit, upload=file, at=at)
    territory = unit.territory or Territory.objects.get(parent=None)
    imported = RegisterImport(
        owner=viewer.person, unit=unit, file=kept, name=(file.name or "")[:200], territory=territory, created_at=at
    )
    try:
        reading = planning.read(imported)
    except Unreadable as error:
        raise Refused.like(error.message, error.params, "file") from None
    imported.kind = reading.schema.id
    place = _named_place(reading.preamble.title)
    if place is not None and place.path.startswith(territory.path):
        imported.territory = place
    with transaction.atomic():
        imported.save()
        told = {"file": kept.sha256, "name": imported.name, "register": imported.kind}
        _note(imported, "RegisterBrought", viewer, at, **told)
    return imported


def _note(imported: RegisterImport, type_: str, viewer: Viewer, at: datetime, **data: Any) -> None:
    happened = Event(type_, at, viewer.person.username, imported.unit.code, data)
    note(stream=f"register:{imported.pk}", event=happened, at=at)


def _named_place(title: str) -> Territory | None:
    """The township whose name stands in the title of a register."""
    places = Territory.objects.exclude(parent=None).order_by("-path")
    return next((t for t in places if t.name in title), None)


@transaction.atomic
def correct(
    *, imported: RegisterImport, viewer: Viewer, at: datetime, corrections: dict[str, str], left_out: list[int], units: dict[str, int],
    as_of: date | None, territory: Territory | None = None,
) -> None:  # fmt: skip
    """Keep what the officer put right in the preview; no matter is written yet. The same again is no event."""
    row = _locked(imported)
    _in_preview(row)
    wanted = {
        "corrections": {**row.corrections, **corrections}, "left_out": sorted(set(left_out)), "units": {**row.units, **units}, "as_of": as_of,
        "territory": territory or row.territory,
    }  # fmt: skip
    fresh = [name for name, value in wanted.items() if getattr(row, name) != value]
    for name, value in wanted.items():
        setattr(row, name, value)
        setattr(imported, name, value)
    if fresh:
        row.save(update_fields=fresh)
        told = {"cells": len(row.corrections), "left_out": len(row.left_out), "units": len(row.units)}
        _note(row, "RegisterCorrected", viewer, at, **told)


@transaction.atomic
def drop(*, imported: RegisterImport, viewer: Viewer, at: datetime) -> None:
    """The preview is not wanted."""
    row = _locked(imported)
    _in_preview(row)
    row.state = imported.state = RegisterImport.State.DROPPED
    row.save(update_fields=["state"])
    _note(row, "RegisterDropped", viewer, at)


def _locked(imported: RegisterImport) -> RegisterImport:
    row: RegisterImport = (
        RegisterImport.objects.select_for_update(of=("self",)).select_related("unit", "territory").get(pk=imported.pk)
    )
    return row


def _in_preview(imported: RegisterImport) -> None:
    if imported.state != RegisterImport.State.PREVIEW:
        raise Refused(N_("This import has ended already."))


@transaction.atomic
def confirm(
    *,
    imported: RegisterImport,
    viewer: Viewer,
    at: datetime,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> RegisterImport:
    """Write every row or none: one event of the import with the hash of the file, the events of its matters, and one of each entry.

    Refused while a row is refused or a unit is unknown; a second confirmation of the same preview changes nothing.
    """
    imported = _locked(imported)
    if imported.state == RegisterImport.State.CONFIRMED:
        return imported
    _in_preview(imported)
    plan = planning.plan(imported, viewer)
    if plan.open_questions:
        raise Refused(N_("Say first which units are meant: %(names)s."), names="、".join(plan.open_questions))
    if plan.count("refused"):
        raise Refused(N_("%(n)s rows are refused; correct them or leave them out."), n=plan.count("refused"))
    writer = Writer(imported, viewer, at, plan)
    work = [r for r in plan.rows if r.status in ("new", "changed")]
    for done, row in enumerate(work):
        progress(done, len(work))
        try:
            writer.write(row)
        except Refused as error:
            # the sentence names the row; the transaction takes everything back
            raise Refused(N_("Row %(row)s: %(why)s"), row=row.number, why=error) from error
    writer.keep_entries()
    imported.counts = plan.counts
    imported.state = RegisterImport.State.CONFIRMED
    imported.confirmed_at = at
    imported.save(update_fields=["counts", "state", "confirmed_at"])
    data = {
        "file": imported.file_id, "name": imported.name, "register": imported.kind, "counts": plan.counts, "matters": list(writer.said),
    }  # fmt: skip
    _note(imported, "RegisterImported", viewer, at, **data)
    return imported
