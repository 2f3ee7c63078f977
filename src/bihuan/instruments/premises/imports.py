"""A list of premises from a sheet: previewed, confirmed, written whole or not at all by the worker; each step with its event."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet

from bihuan.engines import registers as engine
from bihuan.instruments.jobs.job import job
from bihuan.instruments.registers.services import sheet_of
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.domain.state import Event
from bihuan.kernel.files.filing import Entry, NewSubject, file_entries, subject_change, subjects_add
from bihuan.kernel.ledger.services import note
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.subjects.models import Subject

from . import catalogue
from .lists import Preview, preview, read_sheet
from .models import PremisesImport
from .selectors import label_tables, words

State = PremisesImport.State


class Stopped(Exception):
    """Somebody asked to stop."""


def take(*, viewer: Viewer, unit: Unit, upload: UploadedFile[Any], at: datetime) -> PremisesImport:
    """Take in a sheet for preview. Refused when it cannot be read."""
    made = PremisesImport(owner=viewer.person, unit=unit, name=(upload.name or "")[:200], at=at)
    made.file = sheet_of(viewer=viewer, unit=unit, upload=upload, at=at)
    try:
        reading = read_sheet(made)
    except engine.Unreadable as error:
        raise Refused.like(error.message, error.params, "file") from None
    made.total = len(reading.packed)
    with transaction.atomic():
        made.save()
        told = {"file": made.file_id, "name": made.name, "rows": made.total}
        _noted(made, "PremisesListTaken", at, told)
    return made


def stream_of(imported: PremisesImport) -> str:
    """The stream of an import."""
    return f"premises-import:{imported.pk}"


def _noted(imported: PremisesImport, event: str, at: datetime, told: dict[str, Any]) -> None:
    """Tell what was written of an import, in the name of whoever brought it: nobody else acts on it."""
    happened = Event(event, at, imported.owner.username, imported.unit.code, {"import": imported.pk, **told})
    note(stream=stream_of(imported), event=happened, at=at)


def _step(
    imported: PremisesImport, was: State, event: str, at: datetime, *, to: dict[str, Any], **told: Any
) -> bool:  # fmt: skip
    """Write a step of an import that is still in the state `was`, and its event; False, and nothing is written, when it is not."""
    with transaction.atomic():
        if not PremisesImport.objects.filter(pk=imported.pk, state=was).update(**to):
            return False
        _noted(imported, event, at, told)
    return True


def confirm(*, imported: PremisesImport, at: datetime) -> None:
    """Say that it shall be written, by the worker. Refused while a row is refused, or when it has ended."""
    found = preview(imported)
    if found.counts["refused"]:
        raise Refused(
            N_("%(n)s rows are refused; correct them in the sheet and bring it again."), n=found.counts["refused"]
        )
    begun = {"state": State.RUNNING, "wanted": True, "done": 0}
    with transaction.atomic():
        if not _step(imported, State.PREVIEW, "PremisesListConfirmed", at, to=begun, counts=found.counts):
            raise Refused(N_("This import has ended already."))
        write_in.enqueue(imported.pk)


def stop(*, imported: PremisesImport, at: datetime) -> None:
    """Ask to stop, or drop a preview. What was written whole stays."""
    with transaction.atomic():
        row = PremisesImport.objects.select_for_update().get(pk=imported.pk)
        if row.state == State.RUNNING and row.wanted:
            _step(row, State.RUNNING, "PremisesListStopped", at, to={"wanted": False})
        else:
            _step(row, State.PREVIEW, "PremisesListDropped", at, to={"state": State.DROPPED})


def _running() -> QuerySet[PremisesImport]:
    return PremisesImport.objects.filter(state=State.RUNNING)


def _given_up(pk: int, why: str, at: datetime) -> None:
    row = PremisesImport.objects.select_related("owner", "unit").get(pk=pk)
    back = {"state": State.PREVIEW, "trouble": why[:300]}
    _step(row, State.RUNNING, "PremisesListRefused", at, to=back, why=why, params={})


@job(N_("Writing a list of premises"), waits=_running, given_up=_given_up)
def write_in(pk: int, at: datetime) -> None:
    """The worker's part: write one sheet of premises, unless it was written already."""
    row = _running().select_related("owner", "unit__territory", "file").filter(pk=pk).first()
    if row is not None:
        write(imported=row, at=at)


def write(*, imported: PremisesImport, at: datetime) -> dict[str, int]:
    """Write the sheet: every row or none, and once; the counts. What is refused or stopped leaves nothing but a sentence.

    Reading and comparing, which take longest, come before the transaction, so others are kept waiting for the writing alone.
    """

    def told(done: int, of: int) -> None:
        if not _running().filter(pk=imported.pk, wanted=True).update(done=done, total=of):
            raise Stopped

    try:
        found = preview(imported, told)
        if found.counts["refused"]:
            raise Refused(
                N_("%(n)s rows are refused; correct them in the sheet and bring it again."), n=found.counts["refused"]
            )
        with transaction.atomic():
            told(len(found.rows), len(found.rows))  # and holds the row, so that nobody else writes it meanwhile
            _write(imported, found, at)
            over = {"state": State.CONFIRMED, "counts": found.counts}
            what = {"file": imported.file_id, "name": imported.name, "counts": found.counts}
            _step(imported, State.RUNNING, "PremisesImported", at, to=over, **what)
    except Stopped:
        _step(imported, State.RUNNING, "PremisesListDropped", at, to={"state": State.DROPPED})
        return {}
    except Refused as error:
        trouble = (error.message % error.params if error.params else error.message)[:300]
        back = {"state": State.PREVIEW, "trouble": trouble}
        params = {k: str(v) for k, v in error.params.items()}
        _step(imported, State.RUNNING, "PremisesListRefused", at, to=back, why=error.message, params=params)
        return {}
    return found.counts


def _write(imported: PremisesImport, found: Preview, at: datetime) -> None:
    person, unit, tables = imported.owner.username, imported.unit.code, label_tables(local_day(at))
    names = {w.id: w.name for w in words().labels.values()}

    def labels(body: dict[str, Any], declared: dict[str, Any]) -> set[str]:
        return {names[x] for x in catalogue.labelled(body.get("facts", {}).get("main", {}), tables, declared)}

    fresh = [
        NewSubject(r.name, r.territory, r.address, tuple(labels(r.body, {})), r.body, imported.unit)
        for r in found.rows if r.status == "new" and r.territory is not None
    ]  # fmt: skip
    subjects_add(type=Subject.Type.PREMISES, rows=fresh, person=person, unit=unit, at=at)
    changed = [r for r in found.rows if r.status == "changed" and r.subject is not None]
    entries = [Entry(r.subject, p, k, v) for r in changed if r.subject for p, e in r.body.items() for k, v in e.items()]
    if entries:
        file_entries(entries=entries, person=person, unit=unit, at=at)
    bodies = {
        s.pk: s
        for s in Subject.objects.filter(pk__in=[r.subject.pk for r in changed if r.subject]).select_related("file")
    }
    for r in changed:
        subject = bodies[r.subject.pk] if r.subject else None
        assert subject is not None
        body = subject.file.body if hasattr(subject, "file") else {}
        have = set(subject.labels.values_list("label", flat=True))
        kept = have - set(names.values())
        subject_change(
            subject=subject, person=person, unit=unit, at=at, entered_at=at, changes={"address": r.address} if r.address else {},
            labels=kept | labels(body, body.get("declared", {})),
        )  # fmt: skip


def new_key() -> str:
    """A key for a tenant or building."""
    return uuid4().hex[:8]
