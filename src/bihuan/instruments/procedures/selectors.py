"""Reading procedures; every query starts from what the viewer may see of matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain.state import Event, State
from bihuan.kernel.ledger.selectors import stream
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.selectors import visible_to
from bihuan.kernel.matters.services import load
from bihuan.kernel.orgs.selectors import function_unit, place_of

from .models import OpenStep, StepFile
from .rules import Fact, Run, Step, facts_of, unfold
from .schema import Procedure as Spec
from .schema import procedures


def specs() -> dict[str, Spec]:
    """All procedures of the catalogue."""
    return procedures(settings.CATALOGUE / "procedures")


def stream_of(number: int) -> str:
    """The stream of a matter's procedures."""
    return f"procedure:{number}"


@dataclass(frozen=True)
class Under:
    """A procedure under way and its steps."""

    run: Run
    spec: Spec
    steps: list[Step]


@dataclass(frozen=True)
class Course:
    """A matter's procedures with everything they were reckoned from."""

    state: State
    facts: list[Fact]
    under: list[Under]
    line: list[Fact]
    """The facts of the loop and of the procedures together."""

    def done(self, step: str) -> Fact | None:
        """The last record of a step, whichever procedure it is of."""
        return next((f for f in reversed(self.facts) if f.id == step), None)


def recorded(events: Sequence[Event]) -> tuple[list[Run], list[Fact]]:
    """Runs and records as the stream tells them."""
    runs, facts = [], []
    for e in events:
        if e.type == "ProcedureStarted":
            start = Fact("start", e.at, e.unit, e.by, e.data["values"], e.data["run"])
            runs.append(Run(e.data["run"], e.data["procedure"], start))
        elif e.type == "StepRecorded":
            facts.append(
                Fact(
                    e.data["step"],
                    e.at,
                    e.unit,
                    e.by,
                    {**e.data["values"], "files": e.data.get("files", [])},
                    e.data["run"],
                )
            )
    return runs, facts


def course(number: int, now: datetime) -> Course:
    """How the procedures of a matter stand, always from the record itself."""
    state, _kind, told = load(number)
    own = stream(stream_of(number))
    runs, facts = recorded(own.events)
    loop = facts_of(told.events, state, now)
    calendar = calendar_for(place_of(state.territory)[1])
    line = [*loop, *facts]
    under = [Under(r, specs()[r.procedure], unfold(r, specs()[r.procedure], line, state.kind, calendar)) for r in runs]
    return Course(state, facts, under, line)


def owners(rules: Sequence[str], state: State, starter: str) -> list[str]:
    """The units that may record a step, the first of whom owes it."""
    known = {
        "starter": starter, "lead": state.lead, "verifier": state.verifier, "assigner": state.assigner, "raiser": state.raiser,
    }  # fmt: skip
    found = [known[r] if r in known else function_unit(r.removeprefix("function:")) for r in rules]
    return list(dict.fromkeys(u for u in found if u))


def next_owners(at: Course, under: Under, fact: Fact) -> list[str]:
    """The units that owe the steps which a new record begins."""
    calendar = calendar_for(place_of(at.state.territory)[1])
    steps = unfold(under.run, under.spec, [*at.line, fact], at.state.kind, calendar)
    begun = [s for s in steps if s.begun_by is fact and s.done is None and not s.spec.optional]
    return sorted({owners(s.spec.owner, at.state, under.run.started.unit)[0] for s in begun})


def startable(viewer: Viewer, matter: Matter, at: Course) -> list[Spec]:
    """The procedures that the viewer may start on a matter now."""
    if not matter.open or not viewer.acting:
        return []
    parts = {at.state.raiser, at.state.assigner, at.state.lead, at.state.verifier} - {""}
    running = {u.run.procedure for u in at.under}
    found = []
    for spec in specs().values():
        by = set(owners(spec.by, at.state, "")) if spec.by else parts
        if matter.kind in spec.kinds and not (spec.once and spec.id in running) and viewer.acting & by:
            found.append(spec)
    return found


def open_steps(viewer: Viewer) -> QuerySet[OpenStep]:
    """Open steps of matters that the viewer may see."""
    return OpenStep.objects.filter(procedure__matter__in=visible_to(viewer)).select_related(
        "procedure__matter__subject", "unit"
    )


def mine(viewer: Viewer) -> QuerySet[OpenStep]:
    """Open steps that the viewer's units owe."""
    return OpenStep.objects.filter(unit__code__in=viewer.acting).select_related("procedure__matter__subject", "unit")


def step_files(viewer: Viewer) -> QuerySet[StepFile]:
    """Evidence of steps of matters that the viewer may see."""
    return StepFile.objects.filter(procedure__matter__in=visible_to(viewer)).select_related("file", "procedure__matter")
