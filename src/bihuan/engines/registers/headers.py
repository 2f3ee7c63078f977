"""Find the header of a sheet: which row, one or two levels, which column is which field; and what stands above it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from .dates import Context, Misread, ascii_text, read_date
from .schema import Field, Schema, plain
from .values import text_of

LOOK = 40
"""How many rows from the top may hold the header."""
QUARTER = re.compile(r"(\d{4})年第?([1-4])季度")
YEARS = re.compile(r"(?<!\d)(20\d{2})(?:年|[.\-/]\d{1,2}[.\-/]\d{1,2})")
FILED = re.compile(r"(?:填报|报送|统计|截止|截至|制表|更新)?(?:日期|时间|截止|截至)[::到至]*(.{6,20})")
UNIT = re.compile(r"(?:金额)?单位[::](万元|亿元|元)")
FILER = re.compile(r"(?:填报|报送|制表)(?:单位|部门)[::]([^::]+)")


@dataclass(frozen=True)
class Header:
    """`columns` maps a column index to its field, `units` to a unit of money in its label; `last` is its last row."""

    schema: Schema
    first: int
    last: int
    columns: dict[int, Field]
    labels: dict[int, str]
    units: dict[int, str]

    @property
    def score(self) -> tuple[int, int]:
        """More fields win; then fewer unknown labels."""
        return len(self.columns), -len(self.labels)


Rows = Sequence[tuple[int, list[Any]]]


def find(rows: Rows, schemas: Sequence[Schema]) -> Header | None:
    """The best header among the first rows, or None when no row names all key fields of a register."""
    best: Header | None = None
    title = "".join(text_of(c) for _, cells in rows[:4] for c in cells)
    for i, (number, cells) in enumerate(rows[:LOOK]):
        if sum(1 for c in cells if isinstance(c, str) and c.strip()) < 2:
            continue
        below = rows[i + 1][1] if i + 1 < len(rows) else []
        for schema in schemas:
            found = _match(schema, number, cells, below)
            if found and (best is None or _rank(found, title) > _rank(best, title)):
                best = found
    return best


def _rank(header: Header, title: str) -> tuple[int, int, int]:
    return (len(header.columns), sum(t in title for t in header.schema.titles), -header.first)


def _match(schema: Schema, number: int, cells: list[Any], below: list[Any]) -> Header | None:
    words = schema.words
    top = [plain(text_of(c)) for c in cells]
    low = [plain(text_of(c)) for c in below]
    # a second level holds nothing but header words, under labels that are no field themselves
    two = any(low) and all(not t or t in words for t in low) and sum(t in words for t in low) >= 1
    two = (
        two
        and any(t in words for t in top)
        and not any(t in words and i < len(low) and low[i] in words for i, t in enumerate(top))
    )
    columns: dict[int, Field] = {}
    labels: dict[int, str] = {}
    units: dict[int, str] = {}
    for i in range(max(len(top), len(low) if two else 0)):
        upper = top[i] if i < len(top) else ""
        lower = low[i] if two and i < len(low) else ""
        source = below[i] if lower else cells[i] if i < len(cells) else ""
        field = words.get(lower) or words.get(upper)
        if upper or lower:
            labels[i] = text_of(source)
        if field and field.name not in {f.name for f in columns.values()}:
            columns[i] = field
            if unit := re.search(r"[((](万元|亿元|元)[))]", text_of(source)):
                units[i] = unit[1]
    names = {f.name for f in columns.values()}
    if len(columns) < 2 or not all(key in names for key in schema.keys):
        return None
    return Header(schema, number, number + (1 if two else 0), columns, labels, units)


@dataclass(frozen=True)
class Preamble:
    """What the lines above the header, and the sheet as a whole, state."""

    title: str
    as_of: date | None
    year: int | None
    unit: str
    filer: str


def preamble(rows: Rows, header: Header, as_of: date | None) -> Preamble:
    """Title, filing day (a stated quarter means its last day), the one year the sheet states, unit of money, filing unit."""
    lines = [text_of(c) for number, cells in rows if number < header.first for c in cells if text_of(c)]
    above = [unicodedata.normalize("NFKC", line) for line in lines]
    years = {int(y) for line in above for y in YEARS.findall(line)}
    unit = next((m[1] for line in above if (m := UNIT.search(line))), "")
    filer = next((m[1].strip() for line in above if (m := FILER.search(line))), "")
    filed = as_of or next((d for line in above if (d := _filed(line))), None)
    if filed is None:
        for line in above:
            if m := QUARTER.search(ascii_text(line)):
                year, quarter = int(m[1]), int(m[2])
                filed = date(year, quarter * 3, (31, 30, 30, 31)[quarter - 1])
                break
    if len(years) != 1:
        years = {filed.year} if filed else _stated(rows)
    return Preamble(lines[0] if lines else "", filed, years.pop() if len(years) == 1 else None, unit, filer)


def _filed(line: str) -> date | None:
    match = FILED.search("".join(line.split()))
    if not match:
        return None
    try:
        found: date | None = read_date(match[1].strip("()"), Context(), due=False).value
    except Misread:
        return None
    return found


def _stated(rows: Rows) -> set[int]:
    """Years written out in the cells of the table: one of them serves the dates without a year, several do not."""
    years: set[int] = set()
    for _, cells in rows:
        for cell in cells:
            if isinstance(cell, date):
                years.add(cell.year)
            elif isinstance(cell, str) and "20" in cell:
                years.update(int(y) for y in YEARS.findall(unicodedata.normalize("NFKC", cell)))
    return years
