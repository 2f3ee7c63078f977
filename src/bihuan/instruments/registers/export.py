"""Registers as they go out again: in the form in which they came, with what is true now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from bihuan.adapters.excel import Column, xlsx
from bihuan.engines.registers.schema import Schema
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.selectors import visible_to
from bihuan.kernel.orgs.selectors import unit_names

from . import rules
from .current import current
from .models import RegisterImport
from .planning import catalogue, read

GRADES = {"general": "一般", "serious": "较大", "major": "重大"}
WIDTHS = {"description": 44, "progress": 36, "problem": 36, "subject": 24, "supporting_units": 22}


def schemas() -> list[Schema]:
    """Every kind of register."""
    return catalogue()[0]


def schema_of(kind: str) -> Schema | None:
    """The register in which matters of a kind are kept; None when there is none."""
    return next((s for s in schemas() if kind in s.kinds.values()), None)


def sheet(viewer: Viewer, schema: Schema, entries: Iterable[Matter], title: str, as_of: date | None) -> bytes:
    """The register of these matters as xlsx; only what the viewer may see goes in."""
    numbers = [m.number for m in entries]
    matters = visible_to(viewer).filter(number__in=numbers).select_related("subject", "entry").order_by("number")
    fields = [f for f in schema.fields if f.output]
    names = unit_names()
    columns = [Column("序号", "number", 6)]
    columns += [
        Column(f.label + ("(万元)" if f.type == "amount" else ""), width=WIDTHS.get(f.name, 14)) for f in fields
    ]
    columns.append(Column(rules.NUMBER, width=10))

    def rows() -> Iterable[list[Any]]:
        for i, matter in enumerate(matters, 1):
            now = current(matter, getattr(matter, "entry", None), schema, names)
            yield [i, *(_cell(f.name, f.type, now) for f in fields), str(matter.number)]

    lines = [title]
    if as_of is not None:
        lines.append(f"填报日期:{as_of.year}年{as_of.month}月{as_of.day}日")
    return xlsx(schema.name, columns, rows(), lines)


def _cell(name: str, type_: str, now: Mapping[str, Any]) -> Any:
    value = now.get(name)
    if type_ == "due":
        return now.get("due_note") or value
    if type_ == "units":
        return "、".join(value or [])
    if type_ == "tick":
        return "是" if value else "否"
    if type_ == "grade":
        return GRADES[value or "general"]
    return value


def of_import(viewer: Viewer, imported: RegisterImport) -> bytes:
    """The whole register that an import belongs to, under its own title and filing day."""
    reading = read(imported)
    series = rules.series_of(reading.schema.id, reading.preamble.title, imported.unit.code)
    matters = Matter.objects.filter(entry__series=series)
    return sheet(viewer, reading.schema, matters, reading.preamble.title, reading.preamble.as_of)
