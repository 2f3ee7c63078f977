"""How a procedure stands: its steps as a fold of facts, and what a record must hold to count. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from bihuan.kernel.domain.clocks import ZONE, Due, Limit, due, light, warn_at
from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.domain.state import Event, State
from bihuan.kernel.domain.workdays import Workdays

from .schema import Field, Procedure, StepSpec

LOOP = {
    "Assigned": "matter.assigned", "Accepted": "matter.accepted", "Returned": "matter.returned", "Submitted": "matter.submitted",
    "Verified": "matter.verified", "SentBack": "matter.sent_back", "Transferred": "matter.transferred", "Withdrawn": "matter.ended",
    "Merged": "matter.ended", "Reopened": "matter.reopened",
}  # fmt: skip
"""What the matter's own events are called among the facts."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened: a step's record, the start, or a step of the matter's loop."""

    id: str
    at: datetime
    unit: str = ""
    person: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    run: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """One procedure under way on a matter: `number` counts those of the matter."""

    number: int
    procedure: str
    started: Fact


@dataclass(frozen=True, slots=True)
class Step:
    """A step that has begun. `due` is the first moment too late; `done` the fact that ended it."""

    spec: StepSpec
    begun: datetime
    due: Due
    warn: datetime | None
    begun_by: Fact
    done: Fact | None = None

    @property
    def late(self) -> bool:
        """Done too late."""
        return self.done is not None and self.due.moment is not None and self.done.at >= self.due.moment

    def light(self, now: datetime) -> str:
        """As a matter's light; `done` or `late` once done."""
        if self.done is not None:
            return "late" if self.late else "done"
        return light(now, self.due.moment, self.warn)


def facts_of(events: Iterable[Event], state: State, now: datetime) -> list[Fact]:
    """The facts of a matter's loop; its due moment is one when it has come while the handler's clock ran."""
    found = [Fact(LOOP[e.type], e.at, e.unit, e.by, e.data) for e in events if e.type in LOOP]
    if state.state in ("assigned", "handling") and state.due is not None and now >= state.due and not state.paused:
        found.append(Fact("matter.due", state.due))
    return sorted(found, key=lambda f: f.at)


def unfold(run: Run, spec: Procedure, facts: Sequence[Fact], kind: str, calendar: Workdays) -> list[Step]:
    """The steps of a run that have begun, in the order of the procedure.

    1. a fact begins a step only when it happened at or after the run's start, and its `needs` were recorded before;
    2. the first later fact that ends it does; until then further triggers begin nothing new;
    3. when the matter was withdrawn or merged, steps not done are dropped.
    """
    own = [f for f in facts if f.run in (0, run.number) and f.at >= run.started.at]
    line = [run.started, *sorted(own, key=lambda f: f.at)]
    ended = any(f.id == "matter.ended" for f in line)
    have = {f.id for f in line}
    found: list[Step] = []
    for step in spec.steps:
        if not set(step.needs) <= have:
            continue
        for began in _instances(step, line, run, kind, calendar):
            if began.done is None and ended:
                continue
            found.append(began)
    return found


def _instances(step: StepSpec, line: list[Fact], run: Run, kind: str, calendar: Workdays) -> list[Step]:
    found: list[Step] = []
    open_from: Fact | None = None
    for fact in line:
        if open_from is not None and any(t.meets(fact.id, fact.data) for t in step.done):
            found.append(_begun(step, open_from, line, run, kind, calendar, fact))
            open_from = None
        if open_from is None and any(t.meets(fact.id, fact.data) for t in step.after):
            open_from = fact
    if open_from is not None:
        found.append(_begun(step, open_from, line, run, kind, calendar, None))
    return found


def _begun(
    step: StepSpec, by: Fact, line: list[Fact], run: Run, kind: str, calendar: Workdays, done: Fact | None
) -> Step:
    start = by.at
    if step.base == "start":
        start = run.started.at
    elif step.base and by.data.get(step.base):
        start = datetime.combine(date.fromisoformat(by.data[step.base]), time(12), ZONE)
    limit, other = step.limit, step.limit_if
    if other and (run.started.data.get(other.get("field", "")) or other.get("kind") == kind):
        limit = Limit(other["unit"], other["n"])
    extra = step.extra_if.get("n", 0) if any(f.id == step.extra_if.get("step") for f in line) else 0
    answer = due(start, limit, calendar, extra=extra)
    warn = warn_at(answer.moment, limit.unit, step.warn if limit.unit != "hours" else max(1, limit.n // 3), calendar)
    return Step(step, start, answer, warn, by, done)


def values_of(fields: Sequence[Field], given: Mapping[str, Any]) -> dict[str, Any]:
    """What a record holds, as JSON values without floats: dates as ISO, people as a list of names. Refused beside its field."""
    found: dict[str, Any] = {}
    for f in fields:
        value = given.get(f.name)
        if value in (None, "", []):
            if not f.optional:
                raise Refused(N_("Please write it down: this field is empty."), field=f.name)
            continue
        match f.type:
            case "date":
                found[f.name] = (
                    value.isoformat() if isinstance(value, date) else date.fromisoformat(str(value)).isoformat()
                )
            case "people":
                names = (
                    value if isinstance(value, list) else str(value).replace("、", "\n").replace(",", "\n").splitlines()
                )
                found[f.name] = list(dict.fromkeys(n.strip() for n in names if n.strip()))
            case "number":
                found[f.name] = int(value)
            case "flag":
                found[f.name] = bool(value)
            case "items":
                found[f.name] = list(value)
            case "choice":
                if value not in f.choices:
                    raise Refused(N_("Choose one of those offered."), field=f.name)
                found[f.name] = value
            case _:
                found[f.name] = str(value).strip()[:5_000]
    return found


def sound(step: StepSpec, values: Mapping[str, Any], files: int) -> None:
    """Refused when too few people took part, the share was not reached, or evidence is missing."""
    people = values.get("people", [])
    if len(people) < step.people:
        raise Refused(
            N_("At least %(n)s persons take part; %(have)s are named."), field="people", n=step.people, have=len(people)
        )
    agree = values.get("agree")
    if agree is not None and not 0 <= agree <= len(people):
        raise Refused(N_("More agree than took part."), field="agree")
    if (
        step.share
        and values.get("outcome") == step.share_for
        and (agree or 0) * step.share[1] < len(people) * step.share[0]
    ):
        least = -(-len(people) * step.share[0] // step.share[1])
        raise Refused(N_("Of %(have)s at least %(n)s must agree."), field="agree", n=least, have=len(people))
    if files < step.files:
        raise Refused(N_("This step asks for %(n)s file(s) as evidence."), field="files", n=step.files)
