"""The reader: the three real registers exactly, and the habits of offices one by one."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import xlwt

from bihuan.engines import registers as engine
from bihuan.engines.registers import Unreadable
from bihuan.engines.registers.schema import parse

from .test_workdays import CALENDAR, ROOT

DATA = Path(__file__).resolve().parents[1] / "data"
SCHEMAS, ALIASES = engine.load(ROOT / "catalogue/registers")
HEAD = ["序号", "项目名称", "存在问题", "牵头单位", "配合单位", "办理时限", "进展情况", "是否办结", "备注"]


def read(path: Path, **kw):
    return engine.read(path, SCHEMAS, aliases=ALIASES, calendar=CALENDAR, **kw)


def as_json(path: Path, **kw) -> dict:
    return json.loads("".join(read(path, **kw).json()))


def book(tmp_path: Path, rows: list[list], *, name: str = "r.xlsx", title: str = "2024年问题台账", touch=None) -> Path:
    wb = openpyxl.Workbook()
    ws = wb.active
    for row in [[title], ["填报日期:2024年4月15日"], HEAD, *rows]:
        ws.append(row)
    if touch:
        touch(ws)
    wb.save(tmp_path / name)
    return tmp_path / name


def one(tmp_path: Path, **cells) -> tuple[dict, list[dict]]:
    """Read one row with these cells; its values and the problems."""
    row = {"项目名称": "甲", "存在问题": "路不通", "牵头单位": "建设局", **cells}
    found = as_json(book(tmp_path, [[row.get(h) for h in HEAD]]))
    return (found["rows"] or [{}])[0], found["errors"]


@pytest.mark.parametrize("name", ["promotion-problems", "fire-hazards"])
def test_real_registers_are_read_exactly(name: str) -> None:
    expected = json.loads((DATA / f"{name}.expected.json").read_text("utf-8"))
    found = as_json(DATA / f"{name}.xlsx")
    assert found == {**expected, "errors": []}
    assert list(found["rows"][0]) == list(expected["rows"][0])


def test_the_white_list_states_no_filing_day_so_none_is_made_up() -> None:
    expected = json.loads((DATA / "whitelist.expected.json").read_text("utf-8"))
    found = as_json(DATA / "whitelist.xlsx")
    assert found == {**expected, "as_of": None, "errors": []}
    assert as_json(DATA / "whitelist.xlsx", as_of=date(2024, 4, 15)) == {**expected, "errors": []}


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("2024.5.10", "2024-05-10"), ("20240520", "2024-05-20"), ("2024/5/3", "2024-05-03"), ("2024年5月3日前", "2024-05-03"),
        ("4月底前", "2024-04-30"), ("五月三十一日前", "2024-05-31"), ("二〇二四年五月十日", "2024-05-10"), ("5月10号", "2024-05-10"),
        ("７日内", "2024-04-22"), ("三日内", "2024-04-18"), ("15个工作日", "2024-05-08"), ("24小时内", "2024-04-16"), ("一周内", "2024-04-22"),
        ("1个月内", "2024-05-15"), ("半个月内", "2024-04-30"), ("2024.5.1-2024.5.10", "2024-05-10"), ("5月1日至5月10日", "2024-05-10"),
        ("5月1日—10日", "2024-05-10"), ("5.1-5.12", "2024-05-12"), ("下周五", "2024-04-26"), ("本周五", "2024-04-19"), ("本月底", "2024-04-30"),
        ("下月底前", "2024-05-31"), ("5月上旬", "2024-05-10"), ("5月中旬", "2024-05-20"), ("二季度末", "2024-06-30"), ("年底前", "2024-12-31"),
        ("2025年底", "2025-12-31"), ("明年6月底", "2025-06-30"), ("24.5.10", "2024-05-10"), ("2024-05-10 00:00:00", "2024-05-10"),
        (45412, "2024-04-30"), (20240520, "2024-05-20"), (date(2024, 5, 6), "2024-05-06"), ("立行立改", "2024-04-15"), ("立即整改", "2024-04-15"),
    ],
)  # fmt: skip
def test_due_dates_of_every_habit(tmp_path: Path, text, due: str) -> None:
    values, errors = one(tmp_path, 办理时限=text)
    assert errors == []
    assert values["due"] == due


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2月30日", "no such day"), ("13月1日", "no such month"), ("2024年2月30日", "no such day"), ("尽快", "not a date"), (4.1, "bare number"),
        ("5月10日至5月1日", "ends before"), ("3024.5.10", "never be true"), ("99999天内", "never be true"), ("2024.4.1", "lies before"),
    ],
)  # fmt: skip
def test_impossible_dates_are_refused_with_their_place(tmp_path: Path, text, why: str) -> None:
    values, errors = one(tmp_path, 办理时限=text)
    assert values == {}, "a refused row is not among the rows"
    assert (errors[0]["row"], errors[0]["column"]) == (4, "F")
    assert why in errors[0]["reason"]
    assert errors[0]["value"]


def test_a_date_without_a_year_is_refused_where_the_sheet_states_none(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("项目名称,存在问题,办理时限\n甲,路不通,5月10日\n", "utf-8")
    assert "year is missing" in as_json(path)["errors"][0]["reason"]
    path.write_text("项目名称,存在问题,办理时限\n甲,路不通,5月10日\n乙,水不通,2024.6.1\n丙,电不通,2023.6.1\n", "utf-8")
    assert len(as_json(path)["errors"]) == 1, "two years are no year"
    path.write_text("项目名称,存在问题,办理时限\n甲,路不通,5月10日\n乙,水不通,2024.6.1\n", "utf-8")
    assert as_json(path)["rows"][0]["due"] == "2024-05-10"


def test_an_endless_task_has_no_date_and_keeps_its_words(tmp_path: Path) -> None:
    values, _ = one(tmp_path, 办理时限="长期坚持")
    assert (values["due"], values["due_note"]) == (None, "长期坚持")


@pytest.mark.parametrize(
    ("text", "lead", "supporting"),
    [
        ("建设局、城管局", "建设局", ["城管局"]), ("建设局;城管局", "建设局", ["城管局"]), ("建设局/城管局", "建设局", ["城管局"]),
        ("建设局\n城管局", "建设局", ["城管局"]), ("建设局 城管局", "建设局", ["城管局"]), ("建 设 局", "建设局", []), ("建设局和城管局", "建设局", ["城管局"]),
        ("建设局(张某)", "建设局", []), ("牵头单位:建设局", "建设局", []), ("工行", "工商银行", []), ("建设局、建设局", "建设局", []), ("—", None, []),
    ],
)  # fmt: skip
def test_several_units_in_one_cell(tmp_path: Path, text: str, lead, supporting) -> None:
    values, errors = one(tmp_path, 牵头单位=text)
    assert errors == []
    assert (values["lead_unit"], values["supporting_units"]) == (lead, supporting)


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("√", True),
        ("是", True),
        ("已办结", True),
        ("×", False),
        ("否", False),
        ("", False),
        ("推进中", False),
        ("逾期未整改", False),
        ("已完成80%,正在推进", False),
        ("复查合格", True),
    ],
)
def test_ticks_and_crosses(tmp_path: Path, text: str, closed: bool) -> None:
    assert one(tmp_path, 是否办结=text)[0]["closed"] is closed


def test_an_unclear_tick_is_asked_about(tmp_path: Path) -> None:
    _, errors = one(tmp_path, 是否办结="看情况")
    assert errors[0]["column"] == "H"


def test_long_numbers_that_the_sheet_damaged_are_refused(tmp_path: Path) -> None:
    _, errors = one(tmp_path, 备注=410101199001011234)
    assert (errors[0]["row"], errors[0]["column"]) == (4, "I")
    assert "lost its last digits" in errors[0]["reason"]
    values, errors = one(tmp_path, 项目名称="007")
    assert (values["subject"], errors) == ("007", [])


def test_the_same_entry_twice_in_one_file_is_an_error(tmp_path: Path) -> None:
    rows = [[1, "甲", "路 不通", "建设局"], [2, "甲", "路不通", "城管局"]]
    found = as_json(book(tmp_path, rows))
    assert found["errors"][0]["row"] == 5
    assert "row 4" in found["errors"][0]["reason"]
    assert len(found["rows"]) == 1


def test_blank_names_belong_to_the_row_above_only_without_a_number(tmp_path: Path) -> None:
    found = as_json(book(tmp_path, [[1, "甲", "路不通"], [None, None, "水不通"], [3, None, "电不通"]]))
    assert [r["subject"] for r in found["rows"]] == ["甲", "甲"]
    assert found["errors"][0]["row"] == 6


def test_hidden_rows_are_read_and_marked(tmp_path: Path) -> None:
    def hide(ws) -> None:
        ws.row_dimensions[5].hidden = True

    reading = read(book(tmp_path, [[1, "甲", "路不通"], [2, "乙", "水不通"]], touch=hide))
    assert ["row" in r.read for r in reading.rows] == [False, True]


def test_a_styled_cell_at_the_bottom_costs_nothing(tmp_path: Path) -> None:
    def style(ws) -> None:
        ws.cell(1_048_000, 3).fill = openpyxl.styles.PatternFill("solid", fgColor="FFFF00")

    found = as_json(book(tmp_path, [[1, "甲", "路不通"]], touch=style))
    assert (len(found["rows"]), found["skipped"]) == (1, [])


def test_blank_rows_above_and_between_keep_row_numbers(tmp_path: Path) -> None:
    wb = openpyxl.Workbook()
    ws = wb.active
    for i, value in enumerate(HEAD, 1):
        ws.cell(6, i, value)
    ws.cell(9, 2, "甲")
    ws.cell(9, 3, "路不通")
    wb.save(tmp_path / "r.xlsx")
    assert [r["row"] for r in as_json(tmp_path / "r.xlsx")["rows"]] == [9]


def test_the_sheet_with_the_header_is_found_behind_a_cover(tmp_path: Path) -> None:
    def cover(ws) -> None:
        ws.parent.create_sheet("封面", 0).append(["说明"])

    assert len(as_json(book(tmp_path, [[1, "甲", "路不通"]], touch=cover))["rows"]) == 1


def test_old_xls(tmp_path: Path) -> None:
    wb = xlwt.Workbook()
    ws = wb.add_sheet("台账")
    for r, row in enumerate([["2024年问题台账"], HEAD, [1, "甲", "路不通", "建设局", "", "2024.5.10", "", "√", ""]]):
        for c, value in enumerate(row):
            ws.write(r, c, value)
    wb.save(str(tmp_path / "r.xls"))
    row = as_json(tmp_path / "r.xls")["rows"][0]
    assert (row["row"], row["due"], row["closed"]) == (3, "2024-05-10", True)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([["项目名称", "存在问题", "办理时限"], ["䶮𠮷公司", "路不通", "2024.5.10"]])
    (tmp_path / "r.csv").write_bytes(out.getvalue().encode(encoding))
    assert as_json(tmp_path / "r.csv")["rows"][0]["subject"] == "䶮𠮷公司"


def test_gbk_bytes_that_are_also_valid_utf8_are_decided_by_the_header(tmp_path: Path) -> None:
    schema = parse(
        'id = "s"\nname = "s"\nname_en = "s"\nsubject = "premises"\nkeys = ["a", "b"]\ntitles = []\n[kinds]\ndefault = "x"\n'
        '[[field]]\nname = "a"\ntype = "text"\nlabel = "a"\nlabel_en = "a"\nsynonyms = ["学校"]\n'
        '[[field]]\nname = "b"\ntype = "text"\nlabel = "b"\nlabel_en = "b"\nsynonyms = ["系统"]\n',
        "s.toml",
    )
    data = "学校,系统\n1,2\n".encode("gb18030")
    assert data.decode("utf-8"), "the bytes are valid UTF-8 too"
    (tmp_path / "r.csv").write_bytes(data)
    found = engine.read(tmp_path / "r.csv", [schema])
    assert [r.values for r in found.rows] == [{"a": "1", "b": "2"}]


def test_amounts(tmp_path: Path) -> None:
    head = "项目名称,主办银行,融资需求(亿元),授信金额,已投放金额\n"
    (tmp_path / "r.csv").write_text(
        "2024年白名单,,,,单位:万元\n" + head + '甲,工行,1.2,"8,000",3500万\n乙,建行,2,1.25亿,-\n', "utf-8"
    )
    rows = as_json(tmp_path / "r.csv")["rows"]
    assert [(r["need_wan"], r["credit_wan"], r["drawn_wan"]) for r in rows] == [
        (12000, 8000, 3500),
        (20000, 12500, None),
    ]
    assert rows[0]["bank"] == "工商银行"
    (tmp_path / "r.csv").write_text("项目名称,主办银行,融资需求\n甲,工行,1.2\n", "utf-8")
    assert "no unit" in as_json(tmp_path / "r.csv")["errors"][0]["reason"]


def test_a_correction_replaces_the_cell(tmp_path: Path) -> None:
    path = book(tmp_path, [[1, "甲", "路不通", "建设局", None, "尽快"]])
    reading = read(path, corrections={(4, "due"): "2024-06-01"})
    assert not reading.problems
    assert next(iter(reading.rows)).values["due"] == date(2024, 6, 1)


def test_interpreted_cells_say_the_rule(tmp_path: Path) -> None:
    row = next(iter(read(book(tmp_path, [[1, "甲", "路不通", "建 设 局", None, "4月底前"]])).rows))
    assert row.read["due"].text == "4月底前"
    assert "month" in row.read["due"].rule
    assert "spaces" in row.read["lead_unit"].rule


def test_files_that_cannot_be_read_say_why(tmp_path: Path) -> None:
    def refused(name: str, data: bytes) -> str:
        (tmp_path / name).write_bytes(data)
        with pytest.raises(Unreadable) as error:
            read(tmp_path / name)
        return str(error.value)

    assert "empty" in refused("a.xlsx", b"")
    assert "damaged" in refused("b.xlsx", b"PK\x03\x04 this is no archive")
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    assert "password" in refused("c.xlsx", ole + "EncryptedPackage".encode("utf-16-le"))
    assert "damaged" in refused("d.xls", ole)
    assert "neither" in refused("e.xlsx", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    assert "No row names" in refused("f.csv", "甲,乙\n1,2\n".encode())
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert "another kind" in refused("g.xlsx", packed.getvalue())


def test_a_bomb_is_not_opened(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(200):
                part.write(b"0" * (1 << 20))
    with pytest.raises(Unreadable, match="unpacks to"):
        read(tmp_path / "bomb.xlsx")


def test_fifty_megabytes_are_refused_by_their_size(tmp_path: Path) -> None:
    with (tmp_path / "big.xlsx").open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    with pytest.raises(Unreadable, match="50 MB"):
        read(tmp_path / "big.xlsx")
