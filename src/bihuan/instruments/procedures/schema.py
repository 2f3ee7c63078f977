"""The schema of a procedure in the catalogue. Pure.

A step begins `after` a fact: the start, another step, or a step of the matter's own loop (`matter.submitted`); a condition on
what was recorded stands behind a question mark (`decision?outcome=list`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from bihuan.kernel.domain.clocks import Limit
from bihuan.kernel.domain.kinds import BadCatalogue

FIELD_TYPES = ("text", "long", "date", "number", "choice", "people", "flag", "unit", "edition", "items")


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to record: `type` of FIELD_TYPES, `choices` for a choice."""

    name: str
    type: str
    optional: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trigger:
    """The fact that begins or ends a step, with the condition on its data where there is one."""

    fact: str
    name: str = ""
    value: str = ""

    def meets(self, fact: str, data: Mapping[str, Any]) -> bool:
        """Whether this fact, with this data, is meant."""
        return fact == self.fact and (not self.name or str(data.get(self.name)) == self.value)


@dataclass(frozen=True, slots=True)
class StepSpec:
    """One step. `base`: the clock starts at the procedure's `start`, or at the day in this field of the fact that began it."""

    id: str
    name: str
    name_en: str
    clock: str
    after: tuple[Trigger, ...]
    done: tuple[Trigger, ...]
    limit: Limit
    owner: tuple[str, ...]
    fields: tuple[Field, ...]
    source: str
    confirmed: bool
    base: str = ""
    limit_if: Mapping[str, Any] = field(default_factory=dict)
    extra_if: Mapping[str, Any] = field(default_factory=dict)
    warn: int = 1
    optional: bool = False
    needs: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    people: int = 0
    share: tuple[int, int] | None = None
    share_for: str = ""
    files: int = 0
    before: str = ""
    """The matter is not submitted while this step is open (`submit`)."""

    @property
    def recorded(self) -> bool:
        """Whether somebody records it; else the loop itself does it."""
        return bool(self.fields)


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure: for which kinds, who may start it (nobody named: whoever acts in the matter), what is asked at the start."""

    id: str
    name: str
    name_en: str
    kinds: tuple[str, ...]
    steps: tuple[StepSpec, ...]
    ask: tuple[Field, ...] = ()
    by: tuple[str, ...] = ()
    once: bool = False

    def step(self, id_: str) -> StepSpec:
        """The step of this name. LookupError when there is none."""
        found = next((s for s in self.steps if s.id == id_), None)
        if found is None:
            raise LookupError(f"{self.id} has no step {id_!r}")
        return found


@cache
def procedures(folder: Path) -> dict[str, Procedure]:
    """All procedures of the catalogue by id. BadCatalogue names what is wrong."""
    found: dict[str, Procedure] = {}
    for path in sorted(folder.glob("*.toml")):
        for entry in tomllib.loads(path.read_text("utf-8"))["procedure"]:
            made = _procedure(entry, f"{path.name}, {entry.get('id')}")
            if made.id in found:
                raise BadCatalogue(f"{path.name}: {made.id} is there twice")
            found[made.id] = made
    return found


def _procedure(entry: Mapping[str, Any], where: str) -> Procedure:
    try:
        steps = tuple(_step(s, where) for s in entry["step"])
        made = Procedure(
            entry["id"], entry["name"], entry["name_en"], tuple(entry["kinds"]), steps, _fields(entry.get("ask", ()), where),
            tuple(entry.get("by", ())), entry.get("once", False),
        )  # fmt: skip
    except KeyError as error:
        raise BadCatalogue(f"{where}: {error.args[0]} is missing") from None
    known = {s.id for s in steps}
    for s in steps:
        for t in (*s.after, *s.done):
            if t.fact not in known | {"start"} and not t.fact.startswith("matter."):
                raise BadCatalogue(f"{where}, {s.id}: {t.fact!r} is no step")
        if unknown := set(s.needs) - known:
            raise BadCatalogue(f"{where}, {s.id}: {min(unknown)!r} is no step")
    return made


def _step(s: Mapping[str, Any], where: str) -> StepSpec:
    at = f"{where}, {s.get('id')}"
    limit = Limit(s["limit"]["unit"], s["limit"]["n"])
    return StepSpec(
        id=s["id"], name=s["name"], name_en=s["name_en"], clock=s["clock"], limit=limit, owner=tuple(s["owner"]), source=s["source"],
        confirmed=s["confirmed"], after=_triggers(s["after"]), done=_triggers(s.get("done", [s["id"]])), fields=_fields(s.get("fields", ()), at),
        base=s.get("base", ""), limit_if=s.get("limit_if", {}), extra_if=s.get("extra_if", {}), warn=s.get("warn", 1),
        optional=s.get("optional", False), needs=tuple(s.get("needs", ())), apart=tuple(s.get("apart", ())), people=s.get("people", 0),
        share=(s["share"][0], s["share"][1]) if "share" in s else None, share_for=s.get("share_for", ""), files=s.get("files", 0),
        before=s.get("before", ""),
    )  # fmt: skip


def _triggers(texts: list[str]) -> tuple[Trigger, ...]:
    found = []
    for text in texts:
        fact, _, condition = text.partition("?")
        name, _, value = condition.partition("=")
        found.append(Trigger(fact, name, value))
    return tuple(found)


def _fields(entries: Any, where: str) -> tuple[Field, ...]:
    found = []
    for name, told in entries:
        kind, _, choices = told.partition(":")
        optional = kind.endswith("?")
        kind = kind.removesuffix("?")
        if kind not in FIELD_TYPES:
            raise BadCatalogue(f"{where}: {name} is of the unknown type {kind!r}")
        found.append(Field(name, kind, optional or kind == "flag", tuple(choices.split(",")) if choices else ()))
    return tuple(found)
