"""What is entered of something done at a premises, and whether it can be. Nothing is written here."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from bihuan.kernel.domain.chain import canonical
from bihuan.kernel.domain.late import plain
from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.orgs.models import Unit

from .models import Record
from .selectors import items

GRADES = {"general": "hazard_general", "serious": "hazard_serious", "major": "hazard_major"}
RESULTS = ("ok", "bad", "none")
STATUTORY = ("brigade",)
"""Kinds of units whose inspections the law wants by two."""
NAME = (2, 40)
"""How short and how long the name of a person is, without spaces."""
MOST_PEOPLE, MOST_FINDINGS = 10, 60


@dataclass(frozen=True)
class Found:
    """Something bad: `grade` says which hazard it is unless it was corrected on the spot; photos by hash."""

    item: str
    text: str = ""
    place: str = ""
    measured: str = ""
    spot: bool = False
    grade: str = "general"
    photos: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entered:
    """What is entered. `client` names it for ever; `device_at` is the device's own time, which may be wrong."""

    client: UUID
    what: str
    at: datetime
    kind: str = ""
    device_at: datetime | None = None
    people: tuple[str, ...] = ()
    items: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Found, ...] = ()
    photos: tuple[str, ...] = ()
    note: str = ""
    place: tuple[float, float] | None = None
    tenants: tuple[str, ...] = ()
    """Keys of tenants that were verified."""
    reason: str = ""
    """Why it is entered only now, for what comes late."""


def check(e: Entered, unit: Unit) -> None:
    """Refused for what cannot be: unknown words, people who are none or one twice, a place that is no place, a value not measured."""
    if e.what not in Record.What.values or (e.kind and e.kind not in Record.Kind.values):
        raise Refused(N_("Choose one of those offered."), field="what")
    known = items().items
    for name, result in e.items.items():
        if name not in known or result not in RESULTS:
            raise Refused(N_("“%(name)s” is no item of the checklists."), field="items", name=name)
    _people(e, unit)
    if e.place is not None and not (abs(e.place[0]) <= 180 and abs(e.place[1]) <= 90):
        raise Refused(N_("This is no place on earth: longitude lies within ±180, latitude within ±90."), field="place")
    if len(e.findings) > MOST_FINDINGS:
        raise Refused(N_("At most %(n)s findings stand in one record."), field="findings", n=MOST_FINDINGS)
    for f in e.findings:
        if f.item not in known:
            raise Refused(N_("“%(name)s” is no item of the checklists."), field="items", name=f.item)
        if f.grade not in GRADES:
            raise Refused(N_("Choose one of those offered."), field="grade")
        if known[f.item].measure and not f.spot and not (f.measured.strip() or f.photos):
            raise Refused(
                N_("“%(item)s” failed: give what was measured (%(what)s) or a photo."), field="measured", item=known[f.item].text,
                what=known[f.item].measure,
            )  # fmt: skip


def _people(e: Entered, unit: Unit) -> None:
    """Names of people: of a sensible length, nobody twice, at least one for an inspection, two where the law wants two."""
    if len(e.people) > MOST_PEOPLE:
        raise Refused(N_("At most %(n)s people stand in one record."), field="people", n=MOST_PEOPLE)
    for name in e.people:
        if not NAME[0] <= len("".join(name.split())) <= NAME[1]:
            raise Refused(
                N_("“%(name)s” is no name: a name has %(a)s to %(b)s characters."), field="people", name=name[:40], a=NAME[0], b=NAME[1]
            )  # fmt: skip
    known = [plain(n) for n in e.people]
    for i, name in enumerate(known):
        if name in known[:i]:
            raise Refused(N_("“%(name)s” stands there twice."), field="people", name=e.people[i])
    if e.what == "inspection" and not known:
        raise Refused(N_("Name who inspected."), field="people")
    if e.what == "inspection" and unit.kind in STATUTORY and len(known) < 2:
        raise Refused(N_("Two inspectors are needed; name both."), field="people")


def look_of(e: Entered) -> str:
    """What an inspection says, shortened to 16 hex digits: equal looks are shown as a question; empty when nothing was ticked."""
    if not e.items:
        return ""
    told = [
        [list(pair) for pair in sorted(e.items.items())],
        e.note.strip(),
        [[f.item, f.text, f.place] for f in e.findings],
    ]
    return hashlib.sha256(canonical({"look": told}).encode()).hexdigest()[:16]
