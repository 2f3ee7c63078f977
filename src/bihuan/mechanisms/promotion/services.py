"""Writing what is the promotion mechanism's own: the scheme of lights, excuses, links for demands and what comes by them."""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta

from django.db import transaction

from bihuan.instruments.supervision.models import Objection
from bihuan.instruments.supervision.services import object_to
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.refusal import N_, Refused, must, need
from bihuan.kernel.domain.state import Event
from bihuan.kernel.files.filing import Entry, file_entries, stream_of
from bihuan.kernel.ledger.services import note
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.services import act, raise_matter
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.orgs.selectors import function_unit
from bihuan.kernel.subjects.models import Subject

from .catalogue import light_schemes
from .models import Choice, DemandLink

LIGHTS = "promotion:lights"
"""The stream of the schemes that were chosen."""
SECTOR = "economy"
"""The sector of key projects, as their kinds of matter name it."""
LINK_DAYS = 365
MOST_OPEN = 20
"""Open demands that one link may hold: beyond, somebody plays."""


def coordinates(viewer: Viewer) -> bool:
    """Whether the viewer works for the unit that coordinates key projects."""
    return function_unit("coordinate.promotion") in viewer.acting


def _coordinator(viewer: Viewer) -> str:
    must(coordinates(viewer))
    return function_unit("coordinate.promotion")


@transaction.atomic
def choose_scheme(*, viewer: Viewer, scheme: str, at: datetime) -> None:
    """Use another scheme of lights from now on."""
    unit = _coordinator(viewer)
    if scheme not in light_schemes():
        raise Refused(N_("There is no such scheme."), field="scheme")
    Choice.objects.create(scheme=scheme, person=viewer.person.username, at=at)
    happened = Event("SchemeChosen", at, viewer.person.username, unit, {"scheme": scheme})
    note(stream=LIGHTS, event=happened, at=at)


def excuse(*, viewer: Viewer, subject: Subject, reason: str, until: date, at: datetime) -> None:
    """A leader excuses a project until a day: its light is grey, and its reasons stay to be read. Refused for others."""
    if not viewer.oversees(subject.territory_id, SECTOR):
        raise Refused(N_("Only a leader in charge may excuse a project."), allowed=False)
    need(reason, "reason")
    if not local_day(at) <= until <= local_day(at) + timedelta(days=366):
        raise Refused(N_("An excuse ends within a year from today."), field="until")
    values = {"reason": reason.strip(), "until": until.isoformat(), "approver": viewer.person.username}
    file_entries(
        entries=[Entry(subject, "excuse", "main", values)],
        person=viewer.person.username,
        unit=viewer.posts[0].unit.code,
        at=at,
    )


@transaction.atomic
def link_make(*, viewer: Viewer, subject: Subject, unit: Unit, at: datetime) -> DemandLink:
    """A link for the enterprise of a project; an older one of the same enterprise ends."""
    office = _coordinator(viewer)
    DemandLink.objects.filter(subject=subject, unit=unit, ended_at=None).update(ended_at=at)
    link = DemandLink.objects.create(
        subject=subject, unit=unit, code=secrets.token_urlsafe(24), person=viewer.person.username, at=at,
        until=local_day(at) + timedelta(days=LINK_DAYS),
    )  # fmt: skip
    happened = Event(
        "LinkMade", at, viewer.person.username, office, {"unit": unit.code, "until": link.until.isoformat()}
    )
    note(stream=stream_of(subject), event=happened, at=at)
    return link


@transaction.atomic
def link_end(*, viewer: Viewer, link: DemandLink, at: datetime) -> None:
    """The link leads nowhere from now on."""
    office = _coordinator(viewer)
    if DemandLink.objects.filter(pk=link.pk, ended_at=None).update(ended_at=at):
        happened = Event("LinkEnded", at, viewer.person.username, office, {"unit": link.unit.code})
        note(stream=stream_of(link.subject), event=happened, at=at)


def link_of(code: str, today: date) -> DemandLink | None:
    """The link of a code, while it leads somewhere."""
    rows = DemandLink.objects.filter(code=code, ended_at=None, until__gte=today, unit__active=True)
    return rows.select_related("subject__territory", "subject__unit", "unit").first()


def _visitor(link: DemandLink) -> c.Actor:
    return c.Actor(f"link:{link.pk}", frozenset({link.unit.code}))


def demands(link: DemandLink) -> list[Matter]:
    """The demands that came by links of this enterprise for this project, newest first."""
    rows = Matter.objects.filter(subject=link.subject, raiser=link.unit, kind="demand").select_related(
        "lead", "territory"
    )
    return list(rows.order_by("-number")[:100])


def demand(*, link: DemandLink, title: str, description: str, token: str, at: datetime) -> Matter:
    """An enterprise raises a demand. Refused when too many of its demands are open."""
    open_ = Matter.objects.filter(subject=link.subject, raiser=link.unit, kind="demand", open=True).count()
    if open_ >= MOST_OPEN:
        raise Refused(N_("%(n)s demands are open already; please wait for answers first."), n=open_)
    return raise_matter(
        actor=_visitor(link), at=at, kind_id="demand", title=title, description=description, subject=link.subject, raiser=link.unit,
        token=token,
    )  # fmt: skip


def rate(*, link: DemandLink, number: int, good: bool, words: str, at: datetime) -> Matter:
    """The enterprise rates an answer: satisfied closes the demand, not satisfied sends it back with the reason."""
    _own(link, number)
    actor = _visitor(link)
    command: c.Command = c.Verify(actor, at, words or "满意") if good else c.SendBack(actor, at, words)
    return act(number=number, command=command)


def demand_object(*, link: DemandLink, number: int, reason: str, at: datetime) -> Objection:
    """The enterprise objects to the decline of its demand."""
    matter = _own(link, number)
    return object_to(
        units=frozenset({link.unit.code}),
        person=f"link:{link.pk}",
        matter=matter,
        against=Objection.Against.DECLINED,
        reason=reason,
        at=at,
    )


def _own(link: DemandLink, number: int) -> Matter:
    """Refused for a matter that is no demand of this link's enterprise and project."""
    matter = (
        Matter.objects.filter(pk=number, subject=link.subject, raiser=link.unit, kind="demand")
        .select_related("assigner")
        .first()
    )
    if matter is None:
        raise Refused(N_("There is no such matter, or it is not yours to see."), allowed=False)
    return matter
