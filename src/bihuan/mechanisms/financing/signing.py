"""The signing ceremony: which projects are ripe, the meeting with its guests, the contracts, and what its papers say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from bihuan.instruments.meetings.models import Item, Meeting
from bihuan.instruments.meetings.papers import context as meeting_context
from bihuan.instruments.meetings.services import Point, agenda_set, hosted, invite
from bihuan.instruments.meetings.services import prepare as prepare_meeting
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.money import spoken, wan
from bihuan.kernel.domain.refusal import N_, Refused, must
from bihuan.kernel.orgs.models import Unit

from .models import File, Push
from .selectors import Book, books, files_visible_to, office, pushes_visible_to
from .services import Told, take


def ripe(viewer: Viewer) -> list[Book]:
    """Credited and not signed."""
    return books(files_visible_to(viewer).filter(state=File.State.CREDITED).order_by("subject__name"))


@transaction.atomic
def prepare(
    *, viewer: Viewer, books: Sequence[Book], title: str, chair: str, starts_at: datetime, place: str, at: datetime,
    reason: str = "",
) -> Meeting:  # fmt: skip
    """A meeting with one point a project; banks and developers are invited, and each sees only that it is. Refused without projects."""
    must(bool(office(viewer)))
    if not books:
        raise Refused(N_("Choose at least one project that is credited and not signed."), field="projects")
    host = Unit.objects.get(code=office(viewer))
    made = prepare_meeting(
        viewer=viewer,
        at=at,
        host=host,
        kind=Meeting.Kind.SIGNING,
        title=title,
        chair=chair,
        starts_at=starts_at,
        place=place,
        reason=reason,
    )
    agenda_set(
        viewer=viewer,
        meeting=made,
        at=at,
        points=[Point(b.file.subject.name, Item.Why.ADDED, b.file.subject) for b in books],
    )
    codes = {b.file.developer.code for b in books} | {a.bank for b in books if (a := b.standing.open)}
    invite(viewer=viewer, meeting=made, at=at, units=Unit.objects.filter(code__in=codes))
    return made


def rows(viewer: Viewer, meeting: Meeting) -> list[dict[str, Any]]:
    """Each project of a ceremony with its bank, credit and contract, as it stands now."""
    subjects = [i.subject_id for i in meeting.items.all() if i.subject_id]
    found = {b.file.subject_id: b for b in books(files_visible_to(viewer).filter(subject__in=subjects))}
    pushes = {(p.file_id, p.n): p for p in pushes_visible_to(viewer).filter(file__in=[b.file for b in found.values()])}
    out = []
    for pk in subjects:
        b = found.get(pk)
        ask = b.standing.lead if b else None
        push = pushes.get((b.file.pk, ask.n)) if b and ask else None
        contract = (
            next((s.data["contract"] for s in b.steps if s.what == "signed" and push and s.push_id == push.pk), "")
            if b
            else ""
        )
        out.append({"book": b, "ask": ask, "push": push, "contract": contract})
    return [r for r in out if r["book"] is not None]


def sign(
    *, viewer: Viewer, meeting: Meeting, told: Mapping[str, Mapping[str, str]], at: datetime
) -> tuple[int, list[tuple[str, Refused]]]:  # fmt: skip
    """Write contracts down, each for itself: by code of the push its number and how it is drawn. How many, and why others were not."""
    hosted(viewer, meeting)
    signed, failed = 0, []
    for row in rows(viewer, meeting):
        push: Push | None = row["push"]
        if push is None or push.code not in told or row["contract"]:
            continue
        data = {**told[push.code], "parties": [], "meeting": meeting.pk}
        try:
            take(viewer=viewer, file=push.file, push=push, told=Told("signed", local_day(at), data=data), at=at)
            signed += 1
        except Refused as error:
            failed.append((push.file.subject.name, error))
    return signed, failed


def context(viewer: Viewer, meeting: Meeting, now: datetime) -> dict[str, Any]:
    """The fields of `about.signing`."""
    plain = meeting_context(meeting, {}, now)
    found = rows(viewer, meeting)
    return {
        "meeting": {k: v for k, v in plain["meeting"].items() if k not in ("units",)},
        "sum": {"projects": len(found), "amount": spoken(sum(r["ask"].amount for r in found if r["ask"]))},
        "signings": [
            {
                "project": r["book"].file.subject.name, "developer": r["book"].file.developer.name, "bank": r["push"].bank.name if r["push"] else "—",
                "amount": wan(r["ask"].amount) if r["ask"] else "—", "contract": r["contract"] or "—",
            }
            for r in found
        ],
    }  # fmt: skip
