"""What was read of a register: rows, interpreted cells, what was skipped and what was refused and where."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field as made
from typing import Any

from .headers import Preamble
from .schema import Schema


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that was interpreted: its text as it stood and the rule, in words, that read it."""

    text: str
    rule: str


@dataclass(slots=True)
class Problem:
    """A refused cell: row and column as the sheet names them, and why."""

    row: int
    column: str
    field: str
    value: str
    reason: str
    params: dict[str, Any] = made(default_factory=dict)

    def data(self) -> dict[str, Any]:
        """JSON values."""
        reason = self.reason % self.params if self.params else self.reason
        return {"row": self.row, "column": self.column, "field": self.field, "value": self.value, "reason": reason}


_EMPTY: dict[str, Any] = {}


@dataclass(slots=True)
class Row:
    """One read row: `values` by field name, `extras` beside it, `read` the cells that were interpreted."""

    number: int
    values: dict[str, Any]
    extras: dict[str, str]
    read: dict[str, Cell]
    refused: bool = False


@dataclass(slots=True)
class Packed:
    """A row at rest: a tuple instead of dictionaries, since a register may have a hundred thousand."""

    number: int
    cells: tuple[Any, ...]
    extras: dict[str, str]
    read: dict[str, Cell]
    refused: bool


@dataclass
class Reading:
    """What was read of one sheet."""

    schema: Schema
    sheet: str
    preamble: Preamble
    columns: dict[str, str]
    order: tuple[str, ...] = ()
    packed: list[Packed] = made(default_factory=list, repr=False)
    skipped: list[tuple[int, str]] = made(default_factory=list)
    problems: list[Problem] = made(default_factory=list)

    @property
    def rows(self) -> Iterator[Row]:
        """The rows, in order."""
        return map(self.row, self.packed)

    def row(self, p: Packed) -> Row:
        """A packed row, unpacked."""
        return Row(p.number, dict(zip(self.order, p.cells, strict=True)), p.extras, p.read, p.refused)

    def pack(self, row: Row) -> None:
        """Take in a row; its values must have the names of `order`."""
        cells = tuple(row.values.values())
        self.packed.append(Packed(row.number, cells, row.extras or _EMPTY, row.read or _EMPTY, row.refused))

    def json(self) -> Iterator[str]:
        """The reading as pieces of JSON text, row by row, so that a large register never stands in memory twice.

        `rows` holds what can be taken over; refused rows stand under `errors` only.
        """
        as_of = self.preamble.as_of.isoformat() if self.preamble.as_of else None
        yield f'{{"kind": {_json(self.schema.id)}, "as_of": {_json(as_of)}, "rows": ['
        comma = ""
        for row in self.rows:
            if not row.refused:
                yield comma + "\n" + _json({"row": row.number, **row.values})
                comma = ","
        yield f'], "skipped": {_json(self.skipped)}, "errors": {_json([p.data() for p in self.problems])}}}\n'


_json = json.JSONEncoder(ensure_ascii=False, default=str).encode


def column_name(index: int) -> str:
    """0 is A, 26 is AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name
