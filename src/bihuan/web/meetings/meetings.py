"""Meetings: the list, preparing one, the day itself, the screen on the wall, the door."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.instruments.documents import services as documents
from bihuan.instruments.documents.selectors import papers_visible_to
from bihuan.instruments.lateness.services import late
from bihuan.instruments.meetings import papers, services
from bihuan.instruments.meetings.late import decider
from bihuan.instruments.meetings.models import Item, Meeting
from bihuan.instruments.meetings.selectors import before, hosts, kept, meetings_visible_to, sees_whole
from bihuan.instruments.projects.selectors import key_projects
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.matters.selectors import subjects_visible_to
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.subjects.models import Subject
from bihuan.mechanisms.promotion.agenda import guests, propose
from bihuan.mechanisms.promotion.catalogue import presets
from bihuan.mechanisms.promotion.papers import shown

from ..surface.fields import ReasonForm
from ..surface.formpage import form_page, saying
from ..surface.middleware import acting, viewer
from .forms import DecisionForm, InviteForm, MeetingForm

PAPERS = ("meeting_notice", "agenda", "signin", "minutes")


def meeting_or_404(request: HttpRequest, pk: int) -> Meeting:
    """A meeting that the viewer may see."""
    return get_object_or_404(meetings_visible_to(viewer(request)).select_related("host"), pk=pk)


def hosted(request: HttpRequest, pk: int) -> tuple[Viewer, Meeting]:
    """A meeting that the viewer's unit hosts; others are refused."""
    who = acting(request)
    meeting = meeting_or_404(request, pk)
    services.hosted(who, meeting)
    return who, meeting


@require_GET
def meetings(request: HttpRequest) -> HttpResponse:
    """Those to come, those held, and how the decisions of each stand."""
    who = viewer(request)
    rows = list(meetings_visible_to(who).select_related("host").order_by("-starts_at", "-id")[:60])
    now = timezone.now()
    rates = {
        k.meeting.pk: k for k in kept([m for m in rows if m.state == Meeting.State.HELD and sees_whole(who, m)], now)
    }
    shown_ = [{"meeting": m, "kept": rates.get(m.pk)} for m in rows]
    return render(request, "meetings/meetings.html", {"rows": shown_})


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Prepare a meeting; agenda and invitations build themselves."""
    who = acting(request)
    units = Unit.objects.filter(code__in=who.acting)
    form = MeetingForm(request.POST or None, initial={"host": units.first(), **request.GET.dict()})
    form.fields["host"].queryset = units  # type: ignore[attr-defined]

    def act(d: dict[str, Any]) -> HttpResponse:
        now, usual = timezone.now(), d.pop("usual")
        made = services.prepare(viewer=who, at=now, **{**d, "branches": d["branches"].splitlines()})
        if usual and made.kind == Meeting.Kind.PROMOTION:
            points = propose(who, made, now)
            services.agenda_set(viewer=who, meeting=made, at=now, points=points)
            services.invite(viewer=who, meeting=made, at=now, units=guests(made))
        return redirect("meeting", made.pk)

    return form_page(request, form, act, title=_("New meeting"), button=_("Prepare"), back="meetings")


@require_GET
def meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """Agenda, who is invited and who came, decisions, papers, what is left of last time."""
    who = viewer(request)
    row = meeting_or_404(request, pk)
    now = timezone.now()
    whole = sees_whole(who, row)
    items = list(row.items.select_related("subject__territory", "subject__file", "matter__lead")) if whole else []
    mine = hosts(who, row)
    last = before(row) if whole else None
    guests = Q() if whole else Q(unit__in=who.units)
    return render(request, "meetings/meeting.html", {
        "meeting": row, "items": items, "standing": shown({i.subject for i in items if i.subject}, now), "mine": mine,
        "invited": row.invitations.filter(guests).select_related("unit", "venue"), "came": row.sign_ins.filter(guests).select_related("unit", "venue"), "whole": whole,
        "decisions": (row.decisions if whole else row.decisions.none()).select_related("subject", "lead", "matter__territory", "item").prefetch_related("supporting"),
        "papers": papers_visible_to(who).filter(about=f"meeting:{pk}").exclude(state="dropped"), "venues": row.venues.all(),
        "late_close": row.state == Meeting.State.CALLED and not row.late and late(row.starts_at, now), "decides": bool(decider(who, row)),
        "last": kept([last], now)[0] if last else None, "open": row.state in (Meeting.State.PREPARED, Meeting.State.CALLED),
        "form": decision_form(who, row) if mine and row.state in (Meeting.State.CALLED, Meeting.State.HELD) else None, "presets": presets(),
        "units": Unit.objects.filter(active=True).values_list("name", flat=True),
    })  # fmt: skip


def decision_form(who: Viewer, row: Meeting, data: Any = None, item: Item | None = None) -> DecisionForm:
    subject = item.subject if item else None
    form = DecisionForm(data, initial={"subject": subject, "item": item.pk if item else None})
    on = list(row.items.exclude(subject=None).values_list("subject", flat=True))
    form.fields["subject"].queryset = subjects_visible_to(who).filter(type=Subject.Type.PROJECT, pk__in=on)  # type: ignore[attr-defined]
    return form


def done(request: HttpRequest, meeting: Meeting, act: Callable[[], Any], said: str = "") -> HttpResponse:
    """Do something on the page of a meeting; a refusal is said there."""
    with saying(request):
        act()
        if said:
            messages.success(request, said)
    where = request.POST.get("next", "")
    return redirect(where if where.startswith(f"/meetings/{meeting.pk}/") else reverse("meeting", args=[meeting.pk]))


@require_POST
def agenda(request: HttpRequest, pk: int) -> HttpResponse:
    """Build the agenda anew, put a point on it, give it another order."""
    who, row = hosted(request, pk)
    now = timezone.now()
    if "build" in request.POST:
        return done(
            request, row, lambda: services.agenda_set(viewer=who, meeting=row, at=now, points=propose(who, row, now))
        )
    if "add" in request.POST:
        subject = None
        if request.POST.get("subject"):
            subject = get_object_or_404(key_projects(who), code=request.POST["subject"])
        title = request.POST.get("title", "").strip() or (subject.name if subject else "")
        if not title:
            messages.error(request, _("Name the point or choose a project."))
            return redirect("meeting", row.pk)
        point = services.Point(title, Item.Why.ADDED, subject)
        return done(request, row, lambda: services.agenda_set(viewer=who, meeting=row, at=now, points=[point]))
    order = [int(i) for i in request.POST.getlist("order") if i.isdigit()]
    moved = next((k for k in request.POST if k.startswith(("up-", "down-", "out-"))), "")
    way, _mark, name = moved.partition("-")
    if name.isdigit() and int(name) in order:
        at = order.index(int(name))
        if way == "out":
            order.pop(at)
        else:
            other = max(at - 1, 0) if way == "up" else min(at + 1, len(order) - 1)
            order[at], order[other] = order[other], order[at]
    return done(request, row, lambda: services.agenda_order(viewer=who, meeting=row, at=now, order=order))


@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Invite more units, or take an invitation back."""
    who, row = hosted(request, pk)
    now = timezone.now()
    if request.POST.get("drop"):
        unit = get_object_or_404(Unit, code=request.POST["drop"], invitations__meeting=row)
        return done(request, row, lambda: services.uninvite(viewer=who, meeting=row, at=now, unit=unit))
    form = InviteForm(request.POST or None, meeting=row)

    def act(d: dict[str, Any]) -> HttpResponse:
        services.invite(viewer=who, meeting=row, at=now, units=d["units"], venue=d["venue"])
        return redirect("meeting", row.pk)

    return form_page(
        request,
        form,
        act,
        title=_("Invite to %(title)s") % {"title": row.title},
        button=_("Invite"),
        back=reverse("meeting", args=[row.pk]),
    )


@require_POST
def step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Call the meeting, or end it."""
    who, row = hosted(request, pk)
    now = timezone.now()
    acts: dict[str, tuple[Callable[[], Any], str]] = {
        "call": (
            lambda: services.call(viewer=who, meeting=row, at=now),
            _("The meeting is called; the invited units see it."),
        ),
        "close": (
            lambda: services.close(viewer=who, meeting=row, at=now, reason=request.POST.get("reason", "")),
            _("The meeting has ended; its decisions are matters."),
        ),
    }
    if name not in acts:
        raise Http404
    return done(request, row, *acts[name])


@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """The meeting will not be held."""
    who, row = hosted(request, pk)

    def act(d: dict[str, Any]) -> HttpResponse:
        services.cancel(viewer=who, meeting=row, at=timezone.now(), reason=d["reason"])
        return redirect("meetings")

    return form_page(
        request, ReasonForm(request.POST or None), act, title=_("Cancel %(title)s") % {"title": row.title}, button=_("Cancel the meeting"),
        back=reverse("meeting", args=[row.pk]),
    )  # fmt: skip


@require_POST
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the papers of a meeting that were ticked."""
    who, row = hosted(request, pk)
    kinds = [k for k in request.POST.getlist("kind") if k in PAPERS]
    now = timezone.now()
    items = row.items.exclude(subject=None).select_related("subject__territory", "subject__file")
    context = papers.context(row, shown({i.subject for i in items if i.subject}, now), now)
    names = {"meeting_notice": "通知", "agenda": "议程", "signin": "签到表", "minutes": "纪要"}
    readers = [] if row.guarded else [i.unit for i in row.invitations.select_related("unit")]

    def act() -> None:
        for kind in kinds:
            documents.ask(
                viewer=who, at=now, unit=row.host, kind_id=kind, title=f"{row.title}{names[kind]}", context=context,
                about=f"meeting:{row.pk}", readers=readers,
            )  # fmt: skip

    return done(request, row, act, _("%(n)s papers are being written.") % {"n": len(kinds)} if kinds else "")
