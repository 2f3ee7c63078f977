"""Reading a list of premises: what a sheet says of each, and what it would change in the files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from django.conf import settings

from bihuan.engines import registers as engine
from bihuan.engines.geo import DATUMS, convert
from bihuan.engines.registers.schema import Schema, parse
from bihuan.kernel.access.viewer import Viewer, viewer_of
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.evidence.services import path_of
from bihuan.kernel.orgs.models import Territory, Unit
from bihuan.kernel.orgs.selectors import plain_name, subtree, unit_names
from bihuan.kernel.subjects.models import Subject

from . import rules
from .models import PremisesImport
from .selectors import words

SHOWN = 300
"""Rows that a preview shows of each status."""
NUMBERS = ("area", "floor_area", "underground", "floors", "height", "beds", "rooms", "seats", "pupils", "staff")
PLAIN = ("hours", "manager", "phone")
EVERY = 1_000


@cache
def schema() -> Schema:
    """How such a sheet looks."""
    path = settings.CATALOGUE / "fire" / "sheet.toml"
    return parse(path.read_text("utf-8"), path.name)


@dataclass
class Row:
    """One row: `status` new, changed, same or refused with `why`."""

    number: int
    name: str
    status: str = "refused"
    territory: Territory | None = None
    address: str = ""
    body: dict[str, Any] = field(default_factory=dict)
    subject: Subject | None = None
    why: str = ""
    params: dict[str, Any] = field(default_factory=dict)


@dataclass
class Preview:
    """The whole sheet as it would be written."""

    rows: list[Row]
    skipped: list[tuple[int, str]]

    @property
    def counts(self) -> dict[str, int]:
        """By status."""
        found = Counter(r.status for r in self.rows)
        return {s: found[s] for s in ("new", "changed", "same", "refused")}

    def shown(self) -> Iterator[Row]:
        """The refused first, then some of each other status."""
        for status in ("refused", "changed", "new", "same"):
            yield from [r for r in self.rows if r.status == status][:SHOWN]


Progress = Callable[[int, int], None]


def read_sheet(imported: PremisesImport) -> engine.Reading:
    """The rows of the sheet. Unreadable when it is none."""
    return engine.read(path_of(imported.file_id), [schema()])


@dataclass
class _Known:
    """What rows are read against: territories and units by name, the files that are there."""

    places: dict[str, Territory]
    home: Territory | None
    units: dict[str, int]
    codes: dict[int, str]
    uses: dict[str, str]
    files: dict[tuple[str, int], Subject]


def _known(viewer: Viewer, unit: Unit) -> _Known:
    area = {p for post in viewer.posts if post.scope_territory for p in subtree(post.scope_territory)}
    if unit.territory is not None:
        area |= set(subtree(unit.territory))
    places = list(Territory.objects.filter(pk__in=area))
    names: dict[str, Territory] = {}
    for place in sorted(places, key=lambda t: -len(t.path)):
        for name in (place.name, place.name.removesuffix("办事处"), place.code):
            names[plain_name(name)] = place
    uses: dict[str, str] = {}
    for use in words().uses.values():
        uses |= {plain_name(n): use.id for n in (use.id, use.name, use.name_en, *use.also)}
    home = unit.territory if unit.territory is not None and unit.territory.parent_id else None
    rows = Subject.objects.filter(type=Subject.Type.PREMISES, territory__in=area).select_related(
        "file", "territory", "unit"
    )
    units = unit_names()
    codes = dict(Unit.objects.values_list("pk", "code"))
    return _Known(
        names, home, units, codes, uses, {(plain_name(s.name), s.territory_id): s for s in rows.iterator(2_000)}
    )


def preview(imported: PremisesImport, progress: Progress | None = None) -> Preview:
    """What writing the sheet would do, as the files stand now."""
    viewer = viewer_of(imported.owner, local_day(imported.at))
    reading, known = read_sheet(imported), _known(viewer, imported.unit)
    refused: dict[int, Any] = {}
    for p in reading.problems:
        refused.setdefault(p.row, p)
    met: dict[tuple[str, int], int] = {}
    rows = []
    for n, read in enumerate(reading.rows):
        if progress is not None and n % EVERY == 0:
            progress(n, len(reading.packed))
        row = Row(read.number, str(read.values.get("name") or ""))
        rows.append(row)
        if read.refused:
            row.why, row.params = refused[read.number].reason, refused[read.number].params
            continue
        try:
            _fill(row, read.values, known)
        except Refused as error:
            row.why, row.params = error.message, error.params
            continue
        assert row.territory is not None
        key = (plain_name(row.name), row.territory.pk)
        first = met.setdefault(key, row.number)
        if first != row.number:
            row.why, row.params = N_("The same entry stands in row %(other)s already."), {"other": first}
            continue
        row.subject = known.files.get(key)
        row.status = _status(row)
    return Preview(rows, reading.skipped)


def _fill(row: Row, read: dict[str, Any], known: _Known) -> None:
    if len(row.name) > 120:
        raise Refused(N_("A name has 1 to 120 characters."))
    place = str(read.get("territory") or "")
    row.territory = known.places.get(plain_name(place)) if place else known.home
    if row.territory is None:
        raise Refused(N_("“%(text)s” is no territory of yours."), text=place)
    row.address = str(read.get("address") or "")[:200]
    facts: dict[str, Any] = {}
    if use := str(read.get("use") or ""):
        found = known.uses.get(plain_name(use))
        if found is None:
            raise Refused(N_("“%(text)s” is no use that is known."), text=use)
        facts["use"] = found
    for name in NUMBERS:
        if (text := str(read.get(name) or "").strip()) != "":
            facts[name] = whole(text, name)
    for name in PLAIN:
        if text := str(read.get(name) or "").strip():
            facts[name] = text[:60]
    if "hours" in facts and rules.opening(facts["hours"]) is None:
        raise Refused(N_("“%(text)s” are no opening hours; write 09:00-22:00."), text=facts["hours"])
    row.body = {"facts": {"main": facts}} if facts else {}
    if place_ := _place(read):
        row.body["place"] = {"main": place_}
    if sector := str(read.get("sector") or ""):
        unit = known.units.get(plain_name(sector))
        if unit is None:
            raise Refused(N_("“%(text)s” is no unit."), text=sector)
        row.body["parties"] = {"sector": {"unit": known.codes[unit]}}


def whole(text: str, name: str) -> int:
    """A whole number from a cell, its unit and thousands separators left away. Refused, naming the column, for others."""
    plain = text.replace(",", "").replace("，", "").rstrip("㎡m²平方米层张间座人").strip()
    try:
        value = Decimal(plain)
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite() or not 0 <= value <= 10_000_000:
        raise Refused(N_("“%(text)s” is no number (%(name)s)."), text=text, name=words().facts[name].name)
    return int(value)


def _place(read: dict[str, Any]) -> dict[str, str] | None:
    lon, lat = str(read.get("lon") or "").strip(), str(read.get("lat") or "").strip()
    if not lon and not lat:
        return None
    return place_values(lon, lat, str(read.get("datum") or "CGCS2000").strip().upper().replace("WGS84", "CGCS2000"))


def place_values(lon: str, lat: str, datum: str) -> dict[str, str]:
    """A place as a file holds it, in CGCS2000. Refused for an unknown datum and for a place far from China."""
    try:
        found = convert((float(lon), float(lat)), datum, "CGCS2000")
    except ValueError:
        raise Refused(
            N_("“%(lon)s, %(lat)s” (%(datum)s) is no place; the datums are %(known)s."), field="lon", lon=lon, lat=lat, datum=datum,
            known="、".join(DATUMS),
        ) from None  # fmt: skip
    if not (70 < found[0] < 140 and 0 < found[1] < 56):
        raise Refused(
            N_("“%(lon)s, %(lat)s” lies outside China; longitude comes first."), field="lon", lon=lon, lat=lat
        )
    return {"lon": f"{found[0]:.6f}", "lat": f"{found[1]:.6f}"}


def _status(row: Row) -> str:
    if row.subject is None:
        return "new"
    have = row.subject.file.body if hasattr(row.subject, "file") else {}
    for part, entries in row.body.items():
        for key, values in entries.items():
            there = have.get(part, {}).get(key, {})
            if any(there.get(k) != v for k, v in values.items()):
                return "changed"
    return "changed" if row.address and row.address != row.subject.address else "same"
