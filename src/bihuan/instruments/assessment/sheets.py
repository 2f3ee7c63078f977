"""A scheme as a sheet that offices edit in Excel, and back: one line a rule, parts and items written once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from bihuan.engines.registers.sheets import Unreadable, open_sheets
from bihuan.engines.registers.values import text_of
from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.orgs.selectors import plain_name

HEADS = ("部分", "条线", "考核项", "分值", "规则", "指标", "扣分", "每年应有", "免扣", "满分线", "零分线", "编号")
KINDS = {"rate": "按比率", "missing": "缺项扣分", "each": "逐项扣分"}
NUMBERS = {"扣分": "points", "每年应有": "need", "免扣": "free", "满分线": "full", "零分线": "zero"}
ALL = "其他"
"""Stands in the sector column of the special part that is for all sectors without one of their own."""
MOST = 500


def rows(body: dict[str, Any]) -> Iterator[list[str]]:
    """The lines of a scheme. A part's and an item's words stand in their first line only."""
    for part in body["part"]:
        name, sectors = part["name"], ("、".join(part.get("sectors", ())) or ALL) if part.get("special") else ""
        for item in part["item"]:
            title, points, id_ = item["name"], str(item["points"]), item["id"]
            for rule in item.get("rule", ()) or [None]:
                told = (
                    [KINDS[rule["kind"]], rule["metric"], *(str(rule.get(k, "")) for k in NUMBERS.values())]
                    if rule
                    else [""] * 7
                )
                yield [name, sectors, title, points, *told, id_]
                name = sectors = title = points = id_ = ""


def read(path: Path, base: dict[str, Any]) -> dict[str, Any]:
    """The scheme of a sheet: head, vetoes and bonuses stay those of `base`, and so does what the sheet does not hold of parts and
    items that it names by their number. Refused with the row for what cannot be read."""
    try:
        for sheet in open_sheets(path):
            heads: dict[str, int] | None = None
            lines: list[tuple[int, dict[str, str]]] = []
            for number, cells in sheet.rows():
                if heads is None:
                    heads = _heads(cells)
                elif any(text_of(c) for c in cells):
                    lines.append((number, {h: text_of(cells[i]) if i < len(cells) else "" for h, i in heads.items()}))
            if heads is not None:
                return _body(lines, base)
    except Unreadable as error:
        params: dict[str, Any] = error.params
        raise Refused(error.message, field="file", **params) from None
    raise Refused(N_("No row names the columns 部分, 考核项, 分值, 规则, 指标."), field="file")


def _heads(cells: Sequence[Any]) -> dict[str, int] | None:
    found = {plain_name(text_of(c)): i for i, c in enumerate(cells)}
    return (
        {h: found[h] for h in HEADS if h in found} if {"部分", "考核项", "分值", "规则", "指标"} <= set(found) else None
    )


def _number(number: int, head: str, text: str) -> str:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite() or value < 0:
        raise Refused(
            N_("Row %(row)s: “%(text)s” is no number (%(name)s)."), field="file", row=number, text=text, name=head
        )
    return f"{value.normalize():f}"


def _body(lines: Sequence[tuple[int, dict[str, str]]], base: dict[str, Any]) -> dict[str, Any]:
    if len(lines) > MOST:
        raise Refused(N_("The sheet has more than %(n)s rows."), field="file", n=MOST)
    items = {i["id"]: i for p in base["part"] for i in p["item"]}
    named = {p["name"]: p for p in base["part"]}
    kinds = {v: k for k, v in KINDS.items()}
    parts: list[dict[str, Any]] = []
    for number, line in lines:
        if line["部分"] and (not parts or parts[-1]["name"] != line["部分"]):
            parts.append(_part(len(parts) + 1, line, named.get(line["部分"])))
        if not parts:
            raise Refused(N_("Row %(row)s: a part comes first."), field="file", row=number)
        if line["考核项"]:
            old = items.get(line.get("编号", ""), {})
            points = _number(number, "分值", line["分值"])
            made = {
                "id": old.get("id", f"own{number}"),
                "name": line["考核项"],
                "name_en": old["name_en"] if old.get("name") == line["考核项"] else line["考核项"],
                "points": points,
                "rule": [],
            }
            parts[-1]["item"].append({**({"method": old["method"]} if "method" in old else {}), **made})
        if not parts[-1]["item"]:
            raise Refused(N_("Row %(row)s: an item comes first."), field="file", row=number)
        if line["规则"]:
            if line["规则"] not in kinds:
                raise Refused(
                    N_("Row %(row)s: “%(text)s” is no rule; write 按比率, 缺项扣分 or 逐项扣分."),
                    field="file",
                    row=number,
                    text=line["规则"],
                )
            told = {k: _number(number, h, line[h]) for h, k in NUMBERS.items() if line.get(h)}
            whole = {k: int(Decimal(v)) if k in ("need", "free") else v for k, v in told.items()}
            parts[-1]["item"][-1]["rule"].append({"kind": kinds[line["规则"]], "metric": line["指标"], **whole})
    for part in parts:
        part["points"] = f"{sum((Decimal(i['points']) for i in part['item']), Decimal(0)):f}"
    return {**deepcopy(base), "part": parts}


def _part(n: int, line: dict[str, str], old: dict[str, Any] | None) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": old["id"] if old else f"part{n}",
        "name": line["部分"],
        "name_en": old["name_en"] if old else line["部分"],
        "item": [],
    }
    if sectors := line.get("条线", ""):
        made |= {
            "special": True,
            "sectors": []
            if sectors == ALL
            else [s for s in sectors.replace(",", "、").replace("，", "、").split("、") if s],
        }
    return made
