"""Dates of every habit. A date is read, never guessed: what has no year takes the year that the sheet itself states."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from bihuan.kernel.domain.refusal import N_

FIRST, LAST = date(2000, 1, 1), date(2100, 12, 31)


class Calendar(Protocol):
    """What is needed of a calendar of working days."""

    def add(self, start: date, n: int) -> date:
        """The n-th working day after start."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """What a sheet says beside the cell: `base` the day a period counts from, `as_of` the filing day, `year` its year."""

    base: date | None = None
    as_of: date | None = None
    year: int | None = None
    calendar: Calendar | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """How a cell was read. `note` keeps words such as 立行立改; `rule` is set when the reading was an interpretation."""

    value: Any = None
    note: str | None = None
    rule: str = ""


class Misread(ValueError):
    """The cell cannot be read; the message says why."""


DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
AT_ONCE = re.compile(r"立行立改|立即|当场|现场整改|即知即改|马上|即时|当日|当天")
ONGOING = re.compile(r"长期|持续|常态|常年|长效|不定期|全年")
PERIOD = re.compile(
    r"^(?:在)?(\d+|半)(?:个)?(工作日|个工作日|日|天|小时|周|星期|月|年)(?:之)?(?:内|以内)?(?:完成|整改|办结)?$"
)
FULL = re.compile(r"^(\d{4}|\d{2})\s*[年./\-]\s*(\d{1,2})\s*[月./\-]\s*(\d{1,2})\s*[日号]?(?:\d{2}:\d{2}(?::\d{2})?)?$")
PACKED = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
MONTH = re.compile(r"^(?:(\d{4})年|(今年|明年|本年))?(\d{1,2})月(份|底|末|上旬|中旬|下旬|初|中)?$")
YEAR_MONTH = re.compile(r"^(\d{4})[./\-](\d{1,2})$")
DAY = re.compile(r"^(?:(今年|明年|本年))?(\d{1,2})[月./\-](\d{1,2})[日号]?$")
WEEK = re.compile(r"^(本|这|下|下下)(?:个)?(?:周|星期|礼拜)([一二三四五六日天1-7])?(?:末)?$")
SEASON = re.compile(r"^(?:(\d{4})年)?(?:第)?([1-4])季度(?:底|末)?$")
YEAR_END = re.compile(r"^(?:(\d{4})年|(今|本|明))?年?(年?底|年?末|上半年|下半年)$")
MONTH_END = re.compile(r"^(本|这|下)(?:个)?月(底|末)?$")
TAIL = re.compile(r"(?:之前|以前|前|之内|以内|止|为止|完成|办结|整改完毕|整改完成|整改到位)+$")
RANGE = re.compile(r"至|到|~|—+|–|--")


def ascii_text(text: str) -> str:
    """NFKC, no white space inside, Chinese numerals as digits."""
    text = "".join(unicodedata.normalize("NFKC", text).split())
    return re.sub(r"[〇零一二三四五六七八九十两]+", lambda m: _number(m.group()), text)


def _number(text: str) -> str:
    if "十" not in text:
        return "".join(str(DIGITS[c]) for c in text)
    tens, _, ones = text.partition("十")
    return (
        str((DIGITS[tens] if tens else 1) * 10 + (DIGITS[ones] if ones else 0))
        if len(tens) < 2 and len(ones) < 2
        else text
    )


def to_date(year: int, month: int, day: int) -> date:
    """A date that exists and could be true. Misread otherwise."""
    if not 1 <= month <= 12:
        raise Misread(N_("There is no such month."))
    if not 1 <= day <= monthrange(year, month)[1]:
        raise Misread(N_("There is no such day in that month."))
    found = date(year, month, day)
    if not FIRST <= found <= LAST:
        raise Misread(N_("This date could never be true."))
    return found


def read_date(value: Any, context: Context, *, due: bool) -> Read:
    """Read a cell as a day (`due` False) or as a due date. Misread says why not."""
    if value is None or value == "":
        return Read()
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return Read(to_date(value.year, value.month, value.day))
    if isinstance(value, bool | timedelta):
        raise Misread(N_("This is not a date."))
    if isinstance(value, int | float):
        return _from_number(float(value))
    text = ascii_text(str(value))
    if not text or text in "-/\\无":
        return Read()
    if due:
        if AT_ONCE.search(text):
            return Read(_base(context), str(value).strip(), N_("at once: the day it was raised"))
        if ONGOING.search(text):
            return Read(None, str(value).strip(), N_("no end: kept up continuously"))
    found = _one(text, context, due)
    if found is None:
        found = _range(text, context, due)
    if found is None:
        raise Misread(N_("This is not a date."))
    return found


def _from_number(number: float) -> Read:
    if number == int(number):
        packed = PACKED.match(str(int(number)))
        if packed:
            return Read(to_date(*(int(g) for g in packed.groups())), None, N_("eight digits: year, month, day"))
        if 36526 <= number <= 73415:
            return Read(date(1899, 12, 30) + timedelta(days=int(number)), None, N_("serial number of the sheet"))
    raise Misread(N_("A bare number is not a date; write month and day as text."))


def _base(context: Context) -> date:
    base = context.base or context.as_of
    if base is None:
        raise Misread(N_("It counts from a day that the sheet does not state."))
    return base


def _year(context: Context, word: str | None = None) -> int:
    if word in ("今年", "本年", "今", "本", "明年", "明"):
        base = context.as_of or context.base
        year = base.year if base else context.year
        if year is None:
            raise Misread(N_("The year is missing, and the sheet does not state it."))
        return year + (word in ("明年", "明"))
    if context.year is None:
        raise Misread(N_("The year is missing, and the sheet does not state it."))
    return context.year


def _one(text: str, context: Context, due: bool) -> Read | None:
    bare = TAIL.sub("", text)
    cut = bare != text
    if m := FULL.match(bare):
        year = int(m[1]) + (2000 if len(m[1]) == 2 else 0)
        rule = N_("two-digit year") if len(m[1]) == 2 else N_("words after the date left out") if cut else ""
        return Read(to_date(year, int(m[2]), int(m[3])), None, rule)
    if m := PACKED.match(bare):
        return Read(to_date(int(m[1]), int(m[2]), int(m[3])))
    if m := DAY.match(bare):
        return Read(to_date(_year(context, m[1]), int(m[2]), int(m[3])), None, N_("year of the sheet"))
    if (m := PERIOD.match(text)) and due:
        return _period(m[1], m[2], context)
    return _loose(bare, context) if due else None


def _period(n: str, unit: str, context: Context) -> Read:
    start = _base(context)
    number = 0 if n == "半" else int(n)
    if number > 3660:
        raise Misread(N_("This date could never be true."))
    if unit.endswith("工作日"):
        if context.calendar is None:
            raise Misread(N_("Working days need a calendar."))
        return Read(context.calendar.add(start, number), None, N_("working days after it was raised"))
    if unit in ("月", "年"):
        months = {"半": 6}.get(n, number * 12) if unit == "年" else number
        if n == "半" and unit == "月":
            return Read(start + timedelta(days=15), None, N_("days after it was raised"))
        index = start.year * 12 + start.month - 1 + months
        year, month = divmod(index, 12)
        return Read(
            to_date(year, month + 1, min(start.day, monthrange(year, month + 1)[1])),
            None,
            N_("months after it was raised"),
        )
    days = {"小时": -(-number // 24), "周": number * 7, "星期": number * 7}.get(unit, number)
    return Read(start + timedelta(days=days), None, N_("days after it was raised"))


def _loose(text: str, context: Context) -> Read | None:
    if (m := MONTH.match(text)) or (m := YEAR_MONTH.match(text)):
        groups = m.groups()
        year = int(groups[0]) if groups[0] else _year(context, groups[1])
        month, part = (int(groups[1]), None) if len(groups) == 2 else (int(groups[2]), groups[3])
        if not 1 <= month <= 12:
            raise Misread(N_("There is no such month."))
        last = {"上旬": 10, "初": 10, "中旬": 20, "中": 20}.get(part or "", monthrange(year, month)[1])
        return Read(to_date(year, month, last), None, N_("end of that month or part of it"))
    if m := WEEK.match(text):
        base = context.as_of or context.base
        if base is None:
            raise Misread(N_("It counts from a day that the sheet does not state."))
        day = "1234567".index({"日": "7", "天": "7"}.get(m[2], m[2])) if m[2] else 4
        monday = base - timedelta(days=base.weekday()) + timedelta(weeks={"下": 1, "下下": 2}.get(m[1], 0))
        return Read(monday + timedelta(days=day), None, N_("weekday counted from the filing day"))
    if m := SEASON.match(text):
        year, month = int(m[1]) if m[1] else _year(context), int(m[2]) * 3
        return Read(to_date(year, month, monthrange(year, month)[1]), None, N_("end of the quarter"))
    if m := MONTH_END.match(text):
        base = context.as_of or context.base
        if base is None:
            raise Misread(N_("It counts from a day that the sheet does not state."))
        year, month = divmod(base.year * 12 + base.month - 1 + (m[1] == "下"), 12)
        return Read(date(year, month + 1, monthrange(year, month + 1)[1]), None, N_("end of that month or part of it"))
    if m := YEAR_END.match(text):
        year = int(m[1]) if m[1] else _year(context, m[2])
        return Read(
            date(year, 6, 30) if m[3] == "上半年" else date(year, 12, 31), None, N_("end of the year or half-year")
        )
    return None


def _range(text: str, context: Context, due: bool) -> Read | None:
    parts = RANGE.split(text)
    if len(parts) != 2 and text.count("-") == 1:
        parts = text.split("-")
    if len(parts) != 2 or not all(parts):
        return None
    begin = _one(TAIL.sub("", parts[0]), context, due)
    if begin is None or begin.value is None:
        return None
    end_text, start = TAIL.sub("", parts[1]), begin.value
    if m := re.match(r"^(\d{1,2})[日号]?$", end_text):
        end: date = to_date(start.year, start.month, int(m[1]))
    else:
        year = context.year if context.year is not None else start.year
        read = _one(end_text, Context(context.base, context.as_of, year, context.calendar), due)
        if read is None or read.value is None:
            return None
        end = read.value
    if end < start:
        raise Misread(N_("The range ends before it begins."))
    return Read(end, None, N_("end of the range"))
