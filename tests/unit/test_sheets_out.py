"""Sheets that go out: text stays text, nothing becomes a formula, and our own reader takes them back as they were."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.adapters.excel import CELL, Column, csv_lines, xlsx
from bihuan.engines.registers.sheets import open_sheets

COLUMNS = [Column("编号"), Column("金额(万元)", "number"), Column("日期"), Column("问题")]
EVIL = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    '=HYPERLINK("http://127.0.0.1")',
    "007",
    "4101011990" + "01011234",
    "'=x",
    "䶮𠮷",
    "第一行\n第二行",
]


def read_back(data: bytes) -> list[list[object]]:
    return [[c.value for c in row] for row in openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows()]


@pytest.mark.parametrize("text", EVIL)
def test_text_in_excel_stays_text(text: str) -> None:
    data = xlsx("台账", COLUMNS, [[text, 3.5, date(2024, 4, 30), text]])
    book = openpyxl.load_workbook(io.BytesIO(data))
    cell = book.active.cell(2, 1)
    assert (cell.data_type, cell.value, cell.number_format) == ("s", text, "@")
    assert b"<f>" not in ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")
    assert not book.active.cell(2, 1).hyperlink


def test_numbers_days_and_blanks_are_what_they_are() -> None:
    at = datetime(2024, 4, 30, 16, 30, tzinfo=UTC)
    rows = read_back(
        xlsx("台账:/[问题]?", COLUMNS, [["001", 12, date(2024, 4, 30), at], [None, None, "", ""]], ["标题"])
    )
    assert rows[0][0] == "标题"
    assert rows[2] == ["001", 12, "2024-04-30", "2024-05-01 00:30"]


def test_a_cell_too_long_for_excel_is_cut_and_says_so() -> None:
    value = read_back(xlsx("x", [Column("a")], [["长" * (CELL + 5)]]))[1][0]
    assert (len(value), value[-1]) == (CELL, "…")


def test_csv_has_a_bom_and_no_cell_that_a_program_could_run() -> None:
    data = b"".join(csv_lines(COLUMNS, [[text, -5, None, text] for text in EVIL]))
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert rows[0][0] == "编号"
    for row in rows[1:]:
        assert not row[0].startswith(("=", "+", "-", "@", "\t"))
        assert row[1] == "-5"


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=20), min_size=1, max_size=5
    )
)
def test_our_reader_takes_our_csv_back_unchanged(tmp_path_factory, texts: list[str]) -> None:
    texts = [t for t in texts if not t.startswith("'")]
    path = tmp_path_factory.mktemp("csv") / "x.csv"
    path.write_bytes(b"".join(csv_lines([Column("问题"), Column("b")], [[t, "y"] for t in texts])))
    rows = [cells for _, cells in open_sheets(path)[0].rows()]
    assert [row[0] for row in rows[1:]] == texts
