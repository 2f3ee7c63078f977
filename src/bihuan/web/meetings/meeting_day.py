"""The day of a meeting: the screen on the wall, decisions typed below it, the door."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import segno
from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.instruments.meetings import services
from bihuan.instruments.meetings.models import Meeting
from bihuan.instruments.meetings.selectors import hosts, sees_whole
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.matters.selectors import subjects_visible_to
from bihuan.kernel.orgs.models import Unit
from bihuan.mechanisms.promotion.catalogue import presets

from ..subjects.projects import file_of
from ..surface.errors import sentence
from ..surface.formpage import refuse_foreign
from ..surface.middleware import viewer
from .forms import DoorForm
from .meetings import decision_form, done, hosted, meeting_or_404


@require_GET
def screen(request: HttpRequest, pk: int) -> HttpResponse:
    """The screen on the wall: one point at a time, by keyboard alone."""
    who = viewer(request)
    row = meeting_or_404(request, pk)
    items = list(
        row.items.select_related(
            "subject__unit", "subject__territory", "subject__file", "matter__lead", "matter__territory"
        )
    )
    if not sees_whole(who, row):
        raise Http404
    n = request.GET.get("n", "1")
    at = min(max(int(n), 1), max(len(items), 1)) if n.isascii() and n.isdigit() and len(n) < 5 else 1
    item = items[at - 1] if items else None
    now = timezone.now()
    context: dict[str, Any] = {
        "meeting": row,
        "items": items,
        "item": item,
        "at": at,
        "mine": hosts(who, row),
        "of": len(items),
    }
    if item is not None:
        if item.subject is not None and subjects_visible_to(who).filter(pk=item.subject.pk).exists():
            context |= file_of(item.subject, who)
            context["subject"] = item.subject
            context["open_matters"] = item.subject.matters.filter(open=True, mechanism="promotion").select_related("lead", "territory").order_by("due_at", "number")[:4]  # fmt: skip
        context["decisions"] = row.decisions.filter(item=item).select_related("lead", "subject", "matter")
        if context["mine"] and row.state in (Meeting.State.CALLED, Meeting.State.HELD):
            context["form"] = decision_form(who, row, item=item)
    context |= {
        "presets": presets(),
        "units": Unit.objects.filter(active=True).values_list("name", flat=True),
        "now": now,
    }
    return render(request, "meetings/screen.html", context)


@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a decision down; with `confirm` it is a matter at once."""
    who, row = hosted(request, pk)
    form = decision_form(who, row, request.POST)
    if not form.is_valid():
        refuse_foreign(form)
        for name, errors in form.errors.items():
            messages.error(
                request, f"{form.fields[name].label if name in form.fields else ''} {'; '.join(map(str, errors))}"
            )
        return done(request, row, lambda: None)
    d = form.cleaned_data
    item = get_object_or_404(row.items, pk=d["item"]) if d["item"] else None
    now = timezone.now()

    def act() -> None:
        made = services.decide(
            viewer=who, meeting=row, at=now, subject=d["subject"], lead=d["lead"], task=d["task"], due=d["due"],
            supporting=d["supporting"], item=item,
        )  # fmt: skip
        if "confirm" in request.POST:
            matter = services.confirm(viewer=who, decision=made, at=now)
            messages.success(
                request,
                _("Matter #%(n)s: %(unit)s, due %(due)s.")
                % {"n": matter.number, "unit": d["lead"].name, "due": d["due"]},
            )

    return done(request, row, act)


@require_POST
def decision(request: HttpRequest, pk: int, number: int, name: str) -> HttpResponse:
    """Confirm a decision or strike it."""
    who, row = hosted(request, pk)
    found = get_object_or_404(row.decisions.select_related("meeting__host"), pk=number)
    acts: dict[str, Callable[[], Any]] = {
        "confirm": lambda: services.confirm(viewer=who, decision=found, at=timezone.now()),
        "strike": lambda: services.undecide(viewer=who, decision=found, at=timezone.now()),
    }
    if name not in acts:
        raise Http404
    return done(request, row, acts[name])


@require_GET
def code(request: HttpRequest, pk: int) -> HttpResponse:
    """The QR code for the door, as an SVG picture."""
    _who, row = hosted(request, pk)
    base = settings.SITE_URL.rstrip("/") or f"{request.scheme}://{request.get_host()}"
    out = io.BytesIO()
    segno.make_qr(base + reverse("door", args=[row.code])).save(out, kind="svg", scale=6, border=4, light="#fff")
    return HttpResponse(out.getvalue(), content_type="image/svg+xml")


@login_not_required
@require_http_methods(["GET", "POST"])
def door(request: HttpRequest, code: str) -> HttpResponse:
    """Sign in at the door: with one's account in one tap, else by unit and name. Whoever does not know the code learns nothing."""
    row = get_object_or_404(Meeting.objects.select_related("host"), code=code)
    who: Viewer | None = getattr(request, "viewer", None)
    initial = {}
    if who is not None and who.posts:
        initial = {"unit": who.posts[0].unit, "name": str(who.person)}
    form = DoorForm(request.POST or None, meeting=row, initial=initial)
    error, came = "", None
    if request.method == "POST" and not ratelimit.consume(request, action="door"):
        error = str(_("Too many tries; please wait an hour."))
    elif request.method == "POST" and form.is_valid():
        known = (
            who is not None
            and form.cleaned_data["unit"].code in who.codes
            and form.cleaned_data["name"] == str(who.person)
        )
        try:
            came = services.sign_in(
                meeting=row, at=timezone.now(), unit=form.cleaned_data["unit"], name=form.cleaned_data["name"],
                person=who.person.username if known and who is not None else "",
            )  # fmt: skip
        except Refused as refused:
            error = sentence(refused)
    return render(request, "meetings/door.html", {"meeting": row, "form": form, "error": error, "came": came})
