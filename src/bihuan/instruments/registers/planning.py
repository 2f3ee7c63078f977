"""What confirming an import would do, row by row: new, changed, same, refused, left out. Reads; writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from django.conf import settings

from bihuan.engines import registers as engine
from bihuan.engines.registers.reading import Cell, Problem
from bihuan.engines.registers.schema import Schema
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain.refusal import N_
from bihuan.kernel.evidence.services import path_of
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.selectors import subjects_visible_to, visible_to
from bihuan.kernel.orgs.selectors import plain_name, unit_names
from bihuan.kernel.subjects.models import Subject

from . import rules
from .current import current, settled
from .models import RegisterEntry, RegisterImport


@cache
def catalogue() -> tuple[list[Schema], dict[str, str]]:
    """The registers that can be read and the common short names."""
    return engine.load(settings.CATALOGUE / "registers")


@dataclass
class Planned:
    """One row of the preview. `status`: new, changed, same, refused, left_out or kept (its matter has ended)."""

    number: int
    status: str
    values: dict[str, Any]
    read: Mapping[str, Cell]
    problems: list[Problem]
    draft: rules.Draft | None = None
    key: str = ""
    subject: Subject | None = None
    unknown: tuple[str, ...] = ()
    entry: RegisterEntry | None = None
    matter: str = ""
    """The number of the matter, where the sheet is an export of ours."""
    changes: list[rules.Change] = field(default_factory=list)


@dataclass
class Plan:
    """The whole preview; `open_questions` are unit names that nobody has answered for yet."""

    reading: engine.Reading
    rows: list[Planned]
    units: dict[str, int]
    open_questions: list[str]
    series: str

    def count(self, status: str) -> int:
        """How many rows have a status."""
        return sum(r.status == status for r in self.rows)

    @property
    def counts(self) -> dict[str, int]:
        """By status."""
        return {s: self.count(s) for s in ("new", "changed", "same", "kept", "refused", "left_out")}

    @property
    def ready(self) -> bool:
        """It can be confirmed: nothing refused, nothing unanswered, something to do."""
        return not self.open_questions and not self.count("refused") and bool(self.count("new") + self.count("changed"))


def read(imported: RegisterImport) -> engine.Reading:
    """Read the stored file with the corrections of the preview. Unreadable as the engine says."""
    schemas, aliases = catalogue()
    names = unit_names()
    corrections = {(int(k.partition(":")[0]), k.partition(":")[2]): v for k, v in imported.corrections.items()}
    chosen = [s for s in schemas if s.id == imported.kind] if imported.kind else schemas
    return engine.read(
        path_of(imported.file_id), chosen, aliases=aliases, calendar=calendar_for(imported.territory.path),
        known=lambda name: plain_name(name) in names, as_of=imported.as_of, corrections=corrections,
    )  # fmt: skip


def plan(imported: RegisterImport, viewer: Viewer) -> Plan:
    """The preview of an import as things stand now."""
    reading = read(imported)
    schema = reading.schema
    names = unit_names()
    answered = {plain_name(n): u for n, u in imported.units.items()}
    series = rules.series_of(schema.id, reading.preamble.title, imported.unit.code)
    problems: dict[int, list[Problem]] = {}
    for problem in reading.problems:
        problems.setdefault(problem.row, []).append(problem)
    rows = [
        _planned(row, schema, problems.get(row.number, []), imported.left_out, reading.preamble.as_of)
        for row in reading.rows
    ]
    live = [r for r in rows if r.draft is not None]
    _find_subjects(live, schema, viewer)
    _find_numbered(live, schema, viewer)
    _find_entries(live, schema, series)
    asked: dict[str, None] = {}
    for row in live:
        wanted = [n for n in (row.draft.lead, *row.draft.supporting) if n] if row.draft else []
        row.unknown = tuple(n for n in wanted if plain_name(n) not in names and plain_name(n) not in answered)
        asked.update(dict.fromkeys(row.unknown))
    return Plan(reading, rows, {**names, **answered}, list(asked), series)


def _planned(
    row: engine.Row, schema: Schema, problems: list[Problem], left_out: list[int], as_of: date | None
) -> Planned:
    if row.number in left_out:
        return Planned(row.number, "left_out", row.values, row.read, problems)
    if row.refused:
        return Planned(row.number, "refused", row.values, row.read, problems)
    key = rules.key_of(schema.id, [row.values.get(k) or "" for k in schema.keys])
    closed_on = row.extras.get("closed_on")
    done = date.fromisoformat(closed_on) if closed_on else as_of
    drafted = rules.draft(schema.id, schema.kinds, row.values, done)
    return Planned(row.number, "new", row.values, row.read, [], drafted, key, matter=row.extras.get(rules.NUMBER, ""))


def _find_subjects(rows: list[Planned], schema: Schema, viewer: Viewer) -> None:
    names = {r.draft.subject for r in rows if r.draft}
    found = subjects_visible_to(viewer).filter(type=schema.subject, name__in=names).select_related("territory")
    by_name = {s.name: s for s in found}
    for row in rows:
        row.subject = by_name.get(row.draft.subject) if row.draft else None


def _find_numbered(rows: list[Planned], schema: Schema, viewer: Viewer) -> None:
    """Rows of our own exports know their matter, whether a register or a person raised it."""
    wanted = {int(r.matter) for r in rows if r.matter.isascii() and r.matter.isdigit() and len(r.matter) < 18}
    if not any(r.matter for r in rows):
        return
    seen = visible_to(viewer).filter(kind__in=schema.kinds.values()).select_related("subject", "entry").in_bulk(wanted)
    names = unit_names()
    for row in rows:
        if not row.matter:
            continue
        matter = seen.get(int(row.matter)) if row.matter.isascii() and row.matter.isdigit() else None
        if matter is None:
            row.status, row.draft = "refused", None
            why = N_("There is no such matter, or it is not yours to see.")
            row.problems = [Problem(row.number, "", rules.NUMBER, row.matter, why, {})]
            continue
        row.entry = getattr(matter, "entry", None) or RegisterEntry(
            register=schema.id, matter=matter, values=rules.plain_values(current(matter, None, schema, names))
        )


def _find_entries(rows: list[Planned], schema: Schema, series: str) -> None:
    rows = [r for r in rows if r.draft is not None]
    by_key = {e.key: e for e in RegisterEntry.objects.filter(key__in=[r.key for r in rows]).select_related("matter")}
    for row in rows:
        row.entry = row.entry or by_key.get(row.key)
    # an edited key field: look among the entries of the same register that this edition no longer names
    rest = RegisterEntry.objects.filter(series=series).exclude(key__in=by_key).select_related("matter")
    earlier = {e.key: e for e in rest} if any(r.entry is None for r in rows) else {}
    known = [rules.Known(e.key, e.values, e.matter_id) for e in earlier.values()]
    for row in rows:
        if row.entry is None and known:
            match = rules.same_entry(row.values, schema.keys, known)
            if match:
                match.taken = True
                row.entry = earlier[match.key]
        if row.entry is not None:
            _compare(row, row.entry.matter, schema)


def _compare(row: Planned, matter: Matter, schema: Schema) -> None:
    assert row.entry is not None
    row.changes = rules.changes(row.entry.values, rules.plain_values(row.values))
    if row.changes:
        row.changes = settled(row.changes, rules.plain_values(current(matter, row.entry, schema, unit_names())))
    if not row.changes:
        row.status = "same"
    elif not matter.open:
        row.status = "kept"
    elif any(c.field == "closed" and not c.after for c in row.changes) and matter.state == Matter.State.SUBMITTED:
        row.status = "refused"
        row.problems = [
            Problem(row.number, "", "closed", "", N_("Matter %(number)s waits for verification; the verifying unit must send it back."), {"number": matter.number})
        ]  # fmt: skip
    else:
        row.status = "changed"
