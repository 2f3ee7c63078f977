"""Checking conditions: met with evidence, else a reason; what can be put right becomes a matter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from bihuan.instruments.lateness.services import sensible_day
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import Limit
from bihuan.kernel.domain.refusal import N_, Refused, must, need
from bihuan.kernel.evidence.models import Staged
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.services import promise
from bihuan.kernel.orgs.models import Unit

from . import rules
from .catalogue import Condition
from .models import File, Step
from .selectors import acts_as, condition_sets, office
from .services import KIND, Told, locked, take


def condition(id_: str, day: date) -> tuple[Condition, str]:
    """A condition as it stands on a day, and the edition of its set. Refused when there is none."""
    for s in condition_sets(day):
        for found in s.conditions:
            if found.id == id_:
                return found, s.edition
    raise Refused(N_("Choose a condition."), field="condition")


@transaction.atomic
def check(
    *, viewer: Viewer, file: File, condition_id: str, result: str, reason: str, day: date, at: datetime, staged: Sequence[Staged] = (),
    owner: Unit | None = None,
) -> Step:  # fmt: skip
    """Say whether a condition is met. What the office finds unmet but fixable becomes a matter with owner and clock, once while one
    is open. Refused without a reason where it is not met, and without evidence where evidence is needed."""
    file = locked(file)
    role, _ = acts_as(viewer, file)
    must(role in (rules.OFFICE, rules.DEVELOPER))
    sensible_day(day, at=at, field="day")
    found, edition = condition(condition_id, day)
    if result not in rules.RESULTS:
        raise Refused(N_("Say whether it is met."), field="result")
    if result != rules.PASS:
        need(reason, "reason")
    if (
        result == rules.PASS
        and found.need
        and not staged
        and role == rules.OFFICE
        and not _has_proof(file, condition_id)
    ):
        raise Refused(N_("This condition is met only with evidence: %(proof)s."), field="files", proof=found.proof)
    matter = None
    if role == rules.OFFICE and result == rules.FIX:
        matter = _repair(viewer, file, found, reason.strip(), owner or file.developer, at)
    proofs = len(staged) or (int(result == rules.PASS) and _has_proof(file, condition_id))
    data = {
        "condition": condition_id,
        "result": result,
        "reason": reason.strip(),
        "by": role,
        "edition": edition,
        "proofs": int(proofs),
    }
    told = Told("check", day, data=data, staged=staged, matter=matter)
    return take(viewer=viewer, file=file, told=told, at=at)


def _has_proof(file: File, condition_id: str) -> bool:
    rows = Step.objects.filter(file=file, what="check", data__condition=condition_id, proofs__isnull=False)
    return rows.exists()


def open_repairs(file: File) -> list[Matter]:
    """Matters of missing things and of banks' problems that are not ended."""
    rows = Matter.objects.filter(financing_step__file=file, open=True)
    extra = [n for s in file.steps.filter(what="problems") for n in s.data.get("matters", [])]
    return list(rows) + list(Matter.objects.filter(number__in=extra, open=True))


def _repair(viewer: Viewer, file: File, found: Condition, reason: str, owner: Unit, at: datetime) -> Matter | None:
    """The matter of a missing thing; None while one of this condition is open."""
    if Matter.objects.filter(financing_step__file=file, financing_step__data__condition=found.id, open=True).exists():
        return None
    by = Unit.objects.get(code=office(viewer))
    return promise(
        actor=c.Actor(viewer.person.username, frozenset({by.code})), at=at, kind_id=KIND, title=f"{found.id} {found.name}"[:120], description=reason,
        subject=file.subject, raiser=by, lead=owner.code, limit=Limit("workdays", found.days), reason=reason[:200],
    )  # fmt: skip
