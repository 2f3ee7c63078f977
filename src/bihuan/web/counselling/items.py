"""One item of a project's path: why it is there, what is laid down of it, and the steps of its record."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.engines.approvals.catalogue import OWNER, Item
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.orgs.selectors import carriers
from bihuan.kernel.registry.words import own_name
from bihuan.mechanisms.counselling import followup, paths, rules, services
from bihuan.mechanisms.counselling.catalogue import approvals, words
from bihuan.mechanisms.counselling.models import OVER, Application
from bihuan.mechanisms.counselling.sessions import questions_visible_to
from bihuan.mechanisms.counselling.words import step_word

from ..subjects.projects import project_or_404
from ..surface.formpage import form_page
from ..surface.middleware import acting, viewer
from .forms import RecordForm, SupposeForm
from .paths import later, to


def _item(name: str) -> Item:
    found = approvals().items.get(name)
    if found is None or found.milestone:
        raise Http404
    return found


@require_GET
def item(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """One item of a project: why, from whom, with what, how its record stands, what is known of it."""
    who = viewer(request)
    subject, _project = project_or_404(request, code)
    found = _item(name)
    if paths.facts(subject) is None:
        raise Http404
    today = timezone.localdate()
    apps = list(
        subject.applications.filter(item=name)
        .select_related("unit", "subject__territory")
        .prefetch_related("steps__unit")
    )
    latest = apps[-1] if apps else None
    stand = paths.standing(latest, today) if latest else rules.Standing()
    step = paths.path_of(subject, today).steps[name]
    unit = services.decider(name, subject)
    writes = bool(
        who.acting & ({unit.code} | carriers(paths.OFFICE)) or (found.department == OWNER and paths.keeps(who, subject))
    )
    over = stand.state in OVER
    closed = latest is None or latest.decided is not None or over
    able = rules.able(stand, latest.mode, words()) if writes and latest and not over else []
    laid = paths.body_of(subject)
    return render(request, "counselling/path_item.html", {
        "subject": subject, "item": found, "step": step, "unit": unit, "with": [approvals().departments[x] for x in found.with_], "apps": apps,
        "latest": latest, "standing": stand, "able": able, "receives": writes and closed and step.applies, "keeps": paths.keeps(who, subject),
        "laid": {k: laid.get(k, {}).get(name) for k in ("ready", "days", "modes", "waived", "done")}, "words": words(), "late_entry": words().clock.late_entry,
        "clockwork": _clocks(stand, today), "known": followup.knowledge(item=name)[:10],
        "questions": questions_visible_to(who).filter(subject=subject, item=name).select_related("matter").distinct().order_by("-pk")[:20],
    })  # fmt: skip


def _clocks(s: rules.Standing, today: date) -> list[dict[str, Any]]:
    """The two clocks as bars: how much of each is used."""
    calendar = calendar_for()
    found = []
    for name, begin, due in (("acceptance", s.received, s.acceptance_due), ("decision", s.accepted, s.decision_due)):
        if begin is None or due is None:
            continue
        end = (
            s.accepted
            if name == "acceptance" and s.accepted and not s.silent
            else s.decided
            if name == "decision" and s.decided
            else today
        )
        whole = max(calendar.count(begin, due), 1)
        used = max(calendar.count(begin, end), 0)
        found.append(
            {
                "name": name,
                "begin": begin,
                "due": due,
                "used": used,
                "whole": whole,
                "left": whole - used,
                "runs": s.clock == name,
            }
        )
    return found


@require_http_methods(["GET", "POST"])
def suppose(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """What is laid down for an item: its papers ready, own days, a way taken, not applying, obtained before."""
    who = acting(request)
    subject, _project = project_or_404(request, code)
    found = _item(name)
    told = paths.facts(subject)
    if not paths.keeps(who, subject) or told is None:
        raise Http404
    laid = paths.body_of(subject)
    keys = {"ready": "ready", "days": "days", "mode": "modes", "waived": "waived", "done": "done"}
    initial = {field: laid.get(key, {}).get(name) for field, key in keys.items()}
    form = SupposeForm(request.POST or None, initial=initial, item=found, later=name in later(told.type))

    def act(d: dict[str, Any]) -> HttpResponse:
        now = timezone.now()
        for field, key in keys.items():
            value = d[field].isoformat() if isinstance(d[field], date) else d[field]
            if (value or None) != (initial[field] or None) or (value == 0 and initial[field] != 0):
                services.suppose(
                    viewer=who, subject=subject, at=now, key=key, values={name: None if value in ("", None) else value}
                )
        return redirect(to(subject, name))

    return form_page(
        request, form, act, title=_("%(item)s of %(name)s") % {"item": own_name(found), "name": subject.name}, button=_("Save"), back=to(subject, name)
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def record(request: HttpRequest, code: str, name: str, step: int, what: str = "") -> HttpResponse:
    """The next step of an approval; step 1 begins a new application."""
    who = acting(request)
    subject, _project = project_or_404(request, code)
    found = _item(name)
    begins = step == rules.RECEIVED
    latest = subject.applications.filter(item=name).order_by("-pk").first()
    if (not begins and latest is None) or (
        step == rules.OWN and what not in (rules.EXTENDED, rules.FORMAL, rules.FOLLOWED)
    ):
        raise Http404
    if step not in words().changes and step != rules.OWN:
        raise Http404
    form = RecordForm(
        request.POST or None, initial={"day": timezone.localdate()}, code=step, what=what, words=words(), item=name, mode=found if begins else None
    )  # fmt: skip

    def act(d: dict[str, Any]) -> HttpResponse:
        now = timezone.now()
        if begins:
            services.receive(
                viewer=who,
                subject=subject,
                item=name,
                day=d["day"],
                at=now,
                mode=d["mode"],
                code=d["code"],
                opinion=d["opinion"],
            )
        else:
            assert latest is not None
            services.record(viewer=who, application=latest, told=services.Told(step, what=what, **d), at=now)
        return redirect(to(subject, name))

    title = f"{found.id} {own_name(found)}: {step_word(step, what)}"
    return form_page(request, form, act, title=title, button=_("Record"), back=to(subject, name))


def case_or_404(request: HttpRequest, pk: int) -> Application:
    """An application of a visible project."""
    rows = paths.applications_visible_to(viewer(request)).select_related("subject__territory", "subject__unit", "unit")
    return get_object_or_404(rows, pk=pk)
