"""Hazards in their legal course: what a recorded step moves in the matter itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from bihuan.instruments.procedures.selectors import Course, course
from bihuan.instruments.procedures.services import open_step, record
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import Limit, local_day
from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.evidence.models import Staged
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.services import do

from . import judgement
from .selectors import editions

TRANSFERS = "hand_over"


def deadline(at: Course) -> date | None:
    """The last day that a served notice gives for correction; None when none was served."""
    served = at.done("notice")
    return date.fromisoformat(served.data["deadline"]) if served and served.data.get("deadline") else None


def assigning(matter: Matter, now: datetime) -> dict[str, Any]:
    """What the form of an assignment starts with: the last day of the served notice and its number as the reason."""
    if matter.mechanism != "fire":
        return {}
    at = course(matter.pk, now)
    last, served = deadline(at), at.done("notice")
    return {"until": last, "reason": served.data["number"]} if last and served else {}


@transaction.atomic
def step(
    *, viewer: Viewer, matter: Matter, run: int, name: str, at: datetime, values: Mapping[str, Any], files: Sequence[Staged] = (),
    token: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Record a step, and do in the matter what follows from it:

    - a judgement is made under the edition in force on the day, with the items that counted, and kept in the record;
    - a notice's last day becomes the limit of a matter under way;
    - handing over transfers the matter, so that the receipt is the other unit's acceptance.
    """
    now = course(matter.pk, at)
    under, found = open_step(now, run, name)
    given = dict(values)
    fields = {f.name for f in found.spec.fields}
    if "edition" in fields:
        given |= _judged(given, local_day(under.run.started.at))
    if name == TRANSFERS:
        return _handed_over(viewer, matter, run, at, given, token)
    told = record(viewer=viewer, matter=matter, run=run, step=name, at=at, values=given, files=files, token=token)
    last = told.get("deadline") if name == "notice" else None
    if last and now.state.state in ("assigned", "handling"):
        limit = Limit("date", until=date.fromisoformat(last))
        command = c.Amend(viewer.actor(), at, {"limit": limit}, f"{found.spec.name} {told['number']}")
        do(viewer=viewer, number=matter.pk, command=command)
    return told


def _judged(given: Mapping[str, Any], found_on: date) -> dict[str, Any]:
    """What the judgement step holds of the standard: its edition and what counted. Refused when it contradicts the outcome."""
    found = judgement.edition_on(editions(), found_on)
    if given.get("outcome") != "determined":
        return {"edition": found.id, "items": ["—"]}
    measures = {k: Decimal(str(v)) for k, v in dict(given.get("measures", {})).items()}
    case = judgement.Case(
        found_on, str(given.get("place", "")), tuple(given.get("direct", ())), tuple(given.get("items", ())), measures,
        tuple(given.get("traits", ())), str(given.get("excluded", "")),
    )  # fmt: skip
    judged = judgement.determine(case, editions())
    if not judged.major:
        raise Refused(N_("By %(edition)s these items make no major hazard."), field="items", edition=found.name)
    counted = [c.id for c in judged.direct] or sorted({i for t in judged.counted if t.met for i in t.items})
    why = {i: f"{i} ({told})" for i, told in judged.measured.items() if told}
    return {"edition": judged.edition.id, "items": [why.get(i, i) for i in counted]}


def _handed_over(
    viewer: Viewer, matter: Matter, run: int, at: datetime, given: Mapping[str, Any], token: str | None
) -> dict[str, Any]:
    to, number, reason = (str(given.get(k, "")).strip() for k in ("to", "number", "reason"))
    if not number:
        raise Refused(N_("Please write it down: this field is empty."), field="number")
    words = f"{number}:{reason}" if reason else ""
    do(viewer=viewer, number=matter.pk, command=c.Transfer(viewer.actor(), at, to, words), token=token)
    return {"to": to, "number": number, "reason": reason}
