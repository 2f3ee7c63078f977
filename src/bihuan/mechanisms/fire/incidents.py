"""The register of fires: entered provisionally, put right with a reason, made final by a review after the window for deaths.
Each act is an event of `incident:<id>`; the row is their fold."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from bihuan.instruments.lateness.services import sensible_day
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.refusal import N_, Refused, must, need
from bihuan.kernel.domain.state import Event, stamp
from bihuan.kernel.ledger.services import note
from bihuan.kernel.matters.services import not_future
from bihuan.kernel.orgs.models import Territory, Unit
from bihuan.kernel.orgs.selectors import carriers
from bihuan.kernel.subjects.models import Subject

from .grades import Casualty, Codes, grade, shipped
from .models import Incident
from .selectors import FOLDER

MOST_PEOPLE = 2_000


def codes() -> Codes:
    """The words, codes and scales."""
    return shipped(FOLDER / "incidents.toml")


@dataclass(frozen=True)
class Told:
    """What is entered of a fire; money in fen."""

    at: datetime
    territory: Territory
    address: str
    area: str
    object: str
    place: str
    cause: str
    people: tuple[Casualty, ...] = ()
    loss: int = 0
    households: int = 0
    text: str = ""
    subject: Subject | None = None

    def data(self) -> dict[str, Any]:
        """As events keep it."""
        people = [{"serious": p.serious, "died": p.died.isoformat() if p.died else None} for p in self.people]
        plain = {k: v for k, v in asdict(self).items() if k not in ("at", "territory", "subject", "people")}
        return {
            **plain, "at": stamp(self.at), "territory": self.territory.code, "subject": self.subject.code if self.subject else "", "people": people,
        }  # fmt: skip


def registers(viewer: Viewer) -> bool:
    """Whether the viewer's unit registers fires: the brigade or the fire-safety office."""
    return bool(viewer.acting & carriers("fire_inspection", "coordinate.fire"))


def incidents_visible_to(viewer: Viewer) -> QuerySet[Incident]:
    """Fires in places that the viewer oversees for fire safety, and those of premises of the viewer's units."""
    if viewer.admin:
        return Incident.objects.none()
    found = Q(subject__unit__in=viewer.units) | Q(unit__in=viewer.units)
    for scope in viewer.scopes:
        if scope.sector in ("", "fire"):
            if scope.territories is None:
                return Incident.objects.all()
            found |= Q(territory__in=scope.territories)
    return Incident.objects.filter(found)


def takes_along(viewer: Viewer) -> bool:
    """Whether the viewer may take the record of a fire along: who registers them, and leaders. Duties that were failed and the
    reasons of changes stand in it."""
    return registers(viewer) or any(s.superior for s in viewer.scopes)


def casualties(rows: Collection[dict[str, Any]]) -> tuple[Casualty, ...]:
    """People as they are kept."""
    return tuple(Casualty(bool(p["serious"]), date.fromisoformat(p["died"]) if p["died"] else None) for p in rows)


def graded(at: datetime, people: Collection[Casualty], loss: int, households: int) -> dict[str, str]:
    """Both grades of a fire, by the scales of its day. Refused before the first scale."""
    day, found = local_day(at), {}
    for scale in ("statistics", "accident"):
        try:
            found[scale] = grade(codes().scale(scale, day), day, tuple(people), loss, households)
        except LookupError:
            raise Refused(N_("No scale of grades is known for %(day)s."), field="at", day=day.isoformat()) from None
    return found


def review_from(incident: Incident) -> date:
    """The first day on which no further death can count."""
    window = codes().scale("statistics", local_day(incident.at)).window
    return local_day(incident.at) + timedelta(days=window + 1)


def to_review(viewer: Viewer, now: datetime) -> list[Incident]:
    """Provisional fires whose window for deaths is over, for whoever registers them; the latest first."""
    if not registers(viewer):
        return []
    rows = (
        incidents_visible_to(viewer)
        .filter(state=Incident.State.PROVISIONAL, at__lt=now - timedelta(days=7))
        .select_related("territory")
    )
    return [r for r in rows[:500] if review_from(r) <= local_day(now)]


def _check(told: Told, at: datetime) -> None:
    not_future(told.at)
    sensible_day(local_day(told.at), at=at, field="at")
    words = codes().words
    for name in ("area", "object", "place", "cause"):
        if getattr(told, name) not in words[name]:
            raise Refused(N_("“%(value)s” is no code of this list."), field=name, value=getattr(told, name))
    need(told.address, "address")
    if told.loss < 0 or len(told.people) > MOST_PEOPLE:
        raise Refused(N_("This number cannot be."), field="loss" if told.loss < 0 else "people")
    if any(p.died and p.died < local_day(told.at) for p in told.people):
        raise Refused(N_("Somebody would have died before the fire."), field="people")


def _columns(told: Told) -> dict[str, Any]:
    data = told.data()
    kept = {k: data[k] for k in ("area", "object", "place", "cause", "people", "loss", "households", "text")}
    return {
        **kept, "at": told.at, "territory": told.territory, "subject": told.subject, "address": told.address.strip()[:200],
        **graded(told.at, told.people, told.loss, told.households),
    }  # fmt: skip


def _office(viewer: Viewer) -> str:
    must(registers(viewer))
    return min(viewer.acting & carriers("fire_inspection", "coordinate.fire"))


@transaction.atomic
def register(*, viewer: Viewer, told: Told, at: datetime) -> Incident:
    """Enter a fire. Refused for other units, unknown codes, a future time, a death before the fire."""
    office = _office(viewer)
    _check(told, at)
    row = Incident.objects.create(unit=Unit.objects.get(code=office), person=viewer.person.username, **_columns(told))
    data = {**told.data(), "statistics": row.statistics, "accident": row.accident}
    note(
        stream=f"incident:{row.pk}", event=Event("IncidentRegistered", at, viewer.person.username, office, data), at=at
    )
    return row


def _locked(incident: Incident) -> Incident:
    row: Incident = Incident.objects.select_for_update().get(pk=incident.pk)
    if row.state == Incident.State.ANNULLED:
        raise Refused(N_("This entry was annulled."))
    return row


@transaction.atomic
def change(*, viewer: Viewer, incident: Incident, told: Told, reason: str, at: datetime) -> Incident:
    """Put an entry right, a death that came later included. A final one becomes provisional again. Refused without a reason."""
    office = _office(viewer)
    _check(told, at)
    need(reason, "reason")
    row = _locked(incident)
    for name, value in _columns(told).items():
        setattr(row, name, value)
    row.state = Incident.State.PROVISIONAL
    row.save()
    data = {**told.data(), "statistics": row.statistics, "accident": row.accident, "reason": reason.strip()}
    note(stream=f"incident:{row.pk}", event=Event("IncidentChanged", at, viewer.person.username, office, data), at=at)
    return row


@transaction.atomic
def review(*, viewer: Viewer, incident: Incident, findings: str, failed: Collection[Unit], at: datetime) -> Incident:
    """The review after the window for deaths: grades become final; who failed a duty is a person's finding. Refused before,
    without findings."""
    office = _office(viewer)
    row = _locked(incident)
    if local_day(at) < review_from(row):
        raise Refused(
            N_("Deaths count until the day before %(day)s; the review comes after."), day=review_from(row).isoformat()
        )
    need(findings, "findings")
    row.state, row.findings = Incident.State.FINAL, findings.strip()
    row.save(update_fields=["state", "findings"])
    row.failed.set(failed)
    data = {
        "findings": row.findings,
        "failed": sorted(u.code for u in failed),
        "statistics": row.statistics,
        "accident": row.accident,
    }
    note(stream=f"incident:{row.pk}", event=Event("IncidentReviewed", at, viewer.person.username, office, data), at=at)
    return row


@transaction.atomic
def annul(*, viewer: Viewer, incident: Incident, reason: str, at: datetime) -> None:
    """The entry was wrong; it stays, and counts no longer. Refused without a reason."""
    office = _office(viewer)
    need(reason, "reason")
    row = _locked(incident)
    row.state = Incident.State.ANNULLED
    row.save(update_fields=["state"])
    note(
        stream=f"incident:{row.pk}",
        event=Event("IncidentAnnulled", at, viewer.person.username, office, {"reason": reason.strip()}),
        at=at,
    )
