"""Figures of past years from a sheet: 年度、季度、分类、名称、起火数、死亡、受伤、直接财产损失(万元)、较大以上. Refused with row and column;
all rows are taken or none, and again the same changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.db import transaction

from bihuan.engines.registers.sheets import Unreadable, open_sheets
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.money import FEN_OF_WAN
from bihuan.kernel.domain.refusal import N_, Refused, must
from bihuan.kernel.domain.state import Event
from bihuan.kernel.ledger.services import note
from bihuan.kernel.orgs.selectors import plain_name

from .incidents import registers
from .models import PastFigure
from .situation import names

HEADS = {
    "year": ("年度", "年份"), "quarter": ("季度",), "dimension": ("分类", "口径"), "key": ("名称", "类别"), "fires": ("起火数", "火灾起数", "起数"),
    "dead": ("死亡", "死亡人数"), "hurt": ("受伤", "受伤人数"), "loss": ("直接财产损失(万元)", "直接财产损失", "损失(万元)"), "larger": ("较大以上", "较大以上火灾"),
}  # fmt: skip
NEEDED = ("year", "fires", "dead", "hurt", "loss")
DIMENSIONS = {
    "合计": "whole",
    "总数": "whole",
    "": "whole",
    "乡镇": "territory",
    "乡镇办": "territory",
    "区域": "area",
    "对象": "object",
    "场所": "place",
    "原因": "cause",
    "时段": "band",
}
SAMPLE = [
    [h[0] for h in HEADS.values()],
    ["2025", "1", "合计", "", "12", "0", "1", "35.2", "0"],
    ["2025", "1", "原因", "电气", "5", "0", "0", "20", "0"],
]
"""A sheet as it is understood."""
QUARTERS = {
    "": 0,
    "全年": 0,
    "0": 0,
    **{str(n): n for n in range(1, 5)},
    **{f"第{c}季度": n for n, c in enumerate("一二三四", 1)},
}
MOST = 5_000


@dataclass(frozen=True)
class Taken:
    """What became of a sheet."""

    new: int
    changed: int
    same: int


def _heads(row: list[Any]) -> dict[str, int] | None:
    found = {}
    for i, cell in enumerate(row):
        text = plain_name(str(cell or ""))
        for name, words in HEADS.items():
            if text in {plain_name(w) for w in words}:
                found[name] = i
    return found if all(n in found for n in NEEDED) else None


def read(path: Path) -> list[dict[str, Any]]:
    """The rows of the first sheet that has the head. Refused with row and column for what cannot be read."""
    try:
        sheets = open_sheets(path)
        for sheet in sheets:
            heads: dict[str, int] | None = None
            rows = []
            for number, cells in sheet.rows():
                if heads is None:
                    heads = _heads(cells)
                elif any(str(c or "").strip() for c in cells):
                    rows.append(_row(number, {k: cells[i] if i < len(cells) else "" for k, i in heads.items()}))
                if len(rows) > MOST:
                    raise Refused(N_("The sheet has more than %(n)s rows."), field="file", n=MOST)
            if heads is not None:
                return rows
    except Unreadable as error:
        params: dict[str, Any] = error.params
        raise Refused(error.message, field="file", **params) from None
    raise Refused(N_("No row names the columns 年度, 起火数, 死亡, 受伤, 直接财产损失(万元)."), field="file")


def _row(number: int, cells: dict[str, Any]) -> dict[str, Any]:
    def text(name: str) -> str:
        value = cells.get(name, "")
        return str(int(value)) if isinstance(value, float) and value == int(value) else str(value or "").strip()

    def figure(name: str, scale: int = 1) -> int:
        try:
            value = Decimal(text(name).replace(",", "") or "0") * scale
        except InvalidOperation:
            value = Decimal(-1)
        if not value.is_finite() or value < 0 or value != int(value) or value > 10**15:
            raise Refused(
                N_("Row %(row)s: “%(text)s” is no number (%(name)s)."),
                field="file",
                row=number,
                text=text(name),
                name=HEADS[name][0],
            )
        return int(value)

    year, quarter, dimension = figure("year"), QUARTERS.get(text("quarter")), DIMENSIONS.get(text("dimension"))
    if not 1990 <= year <= 2100 or quarter is None or dimension is None:
        raise Refused(N_("Row %(row)s: year, quarter or class cannot be read."), field="file", row=number)
    key = ""
    if dimension != "whole":
        by_name = {plain_name(n): k for k, (n, _en) in names()[dimension].items()} | {k: k for k in names()[dimension]}
        found = by_name.get(plain_name(text("key")))
        if found is None:
            raise Refused(
                N_("Row %(row)s: “%(text)s” is not known in this class."), field="file", row=number, text=text("key")
            )
        key = found
    return {
        "year": year, "quarter": quarter, "dimension": dimension, "key": key, "fires": figure("fires"), "dead": figure("dead"), "hurt": figure("hurt"),
        "loss": figure("loss", FEN_OF_WAN), "larger": figure("larger") if "larger" in cells else 0,
    }  # fmt: skip


@transaction.atomic
def take(*, viewer: Viewer, path: Path, name: str, at: datetime) -> Taken:
    """Take a sheet over. Refused for other units, and for years that the register of fires itself covers up to today."""
    must(registers(viewer))
    rows = read(path)
    if any(r["year"] > local_day(at).year for r in rows):
        raise Refused(N_("This lies in the future."), field="file")
    counted = {"new": 0, "changed": 0, "same": 0}
    for row in rows:
        at_ = {k: row[k] for k in ("year", "quarter", "dimension", "key")}
        told = {k: row[k] for k in ("fires", "dead", "hurt", "loss", "larger")}
        have, fresh = PastFigure.objects.get_or_create(**at_, defaults=told)
        if fresh:
            counted["new"] += 1
        elif any(getattr(have, k) != v for k, v in told.items()):
            PastFigure.objects.filter(pk=have.pk).update(**told)
            counted["changed"] += 1
        else:
            counted["same"] += 1
    happened = Event(
        "PastFiguresTaken", at, viewer.person.username, min(viewer.acting), {"file": name, **counted, "rows": rows}
    )
    note(stream="situation:past", event=happened, at=at)
    return Taken(**counted)
