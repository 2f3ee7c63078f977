"""H12 (objectstack-ai/objectui#2556, liaochong/myexcel#118, nautobot#6910, sqlpage/SQLPage#528): Chinese Excel writes GBK
without saying so, and shows UTF-8 without BOM garbled.

Kind: an encoding that nobody states. What is legible decides, and what goes out says what it is.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bihuan.adapters.excel import Column, csv_lines
from bihuan.engines import registers as engine

from ..unit.test_register_reader import SCHEMAS

TABLE = "项目名称,存在问题,牵头单位\n甲项目,道路未贯通䶮𠮷,城市管理局\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_each_encoding_is_read_and_rare_characters_survive(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(TABLE.encode(encoding))
    reading = engine.read(path, SCHEMAS)
    assert [r.values["description"] for r in reading.rows] == ["道路未贯通䶮𠮷"]


def test_bytes_that_are_valid_in_both_are_decided_by_the_header(tmp_path: Path) -> None:
    assert "学校,系统".encode("gb18030").decode("utf-8") != "学校,系统"
    path = tmp_path / "x.csv"
    path.write_bytes("项目名称,存在问题\n学校,系统\n".encode("gb18030"))
    reading = engine.read(path, SCHEMAS)
    assert [(r.values["subject"], r.values["description"]) for r in reading.rows] == [("学校", "系统")]


def test_what_goes_out_has_a_bom_and_comes_in_with_its_first_header_intact(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"".join(csv_lines([Column("项目名称"), Column("存在问题")], [["甲䶮𠮷", "路"]])))
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert [r.values["subject"] for r in engine.read(path, SCHEMAS).rows] == ["甲䶮𠮷"]
