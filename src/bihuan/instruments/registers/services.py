"""Writing register imports: take in a file, correct the preview, confirm all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from bihuan.engines.registers import Unreadable
from bihuan.engines.registers.sheets import MAX_FILE
from bihuan.instruments.administration import structure
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.chain import GENESIS
from bihuan.kernel.domain.clocks import Limit, end_of, local_day, start_of
from bihuan.kernel.domain.refusal import N_, Refused, must
from bihuan.kernel.domain.state import Event
from bihuan.kernel.evidence.models import StoredFile
from bihuan.kernel.evidence.services import store
from bihuan.kernel.files.filing import subject_add
from bihuan.kernel.ledger.services import append
from bihuan.kernel.matters.catalogue import kind_edition, kind_on
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.services import act, assignment, load, raise_matter
from bihuan.kernel.orgs.models import Territory, Unit
from bihuan.kernel.orgs.selectors import plain_name
from bihuan.kernel.orgs.services import unit_add
from bihuan.kernel.subjects.models import Subject

from . import planning, rules
from .models import RegisterEntry, RegisterImport
from .planning import Plan, Planned

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
    return store(data=data, media_type=SHEETS.get(data[:4], "text/csv"), at=at)


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
    imported.save()
    return imported


def _named_place(title: str) -> Territory | None:
    """The township whose name stands in the title of a register."""
    places = Territory.objects.exclude(parent=None).order_by("-path")
    return next((t for t in places if t.name in title), None)


def correct(
    *, imported: RegisterImport, corrections: dict[str, str], left_out: list[int], units: dict[str, int], as_of: date | None,
    territory: Territory | None = None,
) -> None:  # fmt: skip
    """Keep what the officer put right in the preview; nothing else is written yet."""
    _in_preview(imported)
    imported.corrections = {**imported.corrections, **corrections}
    imported.left_out = sorted(set(left_out))
    imported.units = {**imported.units, **units}
    imported.as_of = as_of
    imported.territory = territory or imported.territory
    imported.save(update_fields=["corrections", "left_out", "units", "as_of", "territory"])


def drop(*, imported: RegisterImport) -> None:
    """The preview is not wanted."""
    _in_preview(imported)
    imported.state = RegisterImport.State.DROPPED
    imported.save(update_fields=["state"])


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
    """Write every row or none: one event of the import with the hash of the file, and the events of its matters.

    Refused while a row is refused or a unit is unknown; a second confirmation of the same preview changes nothing.
    """
    imported = RegisterImport.objects.select_for_update().get(pk=imported.pk)
    if imported.state == RegisterImport.State.CONFIRMED:
        return imported
    _in_preview(imported)
    plan = planning.plan(imported, viewer)
    if plan.open_questions:
        raise Refused(N_("Say first which units are meant: %(names)s."), names="、".join(plan.open_questions))
    if plan.count("refused"):
        raise Refused(N_("%(n)s rows are refused; correct them or leave them out."), n=plan.count("refused"))
    writer = _Writer(imported, viewer, at, plan)
    work = [r for r in plan.rows if r.status in ("new", "changed")]
    for done, row in enumerate(work):
        progress(done, len(work))
        try:
            writer.write(row)
        except Refused as error:
            # the sentence names the row; the transaction takes everything back
            raise Refused(N_("Row %(row)s: %(why)s"), row=row.number, why=error) from error
    imported.counts = plan.counts
    imported.state = RegisterImport.State.CONFIRMED
    imported.confirmed_at = at
    imported.save(update_fields=["counts", "state", "confirmed_at"])
    data = {
        "file": imported.file_id,
        "name": imported.name,
        "register": imported.kind,
        "counts": plan.counts,
        "matters": writer.touched,
    }
    happened = Event("RegisterImported", at, viewer.person.username, imported.unit.code, data)
    append(stream=f"register:{imported.pk}", events=[happened], after=(0, GENESIS), entered_at=timezone.now())
    return imported


class _Writer:
    """Writes the rows of one import; knows the units and subjects it has met."""

    def __init__(self, imported: RegisterImport, viewer: Viewer, at: datetime, plan: Plan) -> None:
        self.imported, self.viewer, self.at, self.plan = imported, viewer, at, plan
        self.person = viewer.person.username
        self.touched: list[int] = []
        self.subjects: dict[str, Subject] = {}
        self.units: dict[str, Unit] = {}
        self.office = c.Actor(self.person, frozenset({imported.unit.code}))

    def write(self, row: Planned) -> None:
        matter = self._create(row) if row.status == "new" else self._change(row)
        self.touched.append(matter.number)
        RegisterEntry.objects.update_or_create(
            matter=matter,
            defaults={
                "register": self.imported.kind, "key": row.key, "series": self.plan.series,
                "values": rules.plain_values(row.values), "imported": self.imported,
            },
        )  # fmt: skip

    def unit(self, name: str) -> Unit:
        """The unit of a name as read; a new one where the officer said so. Either way the name is remembered."""
        plain = plain_name(name)
        if plain not in self.units:
            found = self.plan.units.get(plain, 0)
            unit = Unit.objects.get(pk=found) if found else unit_add(name=name)
            if not found:
                structure.unit_told(unit=unit, by=self.person, at=self.at)
            if plain in {plain_name(n) for n in self.imported.units}:
                structure.alias_give(alias=name, unit=unit, by=self.person, at=self.at)
            self.units[plain] = unit
        return self.units[plain]

    def _subject(self, row: Planned) -> Subject:
        assert row.draft is not None
        if row.subject is not None:
            return row.subject
        name = row.draft.subject
        if name not in self.subjects:
            self.subjects[name] = subject_add(
                person=self.person, unit=self.imported.unit.code, at=self.at, entered_at=timezone.now(),
                type=self.plan.reading.schema.subject, name=name, territory=self.imported.territory,
            )  # fmt: skip
        return self.subjects[name]

    def _create(self, row: Planned) -> Matter:
        d = row.draft
        assert d is not None
        when = min(start_of(d.raised_on), self.at) if d.raised_on else self.at
        lead = self.unit(d.lead).code if d.lead else self._of_place()
        supporting = tuple(self.unit(n).code for n in d.supporting)
        matter = raise_matter(
            actor=self.office, at=when, kind_id=d.kind, title=d.title, description=d.description,
            subject=self._subject(row), raiser=self.imported.unit, assigner=self.imported.unit.code,
            register={"file": self.imported.file_id, "row": row.number},
        )  # fmt: skip
        if not lead:
            return matter
        state, kind, _ = load(matter.number)
        parties = assignment(kind, state, lead)
        supporting = tuple(u for u in supporting if u != parties["verifier"])
        limit = d.limit or kind.limit
        matter = self._do(
            matter,
            c.Assign(self.office, when, lead, supporting, limit=limit, reason="register", by_register=True, **parties),
        )
        return self._said(matter, d, lead, when)

    def _of_place(self) -> str:
        """A hazard without a named unit belongs to the township where it lies."""
        if self.imported.kind != "hazard":
            return ""
        unit = Unit.objects.filter(territory=self.imported.territory, kind=Unit.Kind.TOWNSHIP, active=True).first()
        return unit.code if unit else ""

    def _do(self, matter: Matter, command: c.Command) -> Matter:
        return act(number=matter.number, command=command)

    def _said(self, matter: Matter, d: rules.Draft, lead: str, when: datetime) -> Matter:
        """What the register says of progress and closing, recorded in the lead unit's name and marked so."""
        acting = c.Actor(self.person, frozenset({lead}))
        if (d.progress or d.closed) and matter.state == Matter.State.ASSIGNED:
            matter = self._do(matter, c.Accept(acting, when, by_register=True))
        if d.progress and matter.state == Matter.State.HANDLING:
            matter = self._do(matter, c.Report(acting, self.at, d.progress, by_register=True))
        if d.closed and matter.state == Matter.State.HANDLING:
            done = end_of(d.done) - timedelta(seconds=1) if d.done else None
            matter = self._do(matter, c.Submit(acting, self.at, d.progress, done=done, by_register=True))
        return matter

    def _change(self, row: Planned) -> Matter:
        d, entry = row.draft, row.entry
        assert d is not None
        assert entry is not None
        matter = entry.matter
        names = {change.field for change in row.changes}
        office = c.Actor(self.person, self.viewer.acting)
        if "grade" in names and d.kind != matter.kind:
            matter = self._do(
                matter, c.Regrade(office, self.at, kind_on(d.kind, local_day(self.at)), "register", by_register=True)
            )
        if "lead_unit" in names or "bank" in names:
            matter = self._lead(matter, d, office)
        amended = self._amended(names, d, matter)
        if amended:
            matter = self._do(matter, c.Amend(office, self.at, amended, "register", by_register=True))
        lead = Unit.objects.get(pk=matter.lead_id).code if matter.lead_id else ""
        if lead and names & {"progress", "closed", "credit_wan", "drawn_wan"}:
            said = d if names & {"progress", "credit_wan", "drawn_wan"} else replace(d, progress="")
            matter = self._said(matter, said, lead, self.at)
        return matter

    def _lead(self, matter: Matter, d: rules.Draft, office: c.Actor) -> Matter:
        lead = self.unit(d.lead).code if d.lead else ""
        if not lead:
            raise Refused(N_("Name the lead unit."), field="lead")
        state, kind, _ = load(matter.number)
        if state.state == "raised":
            parties = assignment(kind, state, lead)
            supporting = tuple(u for u in (self.unit(n).code for n in d.supporting) if u != parties["verifier"])
            command: c.Command = c.Assign(
                office,
                self.at,
                lead,
                supporting,
                limit=d.limit or kind.limit,
                reason="register",
                by_register=True,
                **parties,
            )
            return self._do(matter, command)
        return self._do(matter, c.Transfer(office, self.at, lead, "register", by_register=True))

    def _amended(self, names: set[str], d: rules.Draft, matter: Matter) -> dict[str, Any]:
        changes: dict[str, Any] = {}
        if names & {"description", "problem", "developer", "need_wan"}:
            changes |= {"title": d.title, "description": d.description}
        if "supporting_units" in names and matter.lead_id:
            changes["supporting"] = [self.unit(n).code for n in d.supporting]
        if names & {"due", "due_note"} and matter.lead_id:
            kind = kind_edition(matter.kind, matter.edition)
            changes["limit"] = d.limit or Limit(kind.limit.unit, kind.limit.n)
        return changes
