"""The commands of the loop: everything that can be asked of a matter. Each carries who asks and when it happened."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from .clocks import Limit
from .kinds import Kind


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person, the units the person acts for, and whether the person is a superior of this matter."""

    person: str
    units: frozenset[str] = frozenset()
    superior: bool = False
    clock: bool = False
    """The clock itself acts: reminders, supervision slips, planned resumptions, automatic acceptance."""


CLOCK = Actor("clock", clock=True)


@dataclass(frozen=True, slots=True)
class Command:
    """What every command has."""

    actor: Actor
    at: datetime
    by_register: bool = field(default=False, kw_only=True)
    """A register says so: whoever brought it recorded the step in the unit's name and has not handled the matter."""


@dataclass(frozen=True, slots=True)
class Raise(Command):
    """A new matter. `register` names the file and row of a register that it came from."""

    title: str
    description: str
    subject: str
    territory: str
    raiser: str
    assigner: str
    register: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Assign(Command):
    lead: str
    supporting: tuple[str, ...]
    verifier: str
    revisitor: str
    limit: Limit | None = None
    reason: str = ""
    active: frozenset[str] | None = None
    """Units that are active; None when the caller has checked."""


@dataclass(frozen=True, slots=True)
class Return(Command):
    reason: str


@dataclass(frozen=True, slots=True)
class Accept(Command):
    pass


@dataclass(frozen=True, slots=True)
class Report(Command):
    text: str
    percent: int | None = None


@dataclass(frozen=True, slots=True)
class Attach(Command):
    files: tuple[dict[str, str], ...]
    """Each with `sha256`, `name`, `type` (a media type)."""


@dataclass(frozen=True, slots=True)
class Pause(Command):
    reason: str = ""
    until: date | None = None
    notice: str = ""


@dataclass(frozen=True, slots=True)
class RefusePause(Command):
    reason: str


@dataclass(frozen=True, slots=True)
class Resume(Command):
    pass


@dataclass(frozen=True, slots=True)
class AskExtension(Command):
    n: int
    reason: str
    why_late: str = ""


@dataclass(frozen=True, slots=True)
class GrantExtension(Command):
    n: int | None = None


@dataclass(frozen=True, slots=True)
class RefuseExtension(Command):
    reason: str


@dataclass(frozen=True, slots=True)
class Transfer(Command):
    lead: str
    reason: str


@dataclass(frozen=True, slots=True)
class Regrade(Command):
    kind: Kind
    reason: str


@dataclass(frozen=True, slots=True)
class Submit(Command):
    text: str
    waived: dict[str, str] = field(default_factory=dict)
    """Supporting units that need not answer, each with the reason."""
    done: datetime | None = None
    """When a register says it was done, if that is earlier than its entry; lateness is measured there."""


@dataclass(frozen=True, slots=True)
class Verify(Command):
    findings: str


@dataclass(frozen=True, slots=True)
class SendBack(Command):
    reason: str


@dataclass(frozen=True, slots=True)
class Revisit(Command):
    good: bool
    answers: str


@dataclass(frozen=True, slots=True)
class Reopen(Command):
    reason: str


@dataclass(frozen=True, slots=True)
class Merge(Command):
    into: str
    target_open: bool
    same_subject: bool
    explicit: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Absorb(Command):
    """The other half of a merge: the target takes over the evidence of `source`."""

    source: str
    files: tuple[dict[str, str], ...]
    """Each with `sha256`, `name`, `type`, and the `unit` that attached it."""


@dataclass(frozen=True, slots=True)
class Withdraw(Command):
    reason: str


@dataclass(frozen=True, slots=True)
class Escalate(Command):
    step: str
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Amend(Command):
    """A correction from the register or the office: only the named fields change (ADR 0001)."""

    changes: dict[str, Any]
    reason: str


@dataclass(frozen=True, slots=True)
class HandOver(Command):
    """The officer who holds it leaves: `to` is the person who goes on."""

    to: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reclock(Command):
    """The calendar changed: recompute the due date. `notice` names what changed it."""

    notice: str


NAMES: dict[str, type[Command]] = {
    "raise": Raise,
    "assign": Assign,
    "return": Return,
    "accept": Accept,
    "report": Report,
    "attach": Attach,
    "pause": Pause,
    "refuse_pause": RefusePause,
    "resume": Resume,
    "ask_extension": AskExtension,
    "grant_extension": GrantExtension,
    "refuse_extension": RefuseExtension,
    "transfer": Transfer,
    "regrade": Regrade,
    "submit": Submit,
    "verify": Verify,
    "send_back": SendBack,
    "revisit": Revisit,
    "reopen": Reopen,
    "merge": Merge,
    "absorb": Absorb,
    "withdraw": Withdraw,
    "escalate": Escalate,
    "amend": Amend,
    "hand_over": HandOver,
    "reclock": Reclock,
}
