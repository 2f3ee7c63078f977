"""Read a register: header, rows, what was interpreted, skipped and refused, and where."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from bihuan.kernel.domain.refusal import N_

from .dates import Calendar, Context, Misread, Read, read_date
from .headers import LOOK, Header, find, preamble
from .reading import Cell, Problem, Reading, Row, column_name
from .schema import Field, Schema, plain
from .sheets import Sheet, Unreadable, open_sheets
from .values import read_amount, read_grade, read_tick, split_units, text_of, undamaged

MAX_ROWS = 200_000
YEAR_ROWS = 2_000
"""How many rows are looked at for the year that a sheet states in its cells."""
TOTALS = re.compile(r"^(小计|合计|总计|共计|累计|汇总)")
NOTES = re.compile(r"^(注|备注|说明|填表说明|填报说明|填表人|填报人|审核人|制表|负责人|联系人|备 注)\s*[::0-9]?")

MAX_TEXT = 10_000
PLAIN = ("text", "extra", "serial")
"""Types whose blank cells need no reading."""


def read(
    path: Path,
    schemas: Sequence[Schema],
    *,
    aliases: Mapping[str, str] | None = None,
    calendar: Calendar | None = None,
    known: Callable[[str], bool] = lambda name: False,
    as_of: date | None = None,
    corrections: Mapping[tuple[int, str], str] | None = None,
) -> Reading:
    """Read the first visible sheet that has a header of a known register.

    `known` says whether a name is a unit's; `corrections` replace cells by (row, field). Unreadable when the file cannot
    be opened or no header is found; single cells that cannot be read become `problems`, and their rows are `refused`.
    """
    sheets = open_sheets(path)
    found = _headed(sheets, schemas)
    if found is None and sheets[0].kept is not None:
        # bytes of GB18030 can be valid UTF-8; the header decides
        found = _headed(open_sheets(path, encoding="gb18030"), schemas) if _is_gb18030(path) else None
    if found is None:
        names = "、".join(s.name for s in schemas)
        raise Unreadable(N_("No row names the columns of a known register (%(names)s)."), names=names)
    sheet, header, top = found
    about = preamble(top, header, as_of)
    columns = {f.name: column_name(i) for i, f in header.columns.items()}
    reading = Reading(header.schema, sheet.name, about, columns)
    _Reader(reading, header, sheet, aliases or {}, calendar, known, corrections or {}).run()
    return reading


def _is_gb18030(path: Path) -> bool:
    try:
        path.read_bytes().decode("gb18030")
    except UnicodeDecodeError:
        return False
    return True


def _headed(
    sheets: Iterable[Sheet], schemas: Sequence[Schema]
) -> tuple[Sheet, Header, list[tuple[int, list[Any]]]] | None:
    for sheet in sheets:
        top = list(islice(sheet.rows(), YEAR_ROWS))
        header = find(top[:LOOK], schemas)
        if header:
            return sheet, header, top
    return None


class _Reader:
    """The walk over one sheet; holds what one row needs of the rows before it."""

    def __init__(
        self, reading: Reading, header: Header, sheet: Sheet, aliases: Mapping[str, str], calendar: Calendar | None,
        known: Callable[[str], bool], corrections: Mapping[tuple[int, str], str],
    ) -> None:  # fmt: skip
        self.reading, self.header, self.sheet = reading, header, sheet
        self.aliases, self.calendar, self.known, self.corrections = aliases, calendar, known, corrections
        self.fields = {f.name: f for f in reading.schema.fields}
        self.filled: dict[tuple[int, int], Any] = {}
        self.down: dict[int, list[int]] = {}
        width = max(header.labels) if header.labels else 0
        self.across = set()
        for (top, left), (bottom, right) in sheet.merged:
            if bottom > top:
                for row in range(top, bottom + 1):
                    self.down.setdefault(row, []).extend(range(left - 1, right))
                self.filled.update(
                    {(r, c - 1): (top, left - 1) for r in range(top, bottom + 1) for c in range(left, right + 1)}
                )
            if left == 1 and right > width and top == bottom:
                self.across.add(top)
        self.kept: dict[tuple[int, int], Any] = {}
        self.keys: dict[int, int] = {}
        self.cache: dict[tuple[str, Any], Read] = {}
        self.last: dict[str, Any] = {}
        self.notes = 0
        self.words = header.schema.words
        self.extra_columns = [(i, label) for i, label in header.labels.items() if i not in header.columns]
        self.order = tuple(
            n
            for f in reading.schema.fields
            if f.output
            for n in ((f.name, "due_note") if f.type == "due" else (f.name,))
        )
        reading.order = self.order
        self.money = {f.name: header.units.get(i, reading.preamble.unit) for i, f in header.columns.items()}

    def run(self) -> None:
        for number, cells in self.sheet.rows():
            if number <= self.header.last:
                continue
            if len(self.reading.packed) > MAX_ROWS:
                raise Unreadable(N_("The sheet has more than %(max)s rows; split it."), max=MAX_ROWS)
            cells = self._unmerged(number, cells)
            why = self._skip(number, cells)
            if why is None:
                self._row(number, cells)
            elif why:
                self.reading.skipped.append((number, why))

    def _unmerged(self, number: int, cells: list[Any]) -> list[Any]:
        if number not in self.down:
            return cells
        cells = list(cells)
        for column in self.down[number]:
            source = self.filled[number, column]
            if source[0] == number and source[1] == column and column < len(cells):
                self.kept[source] = cells[column]
            if column < len(cells) and cells[column] in ("", None):
                cells[column] = self.kept.get(source, "")
        return cells

    def _skip(self, number: int, cells: list[Any]) -> str | None:
        """None: a row to read; empty: silently passed over; else why it is skipped."""
        full = [
            (i, c) for i, c in enumerate(cells) if c != "" and c is not None and (not isinstance(c, str) or c.strip())
        ]
        if not full:
            # a blank row merged over the whole table opens the notes below it
            return self._note(number) if number in self.across else ""
        first = text_of(full[0][1])
        if TOTALS.match("".join(first.split())):
            return "subtotal"
        if isinstance(full[0][1], str) and plain(first) in self.words:
            labels = sum(1 for _, c in full if isinstance(c, str) and plain(c) in self.words)
            if labels >= 2 and labels * 2 > len(full):
                return "repeated header"
        if NOTES.match(first) and (len(full) <= 2 or (full[0][0] == 0 and not self._fits(full))):
            return self._note(number)
        if len(full) == 1 and (number in self.across or len(first) > 20) and full[0][0] == 0:
            return self._note(number)
        self.notes = 0
        return None

    def _fits(self, full: list[tuple[int, Any]]) -> bool:
        names = {self.header.columns[i].name for i, _ in full if i in self.header.columns}
        return all(f.name in names for f in self.header.schema.fields if f.required)

    def _note(self, number: int) -> str:
        """Notes of several lines are one block, named by its first row."""
        again = self.notes == number - 1
        self.notes = number
        return "" if again else "note"

    def _row(self, number: int, cells: list[Any]) -> None:
        row = Row(number, {}, {}, {})
        raw: dict[str, Any] = {}
        for index, f in self.header.columns.items():
            value = cells[index] if index < len(cells) else ""
            raw[f.name] = self.corrections.get((number, f.name), value) if self.corrections else value
        for index, label in self.extra_columns:
            if index < len(cells) and text_of(cells[index]):
                row.extras[label] = self._long(row, index, label, cells[index])
        if number in self.sheet.hidden:
            row.read["row"] = Cell("", N_("the row is hidden in the sheet"))
        self._carry(row, raw)
        base = self._field(row, "raised_on", raw, None) if "raised_on" in self.fields else None
        base = base or self.reading.preamble.as_of
        for name in self.fields:
            if name != "raised_on":
                self._field(row, name, raw, base)
        self._shape(row, base)
        self._check(row)
        self.reading.pack(row)

    def _long(self, row: Row, index: int, label: str, value: Any) -> str:
        try:
            return text_of(undamaged(value))
        except Misread as error:
            self._problem(row, column_name(index), label, value, str(error))
            return ""

    def _problem(self, row: Row, column: str, name: str, value: Any, reason: str, **params: Any) -> None:
        row.refused = True
        self.reading.problems.append(Problem(row.number, column, name, text_of(value)[:200], reason, params))

    def _carry(self, row: Row, raw: dict[str, Any]) -> None:
        """A blank name under a named one, with a blank serial number, belongs to the row above."""
        serial = text_of(raw.get("serial", ""))
        for f in self.fields.values():
            if not f.fill or f.name not in raw:
                continue
            if text_of(raw[f.name]):
                self.last[f.name] = raw[f.name]
            elif not serial and f.name in self.last:
                raw[f.name] = self.last[f.name]
                row.read[f.name] = Cell("", N_("carried down from the row above"))

    def _field(self, row: Row, name: str, raw: dict[str, Any], base: date | None) -> Any:
        f = self.fields[name]
        value = raw.get(name, "")
        if f.type in PLAIN and isinstance(value, str) and len(value) <= MAX_TEXT:
            # most cells are plain text and need no reading
            text = value.strip()
            if f.output:
                row.values[name] = text or None
            elif text and f.type != "serial":
                row.extras[name] = text
            return text
        try:
            found = self._value(f, undamaged(value), base)
        except Misread as error:
            self._problem(row, self.reading.columns.get(name, ""), name, value, str(error))
            row.values[name] = None
            return None
        if found.rule and f.name in raw:
            row.read[name] = Cell(text_of(value), found.rule)
        if not f.output:
            if text_of(value) and f.type != "serial":
                row.extras[f.name] = text_of(found.value)
            return None
        row.values[name] = found.value
        if f.type == "due":
            row.values["due_note"] = found.note
        return found.value

    def _value(self, f: Field, value: Any, base: date | None) -> Read:
        if f.type in ("due", "day"):
            key = (f.type + str(base or ""), value if not isinstance(value, float) else repr(value))
            if key not in self.cache:
                about = self.reading.preamble
                context = Context(base, about.as_of, about.year, self.calendar)
                self.cache[key] = read_date(value, context, due=f.type == "due")
            return self.cache[key]
        if f.type in ("lead", "units", "bank"):
            key = (f.type, value)
            if key not in self.cache:
                self.cache[key] = split_units(value, self.known, self.aliases)
            return self.cache[key]
        if f.type == "tick":
            return read_tick(value)
        if f.type == "grade":
            return read_grade(value)
        if f.type == "amount":
            return read_amount(value, self.money.get(f.name, ""))
        text = text_of(value)
        if len(text) > MAX_TEXT:
            raise Misread(N_("The cell holds more than 10,000 characters."))
        return Read(text or None)

    def _shape(self, row: Row, base: date | None) -> None:
        """One lead unit; the others it names support it. A register of banks has one bank."""
        values = row.values
        if "lead_unit" in values:
            names = values["lead_unit"] or []
            values["lead_unit"] = names[0] if names else None
            others = [*names[1:], *(values.get("supporting_units") or [])]
            values["supporting_units"] = [n for n in dict.fromkeys(others) if n != values["lead_unit"]]
            if len(names) > 1:
                row.read["lead_unit"] = Cell("、".join(names), N_("the first unit leads, the others support"))
        if "bank" in values:
            banks = values["bank"] or []
            values["bank"] = banks[0] if banks else None
            if len(banks) > 1:
                self._problem(
                    row, self.reading.columns["bank"], "bank", "、".join(banks), N_("One project has one lead bank.")
                )
        if "raised_on" in self.fields and values.get("raised_on") is None:
            values["raised_on"] = base
        row.values = {n: values.get(n) for n in self.order}

    def _check(self, row: Row) -> None:
        for f in self.fields.values():
            if f.required and not row.values.get(f.name) and not row.refused:
                self._problem(row, self.reading.columns[f.name], f.name, "", N_("This cell must not be empty."))
        due, raised = row.values.get("due"), row.values.get("raised_on")
        if due and raised and due < raised:
            self._problem(
                row, self.reading.columns.get("due", ""), "due", due, N_("The due date %(due)s lies before %(raised)s, the day it was raised."),
                due=due.isoformat(), raised=raised.isoformat(),
            )  # fmt: skip
        if row.refused:
            return
        key = self._key(row)
        other = self.keys.setdefault(hash(key), len(self.reading.packed))
        if other < len(self.reading.packed) and self._key(self.reading.row(self.reading.packed[other])) == key:
            name = self.header.schema.keys[-1]
            self._problem(
                row, self.reading.columns[name], name, key[-1], N_("The same entry stands in row %(other)s already."),
                other=self.reading.packed[other].number,
            )  # fmt: skip

    def _key(self, row: Row) -> tuple[str, ...]:
        """What makes an entry the same: its key fields without white space."""
        return tuple("".join(text_of(row.values.get(k)).split()) for k in self.header.schema.keys)
