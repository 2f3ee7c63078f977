"""The wording of a letter: read from lines, checked, hashed, compared. Pure.

A wording is a dictionary of `basis`, `persons`, `targets`, `tasks`, `assessment`, `reward`. A target has `text`, and where a
metric of the system answers it `metric`, `sign` (≥, ≤ or =) and `value`; a task has `text` and the days it is `due`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date
from fractions import Fraction
from hashlib import sha256
from typing import Any

from bihuan.engines.scoring import Fact
from bihuan.kernel.domain import chain
from bihuan.kernel.domain.refusal import N_, Refused

TEXTS = ("basis", "persons", "assessment", "reward")
BOUND = re.compile(r"^(≥|≤|=|>=|<=)\s*(\d+(?:\.\d+)?)\s*%?$")
SIGNS = {">=": "≥", "<=": "≤"}
MOST = 60
"""Targets or tasks of one letter."""


def targets_of(text: str, metrics: Collection[str]) -> list[dict[str, str]]:
    """Targets from lines `words | metric | ≥95`; words alone are a target that people judge. Refused with the line."""
    found = []
    for n, parts in _lines(text, 3, "targets"):
        words, metric, bound = parts
        if metric and metric not in metrics:
            raise Refused(N_("Line %(n)s: “%(text)s” is no figure that is kept."), field="targets", n=n, text=metric)
        hit = BOUND.match(bound) if bound else None
        if (metric and hit is None) or (bound and not metric):
            raise Refused(N_("Line %(n)s: write words | figure | ≥95, or words alone."), field="targets", n=n)
        sign, value = (SIGNS.get(hit[1], hit[1]), hit[2]) if hit else ("", "")
        found.append({"text": words, "metric": metric, "sign": sign, "value": value})
    return found


def tasks_of(text: str, begins: date, ends: date) -> list[dict[str, Any]]:
    """Tasks from lines `words | 2026-06-30, 2026-12-20`. Refused with the line for no day, or a day outside the validity."""
    found = []
    for n, (words, days) in _lines(text, 2, "tasks"):
        due = []
        for word in re.split(r"[,,、\s]+", days.strip()):
            try:
                day = date.fromisoformat(word)
            except ValueError:
                raise Refused(
                    N_("Line %(n)s: “%(text)s” is no day; write 2026-06-30."), field="tasks", n=n, text=word
                ) from None
            if not begins <= day <= ends:
                raise Refused(N_("Line %(n)s: %(text)s lies outside the validity."), field="tasks", n=n, text=word)
            due.append(day.isoformat())
        if len(words) > 150:
            raise Refused(N_("Line %(n)s: a task has at most 150 characters."), field="tasks", n=n)
        found.append({"text": words, "due": sorted(set(due))})
    return found


def _lines(text: str, parts: int, field: str) -> list[tuple[int, list[str]]]:
    found = []
    for n, line in enumerate(text.splitlines(), 1):
        if line.strip():
            told = [p.strip() for p in line.replace("|", "|").split("|")]
            if len(told) > parts or not told[0]:
                raise Refused(N_("Line %(n)s cannot be read."), field=field, n=n)
            found.append((n, told + [""] * (parts - len(told))))
    if len(found) > MOST:
        raise Refused(N_("A letter has at most %(n)s of them."), field=field, n=MOST)
    return found


def lines_of(body: Mapping[str, Any]) -> dict[str, str]:
    """A wording as its form shows it."""
    targets = [" | ".join(x for x in (t["text"], t["metric"], t["sign"] + t["value"]) if x) for t in body["targets"]]
    tasks = [f"{t['text']} | {', '.join(t['due'])}" for t in body["tasks"]]
    return {**{k: str(body[k]) for k in TEXTS}, "targets": "\n".join(targets), "tasks": "\n".join(tasks)}


def digest(head: Mapping[str, Any], body: Mapping[str, Any]) -> str:
    """The hash of what is signed: the parties and days of the head, and the wording."""
    return sha256(chain.canonical({"head": dict(head), "body": dict(body)}).encode()).hexdigest()


def met(target: Mapping[str, str], fact: Fact | None) -> bool | None:
    """Whether a target is met; None where it is words alone, or nothing could be measured."""
    if not target["metric"] or fact is None or (fact.den is not None and not fact.den):
        return None
    value = Fraction(fact.num * 100, fact.den) if fact.den is not None else Fraction(fact.num)
    bound = Fraction(target["value"])
    return {"≥": value >= bound, "≤": value <= bound, "=": value == bound}[target["sign"]]


def moved(body: Mapping[str, Any], years: int) -> dict[str, Any]:
    """A wording of some years later: days and the years that it names move on; 29 February becomes the 28th."""

    def day(text: str) -> str:
        old = date.fromisoformat(text)
        return old.replace(year=old.year + years, day=28 if (old.month, old.day) == (2, 29) else old.day).isoformat()

    def words(text: str) -> str:
        return re.sub(r"20\d\d(?=年)", lambda hit: str(int(hit[0]) + years), text)

    return {
        **{k: words(str(body[k])) for k in TEXTS}, "targets": [{**t, "text": words(t["text"])} for t in body["targets"]],
        "tasks": [{"text": words(t["text"]), "due": [day(d) for d in t["due"]]} for t in body["tasks"]],
    }  # fmt: skip
