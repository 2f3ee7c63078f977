"""Bank statements of any habit become movements with a key of their own."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from bihuan.engines.registers.sheets import Unreadable
from bihuan.engines.registers.statements import day_of, fen_of, read
from bihuan.mechanisms.financing.catalogue import heads


def csv(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "对账单.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_income_and_expense_in_two_columns_below_a_preamble(tmp_path: Path) -> None:
    text = '某银行对账单,,,,\n户名:示例,,,,\n交易日期,交易流水号,借方发生额,贷方发生额,余额,对方户名,摘要\n2024-04-01,A1,,"1,000,000.00","1,000,000.00",中国银行,放款\n20240403,A2,250000.5,,749999.5,示例总包公司,工程款\n合计,,250000.5,1000000,,,\n'
    found = read(csv(tmp_path, text, "gbk"), heads())
    assert [(m.day, m.amount, m.balance, m.payee, m.key) for m in found.movements] == [
        (date(2024, 4, 1), 100_000_000, 100_000_000, "中国银行", "n:A1"),
        (date(2024, 4, 3), -25_000_050, 74_999_950, "示例总包公司", "n:A2"),
    ]
    assert [line for line, _, _ in found.failed] == [6]


def test_one_amount_with_a_sign_and_no_serial_numbers(tmp_path: Path) -> None:
    path = tmp_path / "流水.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    for r, row in enumerate(
        [
            ["记账日期", "借贷标志", "交易金额", "账户余额", "对方单位名称"],
            ["2024/4/1", "贷", 100.1, 100.1, "甲"],
            ["2024/4/1", "借", 50, 50.1, "乙"],
            ["2024/4/1", "借", 50, 50.1, "乙"],
        ]
    ):
        sheet.write_row(r, 0, row)
    book.close()
    found = read(path, heads())
    assert [m.amount for m in found.movements] == [10_010, -5_000, -5_000]
    assert len({m.key for m in found.movements}) == 3
    assert not found.failed


def test_a_changed_line_has_the_same_key_and_another_digest(tmp_path: Path) -> None:
    head = "交易日期,流水号,收入,支出,余额,对方户名\n"
    old = read(csv(tmp_path, head + "2024-04-01,A1,10,,10,甲\n"), heads()).movements[0]
    new = read(csv(tmp_path, head + "2024-04-01,A1,10,,10,乙\n"), heads()).movements[0]
    assert old.key == new.key
    assert old.digest != new.digest


def test_what_is_no_statement_says_so(tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        read(csv(tmp_path, "项目,进度\n甲,50%\n"), heads())


@pytest.mark.parametrize(
    ("text", "fen"), [("1,234.56", 123_456), ("-0.01", -1), ("¥ 3", 300), (2.675, 268), ("", None), ("—", None), ("abc", None), ("1.005", 100), (0, 0)]
)  # fmt: skip
def test_amounts_become_fen(text: object, fen: int | None) -> None:
    assert fen_of(text) == fen


@pytest.mark.parametrize(
    ("text", "day"),
    [("2024-04-30 10:11:12", date(2024, 4, 30)), ("20240430", date(2024, 4, 30)), ("2024年4月30日", date(2024, 4, 30)), (20240430.0, date(2024, 4, 30)), ("2024-13-01", None), ("合计", None)],
)  # fmt: skip
def test_days_are_read_as_statements_write_them(text: object, day: date | None) -> None:
    assert day_of(text) == day
