"""What the room of procedures says of itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N

from bihuan.kernel.domain.state import Event, moment
from bihuan.kernel.matters.selectors import visible_to
from bihuan.kernel.matters.services import GUARDS
from bihuan.kernel.registry import duties, events, pages, streams
from bihuan.kernel.registry.duties import Duty
from bihuan.kernel.registry.events import EventType, Names
from bihuan.kernel.registry.streams import Sight, StreamKind, Table
from bihuan.kernel.registry.words import last_day, own_name

from . import services
from .models import OpenStep, Procedure, StepFile
from .panels import PANELS
from .schema import Field, StepSpec
from .schema import Procedure as Spec
from .selectors import specs, stream_of
from .words import field_name, field_text

SHORT = ("text", "date", "number", "choice", "flag", "unit")
"""Types of fields that fit into a line of a history."""


def _values(fields: Iterable[Field], told: Mapping[str, Any], names: Names) -> list[str]:
    found = []
    for f in fields:
        if f.type in SHORT and told.get(f.name) not in (None, ""):
            value = names.unit(told[f.name]) if f.type == "unit" else field_text(told[f.name], f.name)
            found.append(_("%(what)s: %(told)s") % {"what": field_name(f.name), "told": value})
    return found


def _step(e: Event) -> StepSpec | None:
    spec: Spec | None = specs().get(e.data.get("procedure", ""))
    return next((s for s in spec.steps if s.id == e.data["step"]), None) if spec else None


def _started(e: Event, names: Names) -> list[str]:
    spec = specs().get(e.data["procedure"])
    return [own_name(spec), *_values(spec.ask, e.data["values"], names)] if spec else [e.data["procedure"]]


def _recorded(e: Event, names: Names) -> list[str]:
    step = _step(e)
    found = [own_name(step), *_values(step.fields, e.data["values"], names)] if step else [e.data["step"]]
    return [*found, *([_("too late")] if e.data["late"] else []), *(f["name"] for f in e.data["files"])]


def _warned(e: Event, names: Names) -> list[str]:
    step, due = _step(e), e.data.get("due")
    return [
        own_name(step) if step else e.data["step"],
        *([_("due %(day)s") % {"day": last_day(moment(due))}] if due else []),
    ]


ABOUT = {"run": "int", "matter": "id", "title": "text", "confidential": "bool"}
"""What every event says: which of the matter's procedures, and the matter."""
TYPES = (
    EventType(
        "ProcedureStarted", N("started a procedure"), {**ABOUT, "procedure": "code", "values": "{}"}, notes=_started,
    ),
    EventType(
        "StepRecorded", N("recorded a step"),
        {**ABOUT, "procedure": "code", "step": "code", "values": "{}", "late": "bool", "files": "[{}]", "tell": "[unit]"}, notes=_recorded,
        why="owes", said=N("a legal step is yours"),
    ),
    EventType(
        "StepWarned", N("warned of a legal clock"), {**ABOUT, "procedure": "code", "step": "code", "due": "moment|null", "tell": "[unit]"},
        tone="bad", notes=_warned, why="owes", urgent=True, said=N("a legal clock runs out soon"),
    ),
)  # fmt: skip


def _seen(viewer: Any, name: str) -> Sight | None:
    row = visible_to(viewer).filter(number=int(name)).first() if name.isascii() and name.isdigit() else None
    return Sight(str(row), "matter", (row.number,)) if row else None


def _keep_steps(now: datetime) -> int:
    """Reckon what was moved, then warn; how many."""
    done = 0
    while n := services.follow(now=now) + services.warn(now=now):
        done += n
    return done


def register() -> None:
    """Events, streams and duties of procedures; what must come before a matter is submitted."""
    reckoned = N("reckoned from the matter and its procedures; the worker reckons it anew")
    events.register(*TYPES)
    pages.register(*PANELS)
    streams.register(
        StreamKind(
            "procedure", N("legal procedures"), seen=_seen,
            tables=(
                Table(Procedure, lambda p: stream_of(p.matter_id), undecided={"seen": reckoned, "stale_at": reckoned}),
                Table(StepFile, lambda f: stream_of(f.procedure.matter_id)),
            ),
        )
    )  # fmt: skip
    streams.leave_out(
        N("follows from a matter's events and those of its procedures; reckoned at every step, and anew by the worker every day"),
        OpenStep,
    )  # fmt: skip
    duties.register(
        Duty("procedures", N("open steps of legal procedures, and warnings of their clocks"), _keep_steps, every=timedelta(minutes=1), order=35),
        Duty("steps", N("reckoning all open legal steps anew"), lambda now: services.forget_steps(now=now), every=timedelta(days=1), order=34),
    )  # fmt: skip
    GUARDS.add("procedures", services.guard)
