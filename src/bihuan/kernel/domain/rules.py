"""Who may give which command, and from which state: the table of the loop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import commands as c
from .state import OPEN, Event, State


@dataclass(frozen=True, slots=True)
class Rule:
    """From which states and by which relations a command may come."""

    states: tuple[str, ...]
    by: frozenset[str]


def _by(*relations: str) -> frozenset[str]:
    return frozenset(relations)


WORKING = ("assigned", "handling")
RULES: dict[type[c.Command], Rule] = {
    c.Assign: Rule(("raised",), _by("assigner", "superior")),
    c.Return: Rule(("assigned",), _by("lead")),
    c.Accept: Rule(("assigned",), _by("lead", "clock")),
    c.Report: Rule(("handling",), _by("lead", "supporting")),
    c.Attach: Rule(OPEN, _by("lead", "supporting", "verifier", "raiser")),
    c.Pause: Rule(WORKING, _by("lead", "assigner")),
    c.RefusePause: Rule(WORKING, _by("assigner")),
    c.Resume: Rule(WORKING, _by("lead", "assigner", "clock")),
    c.AskExtension: Rule(WORKING, _by("lead")),
    c.GrantExtension: Rule(WORKING, _by("assigner")),
    c.RefuseExtension: Rule(WORKING, _by("assigner")),
    c.Transfer: Rule(WORKING, _by("assigner", "lead")),
    c.Regrade: Rule(OPEN, _by("verifier", "assigner")),
    c.Submit: Rule(("handling",), _by("lead")),
    c.Verify: Rule(("submitted",), _by("verifier")),
    c.SendBack: Rule(("submitted",), _by("verifier")),
    c.Revisit: Rule(("closed",), _by("revisitor")),
    c.Reopen: Rule(("closed",), _by("verifier", "superior")),
    c.Merge: Rule(OPEN, _by("assigner")),
    c.Absorb: Rule(OPEN, _by("assigner")),
    c.Withdraw: Rule(("raised", "assigned"), _by("raiser", "assigner")),
    c.Escalate: Rule(OPEN, _by("clock", "superior")),
    c.Amend: Rule(("raised", *WORKING), _by("assigner", "raiser", "verifier")),
    c.HandOver: Rule(WORKING, _by("lead")),
    c.Reclock: Rule(OPEN, _by("clock")),
}


def relations(state: State, actor: c.Actor) -> frozenset[str]:
    """What the actor is to the matter."""
    named = {
        "raiser": state.raiser, "assigner": state.assigner, "lead": state.lead, "verifier": state.verifier,
        "revisitor": state.revisitor,
    }  # fmt: skip
    found = {name for name, unit in named.items() if unit and unit in actor.units}
    if actor.units & set(state.supporting):
        found.add("supporting")
    if actor.superior:
        found.add("superior")
    if actor.clock:
        found.add("clock")
    return frozenset(found)


def event(type_: str, cmd: c.Command, s: State | None, mine: frozenset[str], **data: Any) -> Event:
    """The event of a command, in the name of the unit that may give it."""
    if cmd.by_register:
        data["by_register"] = True
    return Event(type_, cmd.at, cmd.actor.person, acting_unit(s, cmd.actor, RULES[type(cmd)].by & mine), data)


def acting_unit(s: State | None, actor: c.Actor, mine: frozenset[str]) -> str:
    """The unit in whose name the actor acts here."""
    if s is not None:
        for relation in ("lead", "assigner", "verifier", "revisitor", "raiser"):
            if relation in mine:
                return str(getattr(s, relation))
        if "supporting" in mine:
            return sorted(actor.units & set(s.supporting))[0]
    return min(actor.units, default="")
