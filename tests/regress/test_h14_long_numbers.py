"""H14 (qax-os/excelize#1523, Magicodes.IE#140, markdown-exporter#73, SpartnerNL/Laravel-Excel#1126): codes kept as numbers
lose digits and leading zeros.

Kind: a name made of digits is no number. A damaged one is refused by its place, an intact one stays as it is, in and out.
"""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest

from bihuan.adapters.excel import Column, xlsx
from bihuan.engines import registers as engine

from ..unit.test_register_reader import SCHEMAS

LONG = int("4101011990" + "01011234")


def sheet(path: Path, value: object) -> Path:
    book = openpyxl.Workbook()
    for row in (["项目名称", "存在问题", "统一社会信用代码"], ["甲项目", "道路未贯通", value]):
        book.active.append(row)
    book.save(path)
    return path


@pytest.mark.parametrize("value", [LONG, float(LONG), 1.2e17])
def test_a_long_number_in_a_cell_is_refused_by_row_and_column(tmp_path: Path, value: object) -> None:
    reading = engine.read(sheet(tmp_path / "x.xlsx", value), SCHEMAS)
    found = [p.data() for p in reading.problems]
    assert [(p["row"], p["column"]) for p in found] == [(2, "C")]
    assert next(iter(reading.rows)).refused
    assert str(LONG) not in str(next(iter(reading.rows)).extras)


@pytest.mark.parametrize("value", ["007", "91410100MA00000000", "0371"])
def test_text_stays_text(tmp_path: Path, value: str) -> None:
    reading = engine.read(sheet(tmp_path / "x.xlsx", value), SCHEMAS)
    assert next(iter(reading.rows)).extras["统一社会信用代码"] == value


@pytest.mark.parametrize("value", ["007", str(LONG), "0371"])
def test_such_columns_go_out_as_text(value: str) -> None:
    cell = openpyxl.load_workbook(io.BytesIO(xlsx("x", [Column("代码")], [[value]]))).active.cell(2, 1)
    assert (cell.value, cell.data_type, cell.number_format) == (value, "s", "@")
