"""The approval catalogue: items, what they need first, for whom they apply, what they rest on. Pure.

Days are working days. A need is one group of a conjunction: `A08/A06` any of them, `P02~` may be promised or handed in later,
`A05(CH)` only for that type of project. A milestone is a gate with needs and no office.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from bihuan.kernel.domain.kinds import BadCatalogue

ALL = "ALL"
OWNER = "owner"
"""The department that stands for the builder itself."""
OPERATORS = ("=", "!=", ">", ">=", "has")
MOST_ID = 12
"""Letters of a department's id: it becomes part of a role in files."""
MARKS = ("confirmed", "recalled", "placeholder")
_MEMBER = re.compile(r"([A-Z]+\d*)(?:\(([A-Z,]+)\))?")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the catalogue with its two names."""

    id: str
    name: str
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class Stage(Word):
    """A stage and the department that leads it."""

    lead: str = ""


@dataclass(frozen=True, slots=True)
class Department(Word):
    """A department; `function` names the function whose unit answers for it, empty for the builder."""

    function: str = ""


@dataclass(frozen=True, slots=True)
class ProjectType(Word):
    """A type of project with the working days that its stages may take."""

    quota: Mapping[str, int] = field(default_factory=dict)
    quota_mark: str = "placeholder"


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that is asked: `type` is flag, number, choice or set; `choices` as (id, Chinese, English)."""

    id: str
    name: str
    name_en: str
    type: str
    default: Any
    unit: str = ""
    choices: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on one fact."""

    fact: str
    op: str
    value: Any

    def holds(self, found: Any) -> bool:
        """Whether the fact's value meets it."""
        if self.op == "has":
            return self.value in found
        if self.op in ("=", "!="):
            return bool((found == self.value) == (self.op == "="))
        return bool(found > self.value or (self.op == ">=" and found == self.value))


@dataclass(frozen=True, slots=True)
class Need:
    """One group: any of `members`, each with the types it is needed for (none: all). `later`: may follow afterwards."""

    members: tuple[tuple[str, frozenset[str]], ...]
    later: bool = False

    def ids(self, type_: str) -> tuple[str, ...]:
        """The members for a type of project; empty when the group does not concern it."""
        return tuple(i for i, types in self.members if not types or type_ in types)

    def __str__(self) -> str:
        return "/".join(i for i, _ in self.members)


@dataclass(frozen=True, slots=True)
class Item:
    """An item of approval, or a milestone (`department` empty).

    `law` and `promise` in working days, None where nothing is laid down; `typical` where the time is no office's to keep.
    """

    id: str
    name: str
    name_en: str
    stage: str
    department: str
    needs: tuple[Need, ...]
    basis: str
    mark: str
    with_: tuple[str, ...] = ()
    law: int | None = None
    law_by: tuple[str, Mapping[str, int]] | None = None
    extend: int | None = None
    promise: int | None = None
    typical: int | None = None
    off_clock: bool = False
    types: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    or_flags: frozenset[str] = frozenset()
    when: tuple[Condition, ...] = ()
    when_any: tuple[Condition, ...] = ()
    exempt: str = ""
    optional: bool = False
    commit: bool = False
    mock: bool = False
    revisit: bool = False
    works: bool = False
    within: str = ""
    """The item within which it is settled: that one does not end before it."""
    permit: str = ""
    """The kind of permit that a project's file keeps from then on, with its time."""
    materials: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    days_mark: str = ""

    @property
    def milestone(self) -> bool:
        """Whether it is a gate of the plan and no office's."""
        return not self.department

    def concerns(self, type_: str) -> bool:
        """Whether it may concern every project of this type, flags apart."""
        return ALL in self.types or type_ in self.types


@dataclass(frozen=True)
class Catalogue:
    """One edition. `order`: every item and milestone, each behind everything it may need."""

    edition: str
    valid_from: date
    source: str
    confirmed: bool
    items: Mapping[str, Item]
    order: tuple[str, ...]
    stages: Mapping[str, Stage]
    departments: Mapping[str, Department]
    types: Mapping[str, ProjectType]
    flags: Mapping[str, Word]
    regions: Mapping[str, Word]
    facts: Mapping[str, Fact]

    @property
    def approvals(self) -> list[Item]:
        """The items without milestones, in the order of the catalogue."""
        return [i for i in self.items.values() if not i.milestone]

    @property
    def milestones(self) -> list[Item]:
        """The milestones."""
        return [i for i in self.items.values() if i.milestone]


@cache
def catalogue(folder: Path) -> Catalogue:
    """The catalogue of a folder. BadCatalogue names what is wrong and where."""
    head: dict[str, Any] = {}
    items: dict[str, Item] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            data = tomllib.loads(path.read_text("utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise BadCatalogue(f"{path.name}: {error}") from None
        if path.name == "path.toml":
            head = data
        for entry in [*data.get("item", ()), *data.get("milestone", ())]:
            made = _item(entry, f"{path.name}, {entry.get('id')}")
            if made.id in items:
                raise BadCatalogue(f"{path.name}: {made.id} is there twice")
            items[made.id] = made
    try:
        return _checked(head, items)
    except KeyError as error:
        raise BadCatalogue(f"path.toml: {error.args[0]} is missing") from None


def _checked(head: Mapping[str, Any], items: dict[str, Item]) -> Catalogue:
    facts = {
        f["id"]: Fact(**{**f, "choices": tuple(tuple(c) for c in f.get("choices", ()))}) for f in head["fact"]
    }  # fmt: skip
    found = Catalogue(
        head["edition"], head["valid_from"], head["source"], head["confirmed"], items, (),
        {s["id"]: Stage(**s) for s in head["stage"]}, {d["id"]: Department(**d) for d in head["department"]},
        {t["id"]: ProjectType(**t) for t in head["type"]}, {w["id"]: Word(**w) for w in head["flag"]},
        {w["id"]: Word(**w) for w in head["region"]}, facts,
    )  # fmt: skip
    for department in found.departments:
        if len(department) > MOST_ID:
            raise BadCatalogue(f"{department}: the id of a department has at most {MOST_ID} letters")
    for item in items.values():
        _known(item, found)
    return Catalogue(**{**vars(found), "order": _order(items.values())})


def _known(item: Item, c: Catalogue) -> None:
    """BadCatalogue for a name that nothing has, and for a group without any member that may apply."""
    groups: list[tuple[str, Iterable[str], Iterable[str]]] = [
        ("item", [*(i for n in item.needs for i, _ in n.members), *filter(None, [item.within])], c.items), ("type", item.types - {ALL}, c.types),
        ("type", [t for n in item.needs for _, types in n.members for t in types], c.types),
        ("flag", item.flags | item.or_flags, c.flags), ("fact", [x.fact for x in (*item.when, *item.when_any)], c.facts),
        ("fact", [item.law_by[0]] if item.law_by else [], c.facts), ("region", [item.exempt] if item.exempt else [], c.regions),
        ("department", [d for d in (item.department, *item.with_) if d], c.departments),
        ("stage", [item.stage] if item.stage else [], c.stages),
    ]  # fmt: skip
    for what, names, known in groups:
        for name in names:
            if name not in known:
                raise BadCatalogue(f"{item.id}: {name!r} is no {what}")
    for need in item.needs:
        for type_ in c.types:
            members = need.ids(type_)
            if item.concerns(type_) and len(members) > 1 and not any(c.items[m].concerns(type_) for m in members):
                raise BadCatalogue(f"{item.id}: none of {need} ever applies to {type_}")


def _order(items: Collection[Item]) -> tuple[str, ...]:
    graph = {i.id: {m for n in i.needs for m, _ in n.members} for i in items}
    for i in items:
        if i.within:
            graph[i.within].add(i.id)
    try:
        # sorted, since a set of names has another order in each process, and pages would change between two of them
        return tuple(TopologicalSorter({id_: sorted(before) for id_, before in graph.items()}).static_order())
    except CycleError as error:
        raise BadCatalogue(f"these need each other: {' → '.join(error.args[1])}") from None


def _need(text: str, where: str) -> Need:
    later = text.endswith("~")
    members = []
    for part in text.removesuffix("~").split("/"):
        m = _MEMBER.fullmatch(part.strip())
        if m is None:
            raise BadCatalogue(f"{where}: {text!r} is no group of items")
        members.append((m[1], frozenset(m[2].split(",")) if m[2] else frozenset[str]()))
    return Need(tuple(members), later)


def _conditions(entries: Iterable[Any], where: str) -> tuple[Condition, ...]:
    found = []
    for fact, op, value in entries:
        if op not in OPERATORS:
            raise BadCatalogue(f"{where}: {op!r} compares nothing")
        found.append(Condition(fact, op, value))
    return tuple(found)


def _item(entry: Mapping[str, Any], where: str) -> Item:
    e = dict(entry)
    try:
        made = Item(
            id=e.pop("id"), name=e.pop("name"), name_en=e.pop("name_en"), stage=e.pop("stage", ""), department=e.pop("department", ""),
            needs=tuple(_need(n, where) for n in e.pop("needs")), basis=e.pop("basis"), mark=e.pop("mark"),
            with_=tuple(e.pop("with", ())), law_by=(lambda x: (x[0], x[1]) if x else None)(e.pop("law_by", None)),
            types=frozenset(e.pop("types", (ALL,))), flags=frozenset(e.pop("flags", ())), or_flags=frozenset(e.pop("or_flags", ())),
            when=_conditions(e.pop("when", ()), where), when_any=_conditions(e.pop("when_any", ()), where),
            materials=tuple(e.pop("materials", ())), cautions=tuple(e.pop("cautions", ())), **e,
        )  # fmt: skip
    except KeyError as error:
        raise BadCatalogue(f"{where}: {error.args[0]} is missing") from None
    except TypeError as error:
        raise BadCatalogue(f"{where}: {error}") from None
    if made.mark not in MARKS:
        raise BadCatalogue(f"{where}: {made.mark!r} is no mark")
    if any(d is not None and d < 0 for d in (made.law, made.promise, made.typical)):
        raise BadCatalogue(f"{where}: days are never negative")
    return made
