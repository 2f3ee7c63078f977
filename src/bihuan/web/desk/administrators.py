"""The desk of an administrator: what waits for this one of the three, each number opening its rows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.instruments.jobs.selectors import stuck
from bihuan.instruments.notices.models import Delivery
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.ledger import checkpoints
from bihuan.kernel.ledger.clockguard import clock_state
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.matters.catalogue import kinds
from bihuan.kernel.orgs.models import Function, Person
from bihuan.kernel.orgs.selectors import posts_on
from bihuan.kernel.registry.duties import duties
from bihuan.kernel.registry.models import DutyRun
from bihuan.kernel.registry.words import moment
from bihuan.operations import integrity
from bihuan.operations.health import worker_silent

from ..record.audit import of_part

Figure = tuple[str, Any, str, str]


def administrators_desk(request: HttpRequest, who: Viewer) -> HttpResponse:
    """Figures with what to do about them."""
    figures = [*_alarms(who.admin), *{"system": _system, "security": _security, "audit": _audit}[who.admin]()]
    return render(request, "desk/desk_admin.html", {"figures": figures})


def _alarms(admin: str) -> list[Figure]:
    """What all three are told: faults of the record; and the system administrator of duties that fail."""
    checks = [row for _kind, row in integrity.latest() if row]
    faults = sum(row.found for row in checks)
    when = max((row.at for row in checks), default=None)
    told: list[Figure] = [
        (
            _("Places where the record does not hold"), faults if checks else "—", reverse("proven"),
            _("Checked %(when)s.") % {"when": moment(when)} if when else _("Not checked yet: the worker does it every night."),
        )
    ]  # fmt: skip
    if (clock := clock_state(timezone.now())).state != "fine":
        told.insert(
            0,
            (
                _("The clock is in doubt"),
                clock.days,
                reverse("proven"),
                _("The worker waits until you say that the clock is right."),
            ),
        )
    return told + (_worker() if admin == "system" else [])


def _worker() -> list[Figure]:
    """What the system administrator is told of the worker: its silence, duties that fail, tasks that do not go on."""
    now, page = timezone.now(), reverse("proven")
    told: list[Figure] = []
    silent, since = worker_silent(now)
    if silent:
        told.append(
            (
                _("The worker is silent since"),
                moment(since) if since else "—",
                page,
                _("Start it: nothing is reminded, sent or checked without it."),
            )
        )
    failing = list(DutyRun.objects.filter(failures__gt=0).order_by("-failures"))
    if failing:
        first = duties.get(failing[0].name)
        hint = f"{first.title if first else failing[0].name}: {failing[0].error}"
        told.append((_("Duties of the worker that fail"), len(failing), page, hint))
    tasks = stuck(now)
    if tasks:
        told.append((_("Long work that does not go on"), len(tasks), page, _(tasks[0].name)))
    return told


def _system() -> list[Figure]:
    lost = Delivery.objects.filter(state__in=["dead", "unknown"]).count()
    unsure = sum(not k.confirmed for k in kinds())
    until = calendar_for().known_until
    idle = Function.objects.filter(unit__active=False).count()
    return [
        (_("Undelivered notices"), lost, reverse("channels"), _("Channels that broke; try them again or ask their people.")),
        (_("Kinds to be checked"), unsure, reverse("kinds"), _("Time limits whose source nobody has checked yet.")),
        (_("Holidays known until"), until.isoformat(), reverse("calendars"), _("Load the next notice when it is published.")),
        (_("Functions without an active unit"), idle, reverse("orgs"), _("Give each function to a unit that exists.")),
    ]  # fmt: skip


def _security() -> list[Figure]:
    today = timezone.localdate()
    held = posts_on(today).filter(person__isnull=False).values("person")
    vacant = posts_on(today).filter(person=None).count()
    people = Person.objects.exclude(username="")
    without = people.filter(is_active=True).exclude(pk__in=held).count()
    locked = people.filter(is_active=False).count()
    return [
        (_("Vacant posts"), vacant, reverse("people"), _("Work waits there; fill them.")),
        (_("People without a post"), without, reverse("people"), _("Give them a post or lock the account.")),
        (_("Locked accounts"), locked, reverse("people"), _("Unlock them when the reason is gone.")),
    ]  # fmt: skip


def _audit() -> list[Figure]:
    day = timezone.now() - timedelta(days=1)
    recent = Event.objects.filter(entered_at__gte=day)
    acts, refused = (recent.filter(of_part(part)).count() for part in ("acts", "denied"))
    head = checkpoints.latest()
    unsigned = Event.objects.count() - (head.size if head else 0)
    page = reverse("audit")
    return [
        (_("Refused acts, last day"), refused, page + "?part=denied", _("Somebody tried what is not theirs.")),
        (_("Failed sign-ins"), AccessAttempt.objects.count(), page + "?part=signins", _("Names and addresses that were wrong too often.")),
        (_("Administrators' acts, last day"), acts, page, _("Who was given what, by whom.")),
        (_("Events not yet signed"), unsigned, reverse("ledger"), _("Signed every few minutes; a large number means that no worker runs.")),
    ]  # fmt: skip
