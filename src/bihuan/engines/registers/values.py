"""Amounts, ticks, grades and names of units, as offices write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from bihuan.kernel.domain.refusal import N_

from .dates import Misread, Read

YES = frozenset(
    "是 √ ✓ ✔ V Y YES 对 有 1 已办结 已整改 已完成 完成 办结 已解决 已销号 销号 销案 复查合格 合格 已办理 整改完成 已整改完毕".split()
)
NO = frozenset("否 × ✗ ✘ X N NO 未 无 0 - / 未办结 未整改 整改中 推进中 办理中 进行中 未完成 逾期未整改 未解决".split())
GRADES = {"一般": "general", "较大": "serious", "重大": "major"}
NOTHING = frozenset("- / \\ — —— – 无 暂无 〇".split()) | {""}
SCALE = {"元": Decimal(1) / 10000, "万": Decimal(1), "万元": Decimal(1), "亿": Decimal(10000), "亿元": Decimal(10000)}
AMOUNT = re.compile(r"^(?:约|共|合计)?(-?\d+(?:\.\d+)?)(亿元|万元|亿|万|元)?(?:人民币)?$")
SEPARATORS = re.compile(r"[、;,/|\n\r+&]+")
ORGANISATION = re.compile(r"(局|办|处|公司|队|委|银行|中心|部|院|所|会|站|厅|政府|乡|镇|街道|社区|管委会|法院|集团)$")
JOINED = re.compile(r"(?<=[局办处司队委行心部院所会站厅府乡镇])(?:和|及|与|以及)")
MAX_DIGITS = 15


def text_of(value: Any) -> str:
    """A cell as text: numbers without a spurious decimal, dates in ISO form."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, float) and value == int(value) and abs(value) < 10**MAX_DIGITS:
        return str(int(value))
    return "" if value is None else str(value)


def undamaged(value: Any) -> Any:
    """The value, unless it is a number so long that the sheet has already lost digits of it."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= 10**MAX_DIGITS:
        raise Misread(
            N_("The sheet keeps this long number as a figure and has lost its last digits; enter it as text.")
        )
    return value


def read_tick(value: Any) -> Read:
    """Closed or not. Misread when the words say neither."""
    if isinstance(value, bool):
        return Read(value)
    text = "".join(unicodedata.normalize("NFKC", text_of(value)).split()).upper()
    if text in NO or not text or text in NOTHING:
        return Read(False)
    if text in YES:
        return Read(True)
    if re.search(r"未|中|逾期|推进|正在|部分|待", text):
        return Read(False, None, N_("the words say not yet"))
    if re.search(r"已|完成|办结|合格|销", text):
        return Read(True, None, N_("the words say done"))
    raise Misread(N_("It is not clear whether this is closed."))


def read_grade(value: Any) -> Read:
    """general, serious or major; general when the cell is blank."""
    text = "".join(text_of(value).split())
    if not text:
        return Read("general", None, N_("no grade given: taken as general"))
    for word, grade in GRADES.items():
        if word in text:
            return Read(grade)
    raise Misread(N_("Unknown grade; it is one of 一般, 较大, 重大."))


def read_amount(value: Any, unit: str) -> Read:
    """An amount in 万元 (int when whole, else Decimal). `unit` is what the header or the sheet states, or empty."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _scaled(Decimal(str(value)), unit)
    text = "".join(unicodedata.normalize("NFKC", text_of(value)).split()).replace(",", "")
    if text in NOTHING:
        return Read()
    match = AMOUNT.match(text)
    if not match:
        raise Misread(N_("This is not an amount of money."))
    try:
        number = Decimal(match[1])
    except InvalidOperation:
        raise Misread(N_("This is not an amount of money.")) from None
    own = match[2] or ""
    read = _scaled(number, own or unit)
    rule = N_("converted to 万元") if own and SCALE[own] != 1 else ""
    return Read(read.value, None, rule)


def _scaled(number: Decimal, unit: str) -> Read:
    if unit not in SCALE:
        raise Misread(N_("The amount has no unit, and the sheet does not state one."))
    if number < 0:
        raise Misread(N_("The amount is negative."))
    scaled = number * SCALE[unit]
    value: Any = int(scaled) if scaled == scaled.to_integral_value() else scaled.normalize()
    return Read(value, None, "" if SCALE[unit] == 1 else N_("converted to 万元"))


def split_units(value: Any, known: Callable[[str], bool], aliases: Mapping[str, str]) -> Read:
    """The names of units in one cell, in order, without doubles; short names in full."""
    text = unicodedata.normalize("NFKC", text_of(value)).strip()
    rule = ""
    if text in NOTHING:
        return Read([])
    bare = re.sub(r"\([^()]*\)", "", text)
    if bare != text:
        rule = N_("words in brackets left out")
    names = []
    for part in SEPARATORS.split(bare):
        for piece in JOINED.split(part):
            names.extend(_by_space(piece.strip(), known))
    out: list[str] = []
    for name in names:
        name = re.sub(r"^(牵头|责任|配合|主办|协办)(单位|部门)?:", "", name)
        full = aliases.get(name, name)
        if full != name:
            rule = N_("short name in full")
        if full and full not in out:
            out.append(full)
    if not rule and any(" " in p.strip() for p in SEPARATORS.split(bare)):
        rule = N_("spaces inside a name left out")
    return Read(out, None, rule)


def _by_space(text: str, known: Callable[[str], bool]) -> list[str]:
    """White space separates units only where every piece looks like a unit; otherwise it is decoration."""
    pieces = text.split()
    if len(pieces) < 2:
        return pieces
    whole = "".join(pieces)
    if not known(whole) and all(len(p) > 2 and (known(p) or ORGANISATION.search(p)) for p in pieces):
        return pieces
    return [whole]
