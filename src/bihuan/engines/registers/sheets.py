"""Open a spreadsheet of any habit: xlsx, xls and csv become sheets of rows; what cannot be opened says why."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from bihuan.kernel.domain.refusal import N_

MAX_FILE = 20 * 1024 * 1024
MAX_UNPACKED = 600 * 1024 * 1024
MAX_RATIO = 400
MAX_ENTRIES = 2_000
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HIDDEN = re.compile(rb"<row\b[^>]*?\shidden=\"(?:1|true)\"[^>]*>")
_NUMBER = re.compile(rb"\sr=\"(\d+)\"")


class Unreadable(ValueError):
    """The file cannot be read; the sentence says why and `params` fill it."""

    def __init__(self, message: str, **params: object) -> None:
        super().__init__(message % params)
        self.message, self.params = message, params


Merged = tuple[tuple[int, int], tuple[int, int]]


@dataclass
class Sheet:
    """One sheet: `rows()` yields (row number from 1, cells); merged areas and hidden rows count from 1 too."""

    name: str
    source: Any
    merged: Sequence[Merged] = ()
    hidden: frozenset[int] = frozenset()
    kept: list[list[str]] | None = field(default=None, repr=False)

    def rows(self) -> Iterator[tuple[int, list[Any]]]:
        """The rows in order, blank ones included, phantom ones not."""
        cells = self.kept if self.kept is not None else self.source.iter_rows()
        yield from enumerate(cells, 1)


def open_sheets(path: Path, *, encoding: str = "") -> list[Sheet]:
    """The visible sheets of a file, by what it is, not by what its name says.

    Unreadable for too large, password-protected, packed beyond reason, damaged or foreign files. `encoding` forces the
    encoding of a csv file.
    """
    size = path.stat().st_size
    if size > MAX_FILE:
        raise Unreadable(
            N_("The file has %(size)s MB; at most %(max)s MB can be read."), size=size // 2**20, max=MAX_FILE // 2**20
        )
    if size == 0:
        raise Unreadable(N_("The file is empty."))
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith(b"PK\x03\x04"):
        return _xlsx(path)
    if head == OLE:
        return _xls(path)
    return [_csv(path.read_bytes(), encoding)]


def _xlsx(path: Path) -> list[Sheet]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = _checked(archive)
            if "xl/workbook.xml" not in names:
                raise Unreadable(N_("This is not a spreadsheet: it is another kind of packed file."))
            hidden = _hidden_rows(archive, names)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise Unreadable(N_("The file is damaged: %(why)s."), why=error) from None
    return _calamine(path, hidden)


def _checked(archive: zipfile.ZipFile) -> set[str]:
    """Names of a package that is not a bomb."""
    entries = archive.infolist()
    if any(e.flag_bits & 1 for e in entries):
        raise Unreadable(N_("The file is protected by a password; save it without one and try again."))
    total, packed = sum(e.file_size for e in entries), sum(e.compress_size for e in entries)
    if len(entries) > MAX_ENTRIES or total > MAX_UNPACKED or (total > 64 * 2**20 and total > MAX_RATIO * packed):
        raise Unreadable(
            N_("The file unpacks to %(size)s MB, far beyond any register; it was not opened."), size=total // 2**20
        )
    return {e.filename for e in entries}


def _hidden_rows(archive: zipfile.ZipFile, names: set[str]) -> dict[str, frozenset[int]]:
    """Hidden rows of each sheet part, found without building the sheet; the stream is cut at its declared size."""
    found: dict[str, frozenset[int]] = {}
    for name in sorted(n for n in names if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", n)):
        rows: set[int] = set()
        rest = b""
        with archive.open(name) as part:
            while chunk := part.read(1 << 20):
                chunk = rest + chunk
                for match in _HIDDEN.finditer(chunk) if b"hidden" in chunk else ():
                    number = _NUMBER.search(match.group())
                    if number:
                        rows.add(int(number.group(1)))
                rest = chunk[chunk.rfind(b"<") :][:4096]
        found[name] = frozenset(rows)
    return found


def _xls(path: Path) -> list[Sheet]:
    if "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
        raise Unreadable(N_("The file is protected by a password; save it without one and try again."))
    return _calamine(path, {})


def _calamine(path: Path, hidden: dict[str, frozenset[int]]) -> list[Sheet]:
    try:
        book = CalamineWorkbook.from_path(path)
        sheets = []
        for index, meta in enumerate(book.sheets_metadata):
            if meta.visible != SheetVisibleEnum.Visible:
                continue
            source = book.get_sheet_by_index(index)
            merged = [(((a[0] + 1), (a[1] + 1)), ((b[0] + 1), (b[1] + 1))) for a, b in source.merged_cell_ranges or ()]
            rows = hidden.get(f"xl/worksheets/sheet{index + 1}.xml", frozenset())
            sheets.append(Sheet(meta.name, source, merged, rows))
    except PasswordError:
        raise Unreadable(N_("The file is protected by a password; save it without one and try again.")) from None
    except CalamineError as error:
        raise Unreadable(N_("The file is damaged: %(why)s."), why=error) from None
    if not sheets:
        raise Unreadable(N_("The file has no visible sheet."))
    return sheets


QUOTED = re.compile(r"^'(?=[=+\-@\t\r])")


def _csv(data: bytes, encoding: str) -> Sheet:
    if b"\x00" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable(N_("This is neither a spreadsheet (xlsx, xls) nor a text table (csv)."))
    text = decode(data, encoding)
    try:
        dialect: Any = csv.Sniffer().sniff(text[:8192], delimiters=",\t;")
        dialect.quotechar, dialect.doublequote = (
            '"',
            True,
        )  # what spreadsheet programs write, whatever the cells suggest
    except csv.Error:
        dialect = csv.excel
    try:
        # a quote before what could be a formula is how such text is written safely; it is no part of the text
        rows = [[QUOTED.sub("", cell) for cell in row] for row in csv.reader(io.StringIO(text), dialect)]
    except csv.Error as error:
        raise Unreadable(N_("The file is damaged: %(why)s."), why=error) from None
    return Sheet("csv", None, kept=rows)


def decode(data: bytes, encoding: str = "") -> str:
    """The text of a file as offices write it: BOM, else strict UTF-8, else GB18030. Unreadable for anything else."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    for name in (encoding,) if encoding else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            continue
    raise Unreadable(N_("This is neither a spreadsheet (xlsx, xls) nor a text table (csv)."))
