"""Assessments: all of a year, one unit's with its reasons, the rows behind a figure, marks, appeals."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.adapters.excel import Column
from bihuan.instruments.accountability.services import measures_visible_to
from bihuan.instruments.assessment import appeals, services
from bihuan.instruments.assessment.catalogue import body_of, cycle, read, shipped
from bihuan.instruments.assessment.face import LEVELS
from bihuan.instruments.assessment.metrics import metrics
from bihuan.instruments.assessment.models import Assessment, Mark
from bihuan.instruments.assessment.reckoning import Sheet, as_of, sheets
from bihuan.instruments.assessment.selectors import (
    appeals_visible_to,
    assessments_visible_to,
    full,
    keeps,
    proofs_visible_to,
    rows_of,
)
from bihuan.instruments.letters.catalogue import templates
from bihuan.instruments.letters.models import Letter
from bihuan.instruments.letters.selectors import audience
from bihuan.kernel.ledger.selectors import stream
from bihuan.kernel.orgs.models import Unit

from ..surface import exports
from ..surface.files import kept_file
from ..surface.formpage import form_page, saying
from ..surface.history import history
from ..surface.middleware import acting, viewer
from .assessment_forms import AppealForm, DecideAppealForm, MarkForm, OpenForm, VetoForm
from .letters import year_of
from .words import LIGHTS, figure_name

State = Assessment.State
COUNT = 400
"""Rows that a page shows behind a figure; the file has all."""


def sheet_or_404(request: HttpRequest, pk: int) -> Sheet:
    """An assessment that the viewer may see, with its scores."""
    row = get_object_or_404(full(assessments_visible_to(viewer(request))), pk=pk)
    return sheets([row], timezone.now())[0]


def chart_of(found: list[Sheet]) -> str:
    """Totals as lying bars in the colours of their levels."""
    rows = sorted(found, key=lambda s: s.final.total)
    return json.dumps(
        {
            "kind": "bar", "lying": True, "min": 0, "names": [s.assessment.unit.name for s in rows], "links": [reverse("assessment", args=[s.assessment.pk]) for s in rows],
            "series": [{"name": _("Points"), "data": [s.final.total / 100 for s in rows], "colours": [LIGHTS[s.final.level] for s in rows]}],
        },
        ensure_ascii=False,
    )  # fmt: skip


@require_GET
def assessments(request: HttpRequest) -> HttpResponseBase:
    """A year: each scheme with its units, their parts and levels; for a unit its own."""
    who, year, now = viewer(request), year_of(request), timezone.now()
    rows = full(assessments_visible_to(who).filter(year=year).order_by("key", "unit__name"))
    found = sheets(rows, now)
    if exports.asked(request):
        return _file(request, year, found)
    groups: list[dict[str, Any]] = []
    for key in sorted({s.assessment.key for s in found}):
        own = [s for s in found if s.assessment.key == key]
        states = {s.assessment.state for s in own}
        groups.append(
            {
                "scheme": own[0].scheme, "sheets": own, "chart": chart_of(own) if len(own) > 1 else "", "keeps": keeps(who, own[0].scheme.mechanism), "states": states,
                "levels": [(level, sum(s.final.level == level for s in own)) for level in LIGHTS], "state": _group_state(states),
                "parts": [p for p in own[0].scheme.parts if not p.special],
            }
        )  # fmt: skip
    context = {
        "tab": "assessments", "year": year, "groups": groups, "facts_of": as_of(year), "appeals": appeals_visible_to(who).filter(upheld=None).select_related("assessment__unit", "decider"),
        "opens": [s for s in _openable(who) if s.key not in {g["scheme"].id for g in groups}], "cycle": cycle(),
    }  # fmt: skip
    return render(request, "responsibility/assessments.html", context)


def _group_state(states: set[str]) -> str:
    """The stage that decides what the office does next."""
    return next(
        (s for s in (State.RUNNING, State.SELF, State.REVIEWED, State.ANNOUNCED, State.FINAL) if s in states), ""
    )


def _openable(who: Any) -> list[SimpleNamespace]:
    return [
        SimpleNamespace(key=key, name=data["name"], name_en=data["name_en"])
        for key, data in shipped().items()
        if keeps(who, data["mechanism"])
    ]


def _file(request: HttpRequest, year: int, found: list[Sheet]) -> HttpResponseBase:
    """Every item of every unit: computed, self, assessor, final."""
    columns = [
        Column(_("Scheme"), width=28),
        Column(_("Unit"), width=24),
        Column(_("Assessed item"), width=28),
        Column(_("Of"), "number"),
    ]
    columns += [Column(x, "number") for x in (_("Computed"), _("Self-review"), _("Assessor"), _("Final"))] + [
        Column(_("Total"), "number"),
        Column(_("Result level")),
    ]

    def data() -> Any:
        for s in found:
            own, assessor, final = s.own.items(), s.assessor.items(), s.final.items()
            for item, got in s.computed.items().items():
                yield [
                    s.scheme.name, s.assessment.unit.name, got.item.name, got.item.points / 100, got.points / 100, own[item].points / 100,
                    assessor[item].points / 100, final[item].points / 100, s.final.total / 100, str(LEVELS[s.final.level]),
                ]  # fmt: skip

    return exports.exported(request, f"{year}-{_('Assessments')}", columns, data())


@require_http_methods(["GET", "POST"])
def open_year(request: HttpRequest, key: str) -> HttpResponse:
    """Begin a year for the units that signed its letters, or others."""
    who, year = acting(request), year_of(request)
    if key not in shipped() or not keeps(who, shipped()[key]["mechanism"]):
        raise Http404
    template = next((t for t in templates().values() if t.scheme == key), None)
    parties = Letter.objects.filter(
        batch__mechanism=shipped()[key]["mechanism"], batch__year=year, party__isnull=False
    ).exclude(state=Letter.State.WITHDRAWN)
    signed = Unit.objects.filter(pk__in=parties.filter(batch__audience=shipped()[key]["audience"]).values("party"))
    group = (audience(template) if template else Unit.objects.filter(active=True)) | signed
    form = OpenForm(request.POST or None, initial={"units": list(signed or (audience(template) if template else []))})
    form.fields["units"].queryset = group.distinct().order_by("name")  # type: ignore[attr-defined]

    def act(d: dict[str, Any]) -> HttpResponse:
        made = services.open_year(viewer=who, key=key, year=year, units=list(d["units"]), at=timezone.now())
        messages.success(request, _("%(n)s units are under assessment.") % {"n": len(made)})
        return redirect(f"{reverse('assessments')}?year={year}")

    return form_page(
        request,
        form,
        act,
        title=f"{year} · {shipped()[key]['name']}",
        button=_("Begin"),
        back=f"{reverse('assessments')}?year={year}",
    )


@require_POST
def year_act(request: HttpRequest, key: str, year: int, name: str) -> HttpResponse:
    """Ask for self-reviews, announce, make final."""
    who, now = acting(request), timezone.now()
    if key not in shipped():
        raise Http404
    if not keeps(who, shipped()[key]["mechanism"]):
        raise PermissionDenied
    acts = {"review": services.begin_review, "announce": services.announce, "finish": services.finish}
    if name not in acts:
        raise Http404
    with saying(request):
        n = acts[name](viewer=who, key=key, year=year, at=now)
        messages.success(request, _("Done for %(n)s units.") % {"n": n})
    return redirect(f"{reverse('assessments')}?year={year}")


@require_GET
def assessment(request: HttpRequest, pk: int) -> HttpResponse:
    """One unit's year: the score, why, what would raise it most, the quarters, marks and appeals."""
    who, sheet = viewer(request), sheet_or_404(request, pk)
    a, today = sheet.assessment, timezone.localdate()
    scores = sorted(a.scores.all(), key=lambda s: s.period.ljust(6, "Z"))
    own, assessor, final = sheet.own.items(), sheet.assessor.items(), sheet.final.items()
    marks = {(m.item, m.side): m for m in a.marks.all()}
    appealed = {x.item: x for x in a.appeals.all()}
    proofs: dict[tuple[str, str], list[Any]] = {}
    for p in proofs_visible_to(who).filter(assessment=a):
        proofs.setdefault((p.item, p.side), []).append(p)
    parts = [
        {
            "score": p, "rows": [
                {
                    "score": i, "own": own[i.item.id].points, "assessor": assessor[i.item.id].points, "final": final[i.item.id].points, "appeal": appealed.get(i.item.id),
                    "marks": [(m, proofs.get((i.item.id, side), [])) for side in Mark.Side.values if (m := marks.get((i.item.id, side)))], "proofs": proofs.get((i.item.id, "appeal"), []),
                }
                for i in p.items
            ],
            "final": next(x.points for x in sheet.final.parts if x.part.id == p.part.id),
        }
        for p in sheet.computed.parts
    ]  # fmt: skip
    mine, office = a.unit.code in who.acting, keeps(who, a.mechanism)
    told = stream(f"assessment:{pk}")
    context = {
        "tab": "assessments", "year": a.year, "a": a, "sheet": sheet, "parts": parts, "scores": scores, "chart": _trend(scores, sheet), "gains": sheet.gains()[:5], "mine": mine, "office": office,
        "may_claim": mine and a.state == State.SELF, "may_mark": office and a.state in (State.RUNNING, State.SELF, State.REVIEWED),
        "may_appeal": mine and a.state == State.ANNOUNCED and a.appeal_until is not None and today <= a.appeal_until, "veto_proofs": proofs.get(("", "veto"), []),
        "facts_of": a.as_of or as_of(a.year), "measures": measures_visible_to(who).filter(assessment=a), "story": history(told.events, told.entered),
    }  # fmt: skip
    return render(request, "responsibility/assessment.html", context)


def _trend(scores: list[Any], sheet: Sheet) -> str:
    told = [(s.period, s.total / 100) for s in scores]
    if sheet.assessment.state in (State.RUNNING, State.SELF, State.REVIEWED):
        told.append((_("now"), sheet.final.total / 100))
    return json.dumps(
        {
            "kind": "line",
            "names": [n for n, _v in told],
            "min": 0,
            "max": 105,
            "series": [{"name": _("Points"), "data": [v for _n, v in told]}],
        },
        ensure_ascii=False,
    )


@require_GET
def rows(request: HttpRequest, pk: int, metric: str) -> HttpResponseBase:
    """The rows behind a figure."""
    who, sheet = viewer(request), sheet_or_404(request, pk)
    if metric not in metrics():
        raise Http404
    a = sheet.assessment
    found = rows_of(who, sheet, metric)
    if exports.asked(request):
        columns = [Column(_("What"), width=44), Column(_("Counts")), Column(_("When")), Column(_("Note"), width=40)]
        data = ([r.label, _("yes") if r.good else _("no"), r.at, r.note] for r in found)
        return exports.exported(request, f"{a.unit.name}-{figure_name(metric)}", columns, data)
    fact = sheet.facts.get(metric)
    told = fact.den if fact and fact.den is not None else fact.num if fact else 0
    context = {
        "tab": "assessments", "year": a.year, "a": a, "metric": metric, "fact": fact, "rows": found[:COUNT], "n": len(found), "hidden": max((told or 0) - len(found), 0),
        "facts_of": a.as_of or as_of(a.year),
    }  # fmt: skip
    return render(request, "responsibility/assessment_rows.html", context)


@require_http_methods(["GET", "POST"])
def mark(request: HttpRequest, pk: int, side: str, item: str) -> HttpResponse:
    """Change an item: the unit's claim, or the assessor's finding."""
    who, sheet = acting(request), sheet_or_404(request, pk)
    a = sheet.assessment
    if side not in Mark.Side.values or item not in sheet.computed.items():
        raise Http404
    if (side == Mark.Side.SELF and a.unit.code not in who.acting) or (
        side == Mark.Side.ASSESSOR and not keeps(who, a.mechanism)
    ):
        raise PermissionDenied
    got = sheet.computed.items()[item]
    old = a.marks.filter(item=item, side=side).first()
    form = MarkForm(
        request.POST or None,
        request.FILES or None,
        initial={"points": f"{old.points / 100:g}", "text": old.text} if old else {},
    )

    def act(d: dict[str, Any]) -> HttpResponse:
        services.mark(
            viewer=who,
            a=a,
            side=side,
            item=item,
            points=d["points"],
            text=d["text"],
            files=d["staged"],
            at=timezone.now(),
        )
        return redirect("assessment", pk)

    title = f"{a.unit.name} · {got.item.name} · {_('computed')} {got.points / 100:g} / {got.item.points / 100:g}"
    return form_page(request, form, act, title=title, button=_("Save"), back=reverse("assessment", args=[pk]))


@require_http_methods(["GET", "POST"])
def appeal(request: HttpRequest, pk: int, item: str) -> HttpResponse:
    """Appeal against what an item lost."""
    who, sheet = acting(request), sheet_or_404(request, pk)
    a = sheet.assessment
    if item not in sheet.computed.items():
        raise Http404
    if a.unit.code not in who.acting:
        raise PermissionDenied
    form = AppealForm(request.POST or None, request.FILES or None)

    def act(d: dict[str, Any]) -> HttpResponse:
        appeals.appeal(viewer=who, a=a, item=item, text=d["text"], files=d["staged"], at=timezone.now())
        return redirect("assessment", pk)

    title = _("Appeal: %(item)s") % {"item": sheet.computed.items()[item].item.name}
    return form_page(request, form, act, title=title, button=_("Appeal"), back=reverse("assessment", args=[pk]))


@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Finish the self-review; decide that the whole is a failure."""
    who, sheet = acting(request), sheet_or_404(request, pk)
    a = sheet.assessment
    if name == "reviewed" and request.method == "POST":
        with saying(request):
            services.reviewed(viewer=who, a=a, at=timezone.now())
        return redirect("assessment", pk)
    if name != "veto":
        raise Http404
    if not keeps(who, a.mechanism):
        raise PermissionDenied
    form = VetoForm(request.POST or None, request.FILES or None, initial={"text": a.veto})

    def done(d: dict[str, Any]) -> HttpResponse:
        services.veto(viewer=who, a=a, text=d["text"], files=d["staged"], at=timezone.now())
        return redirect("assessment", pk)

    return form_page(
        request,
        form,
        done,
        title=_("Veto: %(unit)s") % {"unit": a.unit.name},
        button=_("Save"),
        back=reverse("assessment", args=[pk]),
    )


@require_http_methods(["GET", "POST"])
def appeal_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide an appeal."""
    who = acting(request)
    row = get_object_or_404(appeals_visible_to(who).select_related("assessment__unit", "decider"), pk=pk)
    if row.decider.code not in who.acting:
        raise PermissionDenied
    lost = appeals.lost_of(row.assessment, timezone.now()).get(row.item, 0)
    form = DecideAppealForm(request.POST or None, initial={"points": f"{lost / 100:g}"})

    def act_(d: dict[str, Any]) -> HttpResponse:
        appeals.decide(
            viewer=who, appeal=row, upheld=d["upheld"], points=d["points"] or 0, answer=d["answer"], at=timezone.now()
        )
        return redirect("assessment", row.assessment_id)

    item = read(row.assessment.scheme or body_of(row.assessment.key, row.assessment.year)).items()[row.item]
    return form_page(
        request, form, act_, title=_("Appeal: %(item)s") % {"item": f"{row.assessment.unit.name} · {item.name}"}, button=_("Decide"), back="assessments",
        template="responsibility/appeal.html", appeal=row, lost=lost, proofs=proofs_visible_to(who).filter(assessment=row.assessment, item=row.item, side="appeal"),
    )  # fmt: skip


@require_GET
def proof(request: HttpRequest, pk: int) -> FileResponse:
    """A file of evidence."""
    row = get_object_or_404(proofs_visible_to(viewer(request)), pk=pk)
    return kept_file(row.file, row.name, pdf=True)
