"""Appeals against a result: within their clock, decided by another unit than the assessor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.refusal import N_, Refused, must, need
from bihuan.kernel.evidence.models import Staged
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.orgs.selectors import function_unit

from .catalogue import cycle
from .models import Appeal, Assessment
from .reckoning import sheets
from .selectors import full
from .services import State, locked, proofs, tell


def lost_of(a: Assessment, at: datetime) -> dict[str, int]:
    """What each item of an announced result lost, in hundredths; those that lost nothing are left out."""
    sheet = sheets(full(Assessment.objects.filter(pk=a.pk)), at)[0]
    return {i: s.item.points - s.points for i, s in sheet.assessor.items().items() if s.points < s.item.points}


@transaction.atomic
def appeal(*, viewer: Viewer, a: Assessment, item: str, text: str, files: Sequence[Staged], at: datetime) -> Appeal:
    """Appeal against what an item lost. Refused for other units, without words, for an item that lost nothing, after the last day,
    twice."""
    a = locked(a, State.ANNOUNCED)
    must(a.unit.code in viewer.acting)
    if a.appeal_until is None or local_day(at) > a.appeal_until:
        raise Refused(N_("The time to appeal ended on %(day)s."), day=str(a.appeal_until))
    need(text, "text")
    if item not in lost_of(a, at):
        raise Refused(N_("This item lost nothing."), field="item")
    decider = function_unit("supervision")
    due = calendar_for().add(local_day(at), cycle().decide)
    try:
        with transaction.atomic():
            made = Appeal.objects.create(
                assessment=a,
                item=item,
                text=text.strip(),
                person=viewer.person.username,
                at=at,
                decider=Unit.objects.get(code=decider),
                due=due,
            )
    except IntegrityError:
        raise Refused(N_("There is an appeal against this item already."), field="item") from None
    kept = proofs(a, item, "appeal", files)
    tell(
        a,
        "Appealed",
        viewer.person.username,
        a.unit.code,
        at,
        item=item,
        text=made.text,
        files=kept,
        due=due.isoformat(),
        tell=[decider],
    )
    return made


@transaction.atomic
def decide(*, viewer: Viewer, appeal: Appeal, upheld: bool, points: int, answer: str, at: datetime) -> Appeal:
    """Decide an appeal: upheld, with the points given back, or not. Refused for another unit than the decider, without an answer,
    for more than the item lost, twice."""
    row: Appeal = Appeal.objects.select_for_update().select_related("assessment__unit", "decider").get(pk=appeal.pk)
    must(row.decider.code in viewer.acting)
    if row.upheld is not None:
        raise Refused(N_("This appeal was decided already."))
    need(answer, "answer")
    most = lost_of(row.assessment, at).get(row.item, 0)
    if upheld and not 0 < points <= most:
        raise Refused(
            N_("Give back more than nothing and at most the %(n)s points that the item lost."),
            field="points",
            n=f"{most / 100:g}",
        )
    row.upheld, row.points, row.answer = upheld, points if upheld else 0, answer.strip()
    row.decided_by, row.decided_at = viewer.person.username, at
    row.save()
    a = locked(row.assessment, State.ANNOUNCED)
    sheet = sheets(full(Assessment.objects.filter(pk=a.pk)), at)[0]
    a.total, a.level = sheet.final.total, sheet.final.level
    a.save(update_fields=["total", "level"])
    tell(
        a, "AppealDecided", viewer.person.username, row.decider.code, at, item=row.item, upheld=upheld, points=row.points, answer=row.answer,
        total=a.total, level=a.level, tell=[a.unit.code, function_unit(f"coordinate.{a.mechanism}")],
    )  # fmt: skip
    return row
