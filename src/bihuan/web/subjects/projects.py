"""The project file: what is entered once, the month's report, elements, permits, visits, parties, the leader's excuse."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.instruments.projects import services
from bihuan.instruments.projects.models import Photo
from bihuan.instruments.projects.rules import Project
from bihuan.instruments.projects.selectors import KEY, mine, parties, project_of, writers
from bihuan.instruments.projects.words import ELEMENT_STATES, ROLES
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import ZONE
from bihuan.kernel.domain.months import MONTH
from bihuan.kernel.files.filing import subject_change
from bihuan.kernel.ledger.services import once
from bihuan.kernel.matters.selectors import subjects_visible_to
from bihuan.kernel.matters.services import raise_matter
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.subjects.models import Subject
from bihuan.mechanisms.promotion import services as promotion
from bihuan.mechanisms.promotion.lights import missing
from bihuan.mechanisms.promotion.models import DemandLink
from bihuan.mechanisms.promotion.selectors import report_month, scheme, standings

from ..surface.charts import curve, gantt
from ..surface.files import kept_file
from ..surface.formpage import form_page
from ..surface.middleware import acting, viewer
from . import project_forms as forms


def project_or_404(request: HttpRequest, code: str) -> tuple[Subject, Project]:
    """A project that the viewer may see, and its file."""
    rows = (
        subjects_visible_to(viewer(request))
        .filter(type=Subject.Type.PROJECT)
        .select_related("territory", "unit", "file")
    )
    row = get_object_or_404(rows, code=code)
    return row, project_of(row)


def file_of(subject: Subject, who: Viewer) -> dict[str, Any]:
    """What the page of a project shows of its file."""
    now, today = timezone.now(), timezone.localdate()
    project = project_of(subject)
    standing = standings([subject], now)[0]
    months = sorted(project.months.values(), key=lambda m: m.month, reverse=True)
    year = today.year if str(today.year) in project.years or not project.years else int(max(project.years))
    return {
        "project": project, "standing": standing, "scheme": scheme(), "gantt": gantt(project, today, subject.territory.path), "curve": curve(project, year),
        "year": year, "year_plan": project.year_plan(year), "spent": project.spent(year), "months": [m for m in months if m.reported],
        "parties": parties(subject, project, today), "roles": ROLES, "keeps": bool(who.acting & writers(subject, project)),
        "photos": subject.photos.all()[:24], "element_states": ELEMENT_STATES,
        "excuses": who.oversees(subject.territory_id, promotion.SECTOR),
        "links": DemandLink.objects.filter(subject=subject, ended_at=None).select_related("unit") if promotion.coordinates(who) else None,
        "is_key": subject.labels.filter(label=KEY).exists(),
    }  # fmt: skip


def _keeper(request: HttpRequest, code: str) -> tuple[Viewer, Subject, Project]:
    who = acting(request)
    subject, project = project_or_404(request, code)
    services.in_name_of(who, subject)
    return who, subject, project


def _to(subject: Subject, tab: str = "") -> str:
    return reverse("subject", args=[subject.code]) + (f"?tab={tab}" if tab else "")


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Identity, money, plan of nodes."""
    who, subject, project = _keeper(request, code)
    form = forms.ProjectForm(request.POST or None, project=project, year=timezone.localdate().year)

    def act(d: dict[str, Any]) -> HttpResponse:
        now = timezone.now()
        services.file(viewer=who, subject=subject, at=now, entries=form.entries(project))
        labels = set(subject.labels.values_list("label", flat=True))
        if KEY not in labels and promotion.coordinates(who):
            subject_change(
                subject=subject, person=who.person.username, unit=services.in_name_of(who, subject), at=now, entered_at=now,
                changes={}, labels=labels | {KEY},
            )  # fmt: skip
        return redirect(_to(subject))

    return form_page(
        request, form, act, title=_("File of %(name)s") % {"name": subject.name}, button=_("Save"), back=_to(subject),
        template="subjects/project_edit.html",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, code: str) -> HttpResponse:
    """The month's report: the oldest missing month, or the one asked for."""
    who, subject, project = _keeper(request, code)
    due = report_month(timezone.localdate())
    late = missing(project, due)
    month = request.GET.get("month") or (late[0] if late else f"{timezone.localdate():%Y-%m}")
    if not MONTH.fullmatch(month):
        raise Http404
    form = forms.ReportForm(request.POST or None, project=project, month=month)

    def act(d: dict[str, Any]) -> HttpResponse:
        now = timezone.now()
        services.report(
            viewer=who, subject=subject, at=now, month=month, actual=d["actual"], progress=d["progress"], problem=d["problem"],
            nodes=form.node_entries(), next_plan=d["plan"], statistics=d["statistics"].isoformat() if d.get("statistics") else "", photos=d["staged"],
        )  # fmt: skip
        messages.success(request, _("The report of %(month)s is in the file.") % {"month": month})
        if d["ask"] and d["problem"].strip():
            matter = _ask(who, subject, month, d["problem"])
            messages.success(request, _("The problem is matter #%(n)s.") % {"n": matter})
        return redirect("reports" if missing(project_of(Subject.objects.get(pk=subject.pk)), due) else _to(subject))

    return form_page(
        request, form, act, title=_("%(name)s: report of %(month)s") % {"name": subject.name, "month": month}, button=_("Send the report"),
        back="reports", template="subjects/project_report.html", subject=subject, project=project, month=month, missing=late,
        last=project.last_month(), month_plan=project.month_plan(month),
    )  # fmt: skip


def _ask(who: Viewer, subject: Subject, month: str, problem: str) -> int:
    """The problem of a report as a matter; the same problem of the same month is one matter."""
    unit = Unit.objects.get(code=services.in_name_of(who, subject))
    token = once(f"report:{subject.code}:{month}:{problem}")
    made = raise_matter(
        actor=c.Actor(who.person.username, who.acting), at=timezone.now(), kind_id="obstacle", title=problem.strip()[:80],
        description=problem.strip(), subject=subject, raiser=unit, token=token,
    )  # fmt: skip
    return made.number


@require_GET
def reports(request: HttpRequest) -> HttpResponse:
    """The reports that the viewer's units owe, the missing ones first."""
    who = acting(request)
    due = report_month(timezone.localdate())
    rows = []
    for subject, project in mine(who):
        last = project.last_month()
        rows.append({"subject": subject, "missing": missing(project, due), "last": last, "year": bool(project.years)})
    rows.sort(key=lambda r: (-len(r["missing"]), r["subject"].name))  # type: ignore[arg-type, attr-defined]
    return render(request, "subjects/reports.html", {"rows": rows, "due": due})


PARTS: dict[str, Any] = {
    "element": forms.ElementForm, "permit": forms.PermitForm, "visit": forms.VisitForm, "party": forms.PartyForm,
}  # fmt: skip


@require_http_methods(["GET", "POST"])
def entry(request: HttpRequest, code: str, part: str) -> HttpResponse:
    """One entry of the file: an element, a permit, a visit, a party."""
    if part not in PARTS:
        raise Http404
    who, subject, _project = _keeper(request, code)
    form = PARTS[part](request.POST or None, initial={"day": timezone.localdate(), **request.GET.dict()})

    def act(d: dict[str, Any]) -> HttpResponse:
        now = timezone.now()
        if part == "permit":
            services.permit_add(viewer=who, subject=subject, at=now, **d)
            return redirect(_to(subject))
        if part == "element":
            values = {"state": d["state"], "note": d["note"] or None, "due": d["due"].isoformat() if d["due"] else None}
            told: tuple[str, str, dict[str, Any]] = ("element", d["element"], values)
        elif part == "visit":
            values = {"day": d["day"].isoformat(), "text": d["text"], "unit": services.in_name_of(who, subject)}
            told = ("visit", f"{d['day']:%Y%m%d}-{now.astimezone(ZONE):%H%M%S%f}", values)
        elif d["role"] == forms.RESPONSIBLE:
            subject_change(
                subject=subject, person=who.person.username, unit=services.in_name_of(who, subject), at=now, entered_at=now,
                changes={"unit": d["unit"].code},
            )  # fmt: skip
            return redirect(_to(subject, "who"))
        else:
            told = ("parties", d["role"], {"unit": d["unit"].code, "title": d["title"] or None})
        services.file(viewer=who, subject=subject, at=now, entries=[told])
        return redirect(_to(subject, "who" if part == "party" else ""))

    titles = {
        "element": _("How an element stands"), "permit": _("A permit"), "visit": _("A visit"), "party": _("Who has to do with it"),
    }  # fmt: skip
    return form_page(request, form, act, title=titles[part], button=_("Save"), back=_to(subject))


@require_http_methods(["GET", "POST"])
def excuse(request: HttpRequest, code: str) -> HttpResponse:
    """A leader's excuse."""
    who = viewer(request)
    subject, _project = project_or_404(request, code)
    if not any(s.superior for s in who.scopes):
        raise Http404
    form = forms.ExcuseForm(request.POST or None)

    def act(d: dict[str, Any]) -> HttpResponse:
        promotion.excuse(viewer=who, subject=subject, reason=d["reason"], until=d["until"], at=timezone.now())
        return redirect(_to(subject))

    return form_page(
        request, form, act, title=_("Excuse %(name)s") % {"name": subject.name}, button=_("Excuse"), back=_to(subject)
    )


@require_GET
def photo(request: HttpRequest, code: str, pk: int, small: bool = False) -> FileResponse:
    """A progress photo."""
    subject, _project = project_or_404(request, code)
    row = get_object_or_404(Photo.objects.select_related("file"), subject=subject, pk=pk)
    return kept_file(row.file, row.name, small=small)
