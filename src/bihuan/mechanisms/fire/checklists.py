"""What is looked at on an inspection: the items of a premises' labels only. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Item:
    """An item: `spot` when it can usually be corrected at once; `measure` names what is measured when it fails."""

    id: str
    text: str
    text_en: str
    group: str
    labels: tuple[str, ...]
    facts: tuple[str, ...]
    spot: bool
    measure: str
    basis: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Checklists:
    """All items, and the names of their groups as (Chinese, English)."""

    items: Mapping[str, Item]
    groups: Mapping[str, tuple[str, str]]

    def of(self, labels: Collection[str], facts: Mapping[str, Any]) -> list[Item]:
        """The items for premises with these labels and facts, group by group."""
        order = list(self.groups)
        found = [
            i for i in self.items.values()
            if ("*" in i.labels or any(x in labels for x in i.labels)) and all(facts.get(f) for f in i.facts)
        ]  # fmt: skip
        return sorted(found, key=lambda i: order.index(i.group))


@cache
def shipped(path: Path) -> Checklists:
    """The catalogue's checklists."""
    data = tomllib.loads(path.read_text("utf-8"))
    groups = {g["id"]: (g["name"], g["name_en"]) for g in data["group"]}
    items = {
        i["id"]: Item(
            i["id"],
            i["text"],
            i["text_en"],
            i["group"],
            tuple(i["labels"]),
            tuple(i.get("facts", ())),
            i.get("spot", False),
            i.get("measure", ""),
            i["basis"],
            i["confirmed"],
        )
        for i in data["item"]
    }
    if unknown := {i.group for i in items.values()} - set(groups):
        raise ValueError(f"{path.name}: no such group {min(unknown)!r}")
    return Checklists(items, groups)
