"""How a read row becomes a matter, and what differs when it comes again. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import SequenceMatcher
from typing import Any

from bihuan.kernel.domain.clocks import Limit

NUMBER = "闭环编号"
"""The column of our own exports that names the matter of a row."""
ALIKE = 0.6
"""From which likeness on an edited text counts as the same entry (SequenceMatcher ratio)."""


def squeeze(text: str) -> str:
    """A text without white space, as keys compare it."""
    return "".join(str(text).split())


def key_of(register: str, parts: Sequence[str]) -> str:
    """The key of an entry: what makes it the same entry in the next edition of the register."""
    return hashlib.sha256("\x1f".join([register, *map(squeeze, parts)]).encode()).hexdigest()


def series_of(register: str, title: str, unit: str) -> str:
    """Which register this is: titles differ from edition to edition only by numbers and dates."""
    bare = re.sub(r"[\d〇零一二三四五六七八九十第次期季度年月日()()\s]+", "", title)
    return hashlib.sha256(f"{register}\x1f{bare}\x1f{unit}".encode()).hexdigest()


@dataclass(frozen=True)
class Draft:
    """The matter that a row asks for. Names of units are as read; `limit` None leaves it to the kind."""

    kind: str
    subject: str
    title: str
    description: str
    lead: str
    supporting: tuple[str, ...]
    limit: Limit | None
    raised_on: date | None
    progress: str
    closed: bool
    done: date | None = None
    """The day on which it was done, as far as the register says."""


def draft(register: str, kinds: Mapping[str, str], values: Mapping[str, Any], done: date | None = None) -> Draft:
    """What a row of a register asks for."""
    if register == "financing":
        return replace(_financing(kinds, values), done=done)
    text = str(values["description"])
    due, note = values.get("due"), values.get("due_note")
    limit = Limit("date", until=due) if due else Limit("open") if note else None
    return Draft(
        kind=kinds.get(values.get("grade") or "", kinds["default"]),
        subject=values["subject"],
        title=text if len(text) <= 60 else text[:59] + "…",
        description=text,
        lead=values.get("lead_unit") or "",
        supporting=tuple(values.get("supporting_units") or ()),
        limit=limit,
        raised_on=values.get("raised_on"),
        progress=values.get("progress") or "",
        closed=bool(values.get("closed")),
        done=done,
    )


def _financing(kinds: Mapping[str, str], values: Mapping[str, Any]) -> Draft:
    need, credit, drawn = values.get("need_wan"), values.get("credit_wan"), values.get("drawn_wan")
    parts = [
        f"{label}{amount}万元"
        for label, amount in (("融资需求", need), ("已授信", credit), ("已投放", drawn))
        if amount is not None
    ]
    facts = [f"开发企业:{values['developer']}"] if values.get("developer") else []
    problem = values.get("problem") or ""
    return Draft(
        kind=kinds["default"],
        subject=values["subject"],
        title=(problem or f"{values.get('bank') or ''}融资{need}万元")[:60],
        description=";".join(p for p in [problem, *facts, parts[0] if parts else ""] if p),
        lead=values.get("bank") or "",
        supporting=(),
        limit=None,
        raised_on=values.get("pushed_on"),
        progress=",".join(parts[1:]),
        closed=bool(need and drawn is not None and drawn >= need),
    )


@dataclass(frozen=True)
class Change:
    """One field that an edition of the register says differently."""

    field: str
    before: Any
    after: Any


def plain_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as JSON keeps them, to be compared with those of the next edition."""
    return {k: v if v is None or isinstance(v, str | bool | int | list) else str(v) for k, v in values.items()}


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The fields that differ. `raised_on` follows the filing day where the sheet has no such column, so it is not one."""
    return [Change(k, before.get(k), v) for k, v in after.items() if k != "raised_on" and before.get(k) != v]


@dataclass
class Known:
    """An entry of an earlier edition."""

    key: str
    values: dict[str, Any]
    matter: int
    taken: bool = field(default=False)


def same_entry(values: Mapping[str, Any], keys: Sequence[str], earlier: Sequence[Known]) -> Known | None:
    """The earlier entry that this one is, after its key fields were edited: one of them unchanged, the other alike."""
    best: tuple[float, Known] | None = None
    for known in earlier:
        if known.taken:
            continue
        likeness = [
            SequenceMatcher(None, squeeze(values.get(k) or ""), squeeze(known.values.get(k) or "")).ratio()
            for k in keys
        ]
        score = sum(likeness) / len(likeness)
        if 1.0 in likeness and min(likeness) >= ALIKE and (best is None or score > best[0]):
            best = (score, known)
    return best[1] if best else None
