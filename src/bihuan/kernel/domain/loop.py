"""The decider of the loop: `decide(state, command, kind, calendar) -> events`. Pure; with `rules` and `steps` the only
place where the loop is decided.

Each command has a row in `RULES` (from which states, by which relations) and a step that checks the rest and names the
event. Whatever the clock says after an event is written into that event.
"""

from __future__ import annotations

from dataclasses import replace

from . import commands as c
from .kinds import Kind
from .refusal import N_, Refused
from .rules import RULES, relations
from .running import as_data, clock
from .state import Event, State, evolve, with_clock
from .steps import STEPS, raised
from .workdays import Workdays

__all__ = ["RULES", "Refused", "available", "decide", "decided", "relations"]


def decide(state: State | None, command: c.Command, kind: Kind, calendar: Workdays) -> list[Event]:
    """The events that the command leads to; Refused with a sentence when it cannot be done."""
    return decided(state, command, kind, calendar)[0]


def decided(
    state: State | None, command: c.Command, kind: Kind, calendar: Workdays
) -> tuple[list[Event], State | None]:
    """The events of `decide` and the state after them."""
    if isinstance(command, c.Raise):
        if state is not None:
            raise Refused(N_("This matter exists already."))
        return _clocked(None, [raised(command, kind)], kind, calendar)
    if state is None:
        raise Refused(N_("This matter does not exist."))
    rule = RULES[type(command)]
    mine = relations(state, command.actor)
    if not mine & rule.by:
        raise Refused(N_("Your unit has no part in this step."), allowed=False)
    if state.state not in rule.states:
        raise Refused(N_("This step does not fit the present state of the matter."), allowed=True)
    if command.at < state.raised_at:
        raise Refused(N_("This lies before the matter was raised."), field="at")
    kind_after = command.kind if isinstance(command, c.Regrade) else kind
    events = STEPS[type(command)](state, command, kind, calendar, mine)
    return _clocked(state, events, kind_after, calendar)


def available(state: State, actor: c.Actor, kind: Kind) -> list[str]:
    """The names of the commands that this actor may give now; a form, not a promise: `decide` has the last word."""
    mine = relations(state, actor)
    out = []
    for name, command in c.NAMES.items():
        rule = RULES.get(command)
        if rule and mine & rule.by and state.state in rule.states and _offered(name, state, actor, kind, mine):
            out.append(name)
    return out


def _offered(name: str, s: State, actor: c.Actor, kind: Kind, mine: frozenset[str]) -> bool:
    match name:
        case "assign":
            return "assigner" in mine or bool(s.returned)
        case "amend":
            return bool(mine & {"assigner", "raiser"})
        case "transfer":
            return "assigner" in mine or kind.lead_hands_over
        case "pause":
            return not s.paused and bool(kind.pause_reasons) and not (s.pause_asked and "assigner" not in mine)
        case "resume":
            return s.paused
        case "refuse_pause":
            return s.pause_asked is not None
        case "grant_extension" | "refuse_extension":
            return s.extension_asked > 0
        case "ask_extension":
            return not s.extension_asked and not s.paused and s.limit is not None and s.limit.unit != "open"
        case "submit":
            return not s.paused
        case "return":
            return not s.final
        case "verify":
            return actor.person not in s.handlers
        case "revisit":
            return s.revisit_due is not None
        case "escalate":
            return bool({p.name for p in kind.ladder} - set(s.escalated))
        case "reclock" | "absorb":
            return False
    return True


def _clocked(
    state: State | None, events: list[Event], kind: Kind, calendar: Workdays
) -> tuple[list[Event], State | None]:
    out = []
    for event in events:
        before, state = state, evolve(state, event)
        now = clock(state, kind, calendar)
        if before is None or now != as_data(before):
            event = replace(event, data={**event.data, "clock": now})
            state = with_clock(state, now)
        out.append(event)
    return out, state
