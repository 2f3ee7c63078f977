"""A project's path through the approvals: the plan and what if, its facts, one item and the steps of its record."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.engines.planning import path as engine
from bihuan.engines.planning.approvals import OWNER, Item
from bihuan.instruments.documents import services as documents
from bihuan.instruments.documents.selectors import papers_visible_to
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.orgs.selectors import carriers
from bihuan.kernel.subjects.models import Subject
from bihuan.mechanisms.counselling import followup, paths, rules, services
from bihuan.mechanisms.counselling.catalogue import approvals, unit_of, words
from bihuan.mechanisms.counselling.models import OVER, Application
from bihuan.mechanisms.counselling.papers import plan_context
from bihuan.mechanisms.counselling.sessions import questions_visible_to

from ..errors import sentence
from ..forms.counselling import FactsForm, RecordForm, SupposeForm, WhatIfForm
from ..middleware import acting, viewer
from ..pathchart import path_gantt, path_graph
from ..templatetags.counselling import step_word
from ..templatetags.pieces import chinese
from ..templatetags.projects import own_name
from .common import form_page, saying
from .projects import project_or_404


def _later(type_: str) -> set[str]:
    """Items that may follow what waits for them."""
    return {m for i in approvals().items.values() for n in i.needs if n.later for m in n.ids(type_)}


def _item(name: str) -> Item:
    found = approvals().items.get(name)
    if found is None or found.milestone:
        raise Http404
    return found


def _to(subject: Subject, item: str = "") -> str:
    return reverse("path_item", args=[subject.code, item]) if item else reverse("path", args=[subject.code])


@require_GET
def path(request: HttpRequest, code: str) -> HttpResponse:
    """The plan, what it hangs on, what to hand in this week, and what would be if."""
    who = viewer(request)
    subject, _project = project_or_404(request, code)
    keeps = paths.keeps(who, subject)
    told = paths.facts(subject)
    if told is None:
        return render(request, "web/path_empty.html", {"subject": subject, "keeps": keeps})
    today = timezone.localdate()
    apps = paths.applied([subject])[subject.pk]
    c = approvals()
    form = WhatIfForm(request.GET or None, items=c.approvals, later=_later(told.type))
    valid = form.is_valid() if form.is_bound else False
    d = form.cleaned_data if valid else {}
    goal, by = d.get("goal") or engine.FINISH, d.get("by") or "promise"
    learnt = paths.history() if by == "history" else {}
    now = paths.path_of(subject, today, goal=goal, apps=apps, by=by, learnt=learnt)
    supposed, shown = None, now
    if valid and (form.modes() or d.get("late")):
        what = {"modes": form.modes(), "late": {d["late"]: d["until"]} if d.get("late") else {}}
        try:
            supposed = shown = paths.path_of(subject, today, goal=goal, suppose=what, apps=apps, by=by, learnt=learnt)
        except Refused as error:
            messages.error(request, sentence(error))
    name = "name" if chinese() else "name_en"
    gained = engine.gains(c, told, shown.situation, calendar_for(subject.territory.path), goal)
    return render(request, "web/path.html", {
        "subject": subject, "keeps": keeps, "path": shown, "before": now, "supposed": supposed,
        "won": now.length - supposed.length if supposed else 0, "form": form, "gantt": path_gantt(shown, name), "graph": path_graph(shown, name),
        "week": [(s, c.items[s.id]) for s in shown.this_week()], "gained": [(c.items[i], n) for i, n in gained[:3]],
        "critical": [(c.items[i], shown.steps[i]) for i in shown.critical], "stages": _stages(shown, apps), "edition": c,
        "not_for": [(c.items[i], s) for i, s in shown.steps.items() if s.state in ("none", "open")], "type": c.types[told.type],
        "papers": papers_visible_to(who).filter(about=f"path:{subject.code}").exclude(state="dropped")[:5],
        "start": shown.steps[engine.START], "permit": shown.steps["C14"],
    })  # fmt: skip


def _stages(found: engine.Path, apps: list[Application]) -> list[dict[str, Any]]:
    """The items that apply by stage, with their applications and the days that the stage may take and takes."""
    c = found.catalogue
    latest = {a.item: a for a in apps}
    calendar = calendar_for()
    out = []
    for stage in c.stages.values():
        rows: list[dict[str, Any]] = [
            {"item": i, "step": found.steps[i.id], "app": latest.get(i.id), "unit": unit_of(i)}
            for i in c.approvals
            if i.stage == stage.id and found.steps[i.id].state not in ("none", "open")
        ]
        left = [found.steps[i.id] for i in c.approvals if i.stage == stage.id]
        begins, ends = [s.start for s in left if s.start], [s.end for s in left if s.end]
        takes = calendar.count(min(begins), max(ends)) if begins and ends else 0
        if rows:
            out.append(
                {"stage": stage, "rows": rows, "takes": takes, "quota": c.types[found.facts.type].quota.get(stage.id)}
            )
    return out


@require_http_methods(["GET", "POST"])
def facts(request: HttpRequest, code: str) -> HttpResponse:
    """What a project is."""
    who = acting(request)
    subject, _project = project_or_404(request, code)
    if not paths.keeps(who, subject):
        raise Http404
    body = paths.body_of(subject)
    form = FactsForm(
        request.POST or None, catalogue=approvals(), told=body.get("facts", {}), works=body.get("own", {}).get("works")
    )

    def act(d: dict[str, Any]) -> HttpResponse:
        now = timezone.now()
        services.describe(viewer=who, subject=subject, at=now, told=form.told())
        if d["works"] != body.get("own", {}).get("works"):
            services.suppose(viewer=who, subject=subject, at=now, key="own", values={"works": d["works"]})
        return redirect(_to(subject))

    return form_page(
        request, form, act, title=_("%(name)s in a dozen facts") % {"name": subject.name}, button=_("See its path"), back=_to(subject),
        template="web/path_facts.html",
    )  # fmt: skip


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
    return render(request, "web/path_item.html", {
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
    form = SupposeForm(request.POST or None, initial=initial, item=found, later=name in _later(told.type))

    def act(d: dict[str, Any]) -> HttpResponse:
        now = timezone.now()
        for field, key in keys.items():
            value = d[field].isoformat() if isinstance(d[field], date) else d[field]
            if (value or None) != (initial[field] or None) or (value == 0 and initial[field] != 0):
                services.suppose(
                    viewer=who, subject=subject, at=now, key=key, values={name: None if value in ("", None) else value}
                )
        return redirect(_to(subject, name))

    return form_page(
        request, form, act, title=_("%(item)s of %(name)s") % {"item": own_name(found), "name": subject.name}, button=_("Save"), back=_to(subject, name)
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
        return redirect(_to(subject, name))

    title = f"{found.id} {own_name(found)}: {step_word(step, what)}"
    return form_page(request, form, act, title=title, button=_("Record"), back=_to(subject, name))


@require_POST
def paper(request: HttpRequest, code: str) -> HttpResponse:
    """One project, one plan: as a paper."""
    who: Viewer = acting(request)
    subject, _project = project_or_404(request, code)
    unit = paths.keeps(who, subject)
    if not unit or paths.facts(subject) is None:
        raise Http404
    now = timezone.now()
    with saying(request):
        documents.ask(
            viewer=who, at=now, unit=Unit.objects.get(code=unit), kind_id="project_plan", title=_("%(name)s: one project, one plan") % {"name": subject.name},
            context=plan_context(subject, timezone.localdate()), about=f"path:{subject.code}", readers=[subject.unit] if subject.unit else [],
        )  # fmt: skip
        messages.success(request, _("The paper is being written."))
    return redirect(_to(subject))


def case_or_404(request: HttpRequest, pk: int) -> Application:
    """An application of a visible project."""
    rows = paths.applications_visible_to(viewer(request)).select_related("subject__territory", "subject__unit", "unit")
    return get_object_or_404(rows, pk=pk)
