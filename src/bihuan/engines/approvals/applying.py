"""What a project is, and which items of approval concern it and why. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bihuan.kernel.domain.refusal import N_

from .catalogue import ALL, Catalogue, Condition, Item, Word


@dataclass(frozen=True)
class Facts:
    """What a project is: its type, flags, regional assessments that cover it, and the values of facts that were told."""

    type: str
    flags: frozenset[str] = frozenset()
    region: frozenset[str] = frozenset()
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Why:
    """A sentence, `message % said()`, its parameters in Chinese and in English; `assumed` where a fact was not told and its
    default decided."""

    message: str
    params: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    assumed: bool = False

    def said(self, english: bool = False) -> dict[str, str]:
        """The parameters in one language."""
        return {k: both[english] for k, both in self.params.items()}


def applies(item: Item, facts: Facts, c: Catalogue) -> tuple[bool, Why]:
    """Whether an item concerns a project, and why."""
    if item.milestone:
        return True, Why(N_("a gate of the plan"))
    by_flag = sorted(item.or_flags & facts.flags)
    if not by_flag and not ({facts.type, ALL} & item.types):
        return False, Why(N_("not for the type %(type)s"), {"type": _both(c.types[facts.type])})
    if item.flags and not item.flags & facts.flags:
        return False, Why(
            N_("only for %(flags)s"), {"flags": _joined([_both(c.flags[f]) for f in sorted(item.flags)], "、")}
        )
    if item.exempt and item.exempt in facts.region:
        return False, Why(N_("covered by the regional assessment: %(topic)s"), {"topic": _both(c.regions[item.exempt])})
    met = [(x, x.holds(value_of(x.fact, facts, c)), x.fact not in facts.values) for x in (*item.when, *item.when_any)]
    every, some = met[: len(item.when)], met[len(item.when) :]
    deciding = [m for m in every if not m[1]] or ([] if any(m[1] for m in some) or not some else some)
    if deciding:
        return False, _because(N_("not needed: %(facts)s"), deciding, c, facts)
    if met:
        return True, _because(N_("needed: %(facts)s"), [*every, *(m for m in some if m[1])], c, facts)
    return True, Why(N_("for every project of the type %(type)s"), {"type": _both(c.types[facts.type])})


def value_of(fact: str, facts: Facts, c: Catalogue) -> Any:
    """What counts for a fact: what was told, else its default."""
    return facts.values.get(fact, c.facts[fact].default)


def _because(message: str, met: Sequence[tuple[Condition, bool, bool]], c: Catalogue, facts: Facts) -> Why:
    told = []
    for x, _, _ in met:
        fact, value = c.facts[x.fact], value_of(x.fact, facts, c)
        told.append(
            (f"{fact.name} = {worded(c, x.fact, value)}", f"{fact.name_en} = {worded(c, x.fact, value, english=True)}")
        )
    return Why(message, {"facts": _joined(told, "；")}, any(assumed for _, _, assumed in met))


def _both(word: Word) -> tuple[str, str]:
    return word.name, word.name_en


def _joined(pairs: Sequence[tuple[str, str]], mark: str) -> tuple[str, str]:
    return mark.join(a for a, _ in pairs), "; ".join(b for _, b in pairs)


def worded(c: Catalogue, fact: str, value: Any, *, english: bool = False) -> str:
    """A fact's value in the words of the catalogue."""
    told = c.facts[fact]
    names = {i: (zh, en)[english] for i, zh, en in told.choices}
    if told.type == "flag":
        return (("否", "no"), ("是", "yes"))[bool(value)][english]
    if told.type == "set":
        return ("、", ", ")[english].join(names[v] for v in value) or ("无", "none")[english]
    return names[value] if names else f"{value:g}{told.unit}"


def law_days(item: Item, facts: Facts, c: Catalogue) -> int | None:
    """The working days that the law leaves for an item of this project; None where it lays nothing down."""
    return item.law_by[1].get(value_of(item.law_by[0], facts, c), 0) if item.law_by else item.law
