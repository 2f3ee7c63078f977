"""Reading bank statements: the head found by its words, each line a movement with a key of its own. Pure. Money in fen.

A line is named by the bank's serial number; where a bank gives none, by day, amount and balance, counted where lines are alike. The
digest is over everything, so that a line that came before and now reads otherwise shows.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from bihuan.kernel.domain.refusal import N_

from .schema import plain
from .sheets import Unreadable, open_sheets

SEARCHED = 30
"""Rows among which the head is looked for."""
MOST_FAILED = 200
_DIGITS = re.compile(r"[^\d.\-]")
_OUT = ("借", "支", "出", "付", "D")


@dataclass(frozen=True, slots=True)
class Movement:
    """A line: in above zero, out below; `line` as the sheet counts."""

    line: int
    key: str
    day: date
    amount: int
    balance: int | None
    payee: str
    summary: str
    digest: str


@dataclass
class Reading:
    """The lines, and a sentence for each that could not be read."""

    movements: list[Movement] = field(default_factory=list)
    failed: list[tuple[int, str, dict[str, Any]]] = field(default_factory=list)


def read(path: Path, heads: Mapping[str, Sequence[str]], going: Callable[[int], bool] | None = None) -> Reading:
    """The movements of a statement. Unreadable when no sheet has a day and amounts; `going` is told how many lines were read and
    stops by False."""
    words = {plain(w): name for name, given in heads.items() for w in given}
    for sheet in open_sheets(path):
        rows = sheet.rows()
        head = _head(rows, words)
        if head is not None:
            return _lines(rows, head, going)
    raise Unreadable(N_("No sheet has a head with a day and amounts (such as 交易日期, 收入, 支出)."))


def _head(rows: Iterator[tuple[int, list[Any]]], words: Mapping[str, str]) -> dict[str, int] | None:
    """Which column is what, from the first row that says enough; the rows go on behind it."""
    for n, cells in rows:
        found: dict[str, int] = {}
        for i, cell in enumerate(cells):
            name = words.get(plain(str(cell)))
            if name is not None:
                found.setdefault(name, i)
        if "moment" not in found and "time" in found:
            found["moment"] = found.pop("time")
        if "moment" in found and ("amount" in found or {"in", "out"} <= set(found)):
            return found
        if n >= SEARCHED:
            return None
    return None


def _lines(
    rows: Iterator[tuple[int, list[Any]]], head: Mapping[str, int], going: Callable[[int], bool] | None
) -> Reading:
    found = Reading()
    alike: Counter[tuple[date, int, int | None]] = Counter()
    for n, cells in rows:
        if going is not None and n % 5_000 == 0 and not going(n):
            return found

        def cell(name: str, cells: list[Any] = cells) -> Any:
            i = head.get(name)
            return cells[i] if i is not None and i < len(cells) else ""

        if all(c in ("", None) for c in cells):
            continue
        day = day_of(cell("moment"))
        amount = _amount(cell("in"), cell("out"), cell("amount"), cell("sign"))
        if day is None or amount is None:
            if not (day is None and amount is None) and len(found.failed) < MOST_FAILED:
                what = (
                    N_("Line %(line)s: %(text)s is no day.")
                    if day is None
                    else N_("Line %(line)s: no amount stands here.")
                )
                found.failed.append((n, what, {"line": n, "text": str(cell("moment"))[:30]}))
            continue  # a line of totals or a footer has neither
        balance = fen_of(cell("balance"))
        payee, summary = str(cell("payee") or "").strip()[:120], str(cell("summary") or "").strip()[:200]
        serial = str(cell("serial") or "").strip()
        if serial:
            key = f"n:{serial}"[:64]
        else:
            alike[day, amount, balance] += 1
            key = f"d:{day.isoformat()}:{amount}:{balance}:{alike[day, amount, balance]}"[:64]
        told = f"{day}|{amount}|{balance}|{payee}|{summary}"
        digest = hashlib.sha256(told.encode()).hexdigest()[:16]
        found.movements.append(Movement(n, key, day, amount, balance, payee, summary, digest))
    return found


def day_of(value: Any) -> date | None:
    """A day as statements write it: 2024-04-30, 2024/4/30, 20240430, with or without a time; None for anything else."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, float):
        value = int(value)
    text = str(value).strip()
    parts = re.split(r"[-/.年月日 T]+", text)
    try:
        if len(parts[0]) == 8 and parts[0].isdigit():
            return date(int(parts[0][:4]), int(parts[0][4:6]), int(parts[0][6:]))
        return date(int(parts[0]), int(parts[1]), int(parts[2]))
    except (ValueError, IndexError):
        return None


def fen_of(value: Any) -> int | None:
    """An amount in 元 as fen; None where none stands."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return round(value * 100)
    text = _DIGITS.sub("", str(value).replace("—", "-"))
    if not re.fullmatch(r"-?\d+(\.\d+)?", text):
        return None
    whole, _, part = text.lstrip("-").partition(".")
    fen = int(whole) * 100 + round(int((part + "00")[:3].ljust(3, "0")) / 10)
    return -fen if text.startswith("-") else fen


def _amount(come: Any, go: Any, amount: Any, sign: Any) -> int | None:
    inward, outward = fen_of(come), fen_of(go)
    if inward or outward:
        return (inward or 0) - abs(outward or 0)
    found = fen_of(amount)
    if found is None:
        return None
    return -abs(found) if str(sign).strip()[:1] in _OUT else found
