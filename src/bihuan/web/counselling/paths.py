"""A project's path through the approvals: the plan and what if, its facts, its paper."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.engines.approvals import path as engine
from bihuan.instruments.documents import services as documents
from bihuan.instruments.documents.selectors import papers_visible_to
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.registry.words import chinese
from bihuan.kernel.subjects.models import Subject
from bihuan.mechanisms.counselling import paths, services
from bihuan.mechanisms.counselling.catalogue import approvals, unit_of
from bihuan.mechanisms.counselling.models import Application
from bihuan.mechanisms.counselling.papers import plan_context

from ..subjects.projects import project_or_404
from ..surface.errors import sentence
from ..surface.formpage import form_page, saying
from ..surface.middleware import acting, viewer
from .forms import FactsForm, WhatIfForm
from .path_chart import path_gantt, path_graph


def later(type_: str) -> set[str]:
    """Items that may follow what waits for them."""
    return {m for i in approvals().items.values() for n in i.needs if n.later for m in n.ids(type_)}


def to(subject: Subject, item: str = "") -> str:
    """The address of a path, or of one item of it."""
    return reverse("path_item", args=[subject.code, item]) if item else reverse("path", args=[subject.code])


@require_GET
def path(request: HttpRequest, code: str) -> HttpResponse:
    """The plan, what it hangs on, what to hand in this week, and what would be if."""
    who = viewer(request)
    subject, _project = project_or_404(request, code)
    keeps = paths.keeps(who, subject)
    told = paths.facts(subject)
    if told is None:
        return render(request, "counselling/path_empty.html", {"subject": subject, "keeps": keeps})
    today = timezone.localdate()
    apps = paths.applied([subject])[subject.pk]
    c = approvals()
    form = WhatIfForm(request.GET or None, items=c.approvals, later=later(told.type))
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
    gained = engine.gains(shown, calendar_for(subject.territory.path))
    return render(request, "counselling/path.html", {
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
        return redirect(to(subject))

    return form_page(
        request, form, act, title=_("%(name)s in a dozen facts") % {"name": subject.name}, button=_("See its path"), back=to(subject),
        template="counselling/path_facts.html",
    )  # fmt: skip


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
    return redirect(to(subject))
