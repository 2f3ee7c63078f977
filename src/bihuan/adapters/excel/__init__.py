"""Writing sheets that Excel and WPS open clean: text stays text, nothing becomes a formula, Chinese is not garbled."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import xlsxwriter

from bihuan.kernel.domain.clocks import ZONE

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CELL = 32_767
"""Characters that one cell holds."""
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet program may take for the beginning of a formula in a CSV file."""


@dataclass(frozen=True)
class Column:
    """A column: `kind` text, number or day. Numbers that are names (codes, matter numbers) are text."""

    label: str
    kind: str = "text"
    width: int = 14


Row = Sequence[Any]


def plain(value: Any) -> str:
    """A value as text: days as 2024-04-30, moments with the minute in Asia/Shanghai, nothing as empty."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(ZONE):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    return text if len(text) <= CELL else text[: CELL - 1] + "…"


def xlsx(title: str, columns: Sequence[Column], rows: Iterable[Row], lines: Sequence[str] = ()) -> bytes:
    """One sheet: lines above the head where given, the head, the rows. Memory does not grow with the rows."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("".join(c for c in title if c not in "[]:*?/\\'")[:31] or "Sheet1")
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "vcenter", "border": 1, "bg_color": "#E8EEF7"})
    text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    number = book.add_format({"num_format": "General", "valign": "top"})
    for i, column in enumerate(columns):
        sheet.set_column(i, i, column.width, number if column.kind == "number" else text)
    for i, line in enumerate(lines):
        sheet.write_string(i, 0, line)
    top = len(lines)
    for i, column in enumerate(columns):
        sheet.write_string(top, i, column.label, head)
    sheet.freeze_panes(top + 1, 0)
    last = top
    for last, row in enumerate(rows, top + 1):
        for i, (column, value) in enumerate(zip(columns, row, strict=True)):
            if column.kind == "number" and value is not None and value != "":
                sheet.write_number(last, i, value, number)
            elif value not in (None, ""):
                sheet.write_string(last, i, plain(value), text)
    sheet.autofilter(top, 0, max(last, top), len(columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(top)
    book.close()
    return out.getvalue()


def csv_lines(columns: Sequence[Column], rows: Iterable[Row]) -> Iterator[bytes]:
    """The same as CSV in UTF-8 with BOM. A text that could be taken for a formula gets a quote in front, which our own
    reader takes off again."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([c.label for c in columns])
    yield b"\xef\xbb\xbf" + out.getvalue().encode()
    for row in rows:
        out.seek(0)
        out.truncate()
        writer.writerow([_safe(c, value) for c, value in zip(columns, row, strict=True)])
        yield out.getvalue().encode()


def _safe(column: Column, value: Any) -> str:
    text = plain(value)
    return "'" + text if column.kind != "number" and text.startswith(DANGEROUS) else text
