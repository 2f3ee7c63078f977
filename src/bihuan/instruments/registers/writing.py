"""Writing the rows of one register import: each becomes a matter or changes one, and its entry keeps what the register said."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from bihuan.instruments.administration import structure
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import Limit, end_of, local_day, start_of
from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.domain.state import Event
from bihuan.kernel.files.filing import subject_add
from bihuan.kernel.ledger.services import note_each
from bihuan.kernel.matters.catalogue import kind_edition, kind_on
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.services import act, assignment, load, raise_matter
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.orgs.selectors import plain_name
from bihuan.kernel.orgs.services import unit_add
from bihuan.kernel.subjects.models import Subject

from . import rules
from .models import RegisterEntry, RegisterImport
from .planning import Plan, Planned

BATCH = 500
"""Entries that are written at once."""


class Writer:
    """Writes the rows of one import; knows the units and subjects it has met."""

    def __init__(self, imported: RegisterImport, viewer: Viewer, at: datetime, plan: Plan) -> None:
        self.imported, self.viewer, self.at, self.plan = imported, viewer, at, plan
        self.person = viewer.person.username
        self.said: dict[int, Planned] = {}
        """By matter, the row that says of it what its entry keeps."""
        self.subjects: dict[str, Subject] = {}
        self.units: dict[str, Unit] = {}
        self.office = c.Actor(self.person, frozenset({imported.unit.code}))

    def write(self, row: Planned) -> None:
        matter = self._create(row) if row.status == "new" else self._change(row)
        self.said[matter.number] = row

    def keep_entries(self) -> None:
        """Keep what each row says of its matter, many at once; each entry has a stream of its own, as it outlives the import."""
        numbers = list(self.said)
        for begin in range(0, len(numbers), BATCH):
            some = numbers[begin : begin + BATCH]
            have = {e.matter_id: e for e in RegisterEntry.objects.select_for_update().filter(matter__in=some)}
            fresh = []
            for number in some:
                row = self.said[number]
                values = {
                    "register": self.imported.kind, "key": row.key, "series": self.plan.series,
                    "values": rules.plain_values(row.values), "imported": self.imported,
                }  # fmt: skip
                if number not in have:
                    fresh.append(RegisterEntry(matter_id=number, **values))
                    continue
                for name, value in values.items():
                    setattr(have[number], name, value)
                have[number].save()
            RegisterEntry.objects.bulk_create(fresh)
            note_each({f"entry:{n}": self._taken(n) for n in some}, at=self.at)

    def _taken(self, number: int) -> Event:
        told = {"import": self.imported.pk, "register": self.imported.kind, "row": self.said[number].number}
        return Event("RowTaken", self.at, self.person, self.imported.unit.code, told)

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
