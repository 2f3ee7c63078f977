"""The premises file: facts and labels, tenants, facilities, posts, duties, records; bringing in a list."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.instruments.premises import imports, lists, services
from bihuan.instruments.premises.models import PremisesImport
from bihuan.instruments.premises.selectors import imports_of, keeps, premises_of, premises_visible_to, reasons, words
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.orgs.selectors import unit_names_of
from bihuan.kernel.subjects.models import Subject
from bihuan.mechanisms.fire.entered import Entered
from bihuan.mechanisms.fire.incidents import incidents_visible_to
from bihuan.mechanisms.fire.inspections import enter
from bihuan.mechanisms.fire.late import decider
from bihuan.mechanisms.fire.models import Standing
from bihuan.mechanisms.fire.selectors import expectations, record_files, records_visible_to
from bihuan.mechanisms.fire.standing import refresh

from ..surface.files import kept_file
from ..surface.formpage import form_page, saying
from ..surface.middleware import acting, viewer
from . import premises_forms as forms

PART = {
    "tenant": gettext_lazy("Tenant"), "facility": gettext_lazy("Facility"), "post": gettext_lazy("Post"), "building": gettext_lazy("Building"),
    "party": gettext_lazy("Who answers"), "declare": gettext_lazy("Label by declaration"),
}  # fmt: skip

RECORDS = 40


def premises_or_404(request: HttpRequest, code: str) -> Subject:
    """A premises that the viewer may see."""
    return get_object_or_404(premises_visible_to(viewer(request)), code=code)


def file_of(subject: Subject, who: Viewer) -> dict[str, Any]:
    """What the page of a premises shows of its file."""
    now, premises = timezone.now(), premises_of(subject)
    found = sorted(expectations(subject, premises), key=lambda e: e.deadline)
    records = records_visible_to(who).filter(subject=subject)
    why = reasons(premises, local_day(now))
    have = set(subject.labels.values_list("label", flat=True))
    return {
        "fires": incidents_visible_to(who).filter(subject=subject).exclude(state="annulled")[:20],
        "premises": premises, "reasons": why, "keeps": keeps(who, subject, premises), "records": records.prefetch_related("findings", "files")[:RECORDS],
        "own": [(e, e.missing(now)) for e in found if e.duty.by == "unit"], "watch": [(e, e.missing(now)) for e in found if e.duty.by != "unit"],
        "missing": sum(e.missing(now) for e in found), "standing": Standing.objects.filter(subject=subject).first(),
        "parties": [(role, next(iter(unit_names_of([told["unit"]])), told["unit"])) for role, told in premises.parties.items()],
        "others": sorted(have - _names(why)), "facts": _facts(premises.facts),
    }  # fmt: skip


def _names(why: Any) -> set[str]:
    return {words().labels[x].name for x in why}


def _facts(facts: Any) -> list[tuple[str, Any]]:
    order = ["use", "area", "floors", "height", "hours", "beds", "rooms", "seats", "pupils", "staff", "manager"]
    return [(k, facts[k]) for k in order if facts.get(k) not in (None, "")]


def _keeper(request: HttpRequest, code: str) -> tuple[Viewer, Subject]:
    who = acting(request)
    subject = premises_or_404(request, code)
    services.in_name_of(who, subject)
    return who, subject


def _to(subject: Subject, tab: str = "") -> str:
    return reverse("subject", args=[subject.code]) + (f"?tab={tab}" if tab else "")


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Facts and place; the labels follow."""
    who, subject = _keeper(request, code)
    form = forms.FactsForm(request.POST or None, premises=premises_of(subject))

    def act(d: dict[str, Any]) -> HttpResponse:
        now = timezone.now()
        services.file(viewer=who, subject=subject, at=now, entries=form.entries())
        refresh([subject.pk], now)
        messages.success(request, _("The file is kept; its labels are those that the facts give."))
        return redirect(_to(subject))

    title = _("File of %(name)s") % {"name": subject.name}
    return form_page(
        request, form, act, title=title, button=_("Save"), back=_to(subject), template="subjects/premises_edit.html"
    )


FORMS: dict[str, Any] = {
    "tenant": forms.TenantForm, "facility": forms.FacilityForm, "post": forms.PostForm, "building": forms.BuildingForm,
    "party": forms.PartyForm, "declare": forms.DeclareForm,
}  # fmt: skip


@require_http_methods(["GET", "POST"])
def entry(request: HttpRequest, code: str, part: str) -> HttpResponse:
    """One entry of the file."""
    if part not in FORMS:
        raise Http404
    who, subject = _keeper(request, code)
    premises = premises_of(subject)
    first: dict[str, Any] = {"since": timezone.localdate(), **request.GET.dict()}
    tenant = next((t for t in premises.tenants if t.key == request.GET.get("key")), None)
    if tenant is not None and part == "tenant":
        first = {
            "key": tenant.key, "name": tenant.name, "use": tenant.use, "floor": tenant.floor, "area": tenant.area, "since": timezone.localdate(),
        }  # fmt: skip
    form = FORMS[part](request.POST or None, initial=first)

    def act(d: dict[str, Any]) -> HttpResponse:
        now = timezone.now()
        _entered(who, subject, part, d, now)
        refresh([subject.pk], now)
        return redirect(_to(subject, "who" if part in ("party", "post") else ""))

    return form_page(request, form, act, title=str(PART[part]), button=_("Save"), back=_to(subject))


def _entered(who: Viewer, subject: Subject, part: str, d: dict[str, Any], now: Any) -> None:
    if part == "tenant":
        services.tenant_set(viewer=who, subject=subject, at=now, **{**d, "key": d["key"] or imports.new_key()})
        return
    if part == "declare":
        services.declare(viewer=who, subject=subject, label=d["label"], on=bool(d["on"]), reason=d["reason"], at=now)
        return
    iso = {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in d.items()}
    told: tuple[str, str, dict[str, Any]]
    if part == "facility":
        told = ("facility", d["facility"], {"out": iso["out"], "note": d["note"] or None})
    elif part == "post":
        held = bool(d["name"].strip())
        told = (
            "post",
            d["title"],
            {
                "name": d["name"].strip() or None,
                "since": iso["since"] if held else None,
                "vacant": None if held else iso["since"],
            },
        )
    elif part == "building":
        told = ("building", d["name"], {k: d[k] for k in ("name", "floors", "height", "area")})
    else:
        told = ("parties", d["role"], {"unit": d["unit"].code})
    services.file(viewer=who, subject=subject, at=now, entries=[told])


@require_POST
def seen(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """A tenant was verified on site."""
    who, subject = _keeper(request, code)
    with saying(request):
        services.tenant_seen(viewer=who, subject=subject, key=key, at=timezone.now())
        refresh([subject.pk], timezone.now())
    return redirect(_to(subject))


@require_http_methods(["GET", "POST"])
def record_new(request: HttpRequest, code: str) -> HttpResponse:
    """A drill, a training, a patrol, …"""
    who = acting(request)
    subject = premises_or_404(request, code)
    form = forms.RecordForm(request.POST or None, initial={"what": request.GET.get("what", "patrol")})

    def act(d: dict[str, Any]) -> HttpResponse:
        people = tuple(n.strip() for n in d["people"].replace("、", "\n").splitlines() if n.strip())
        told = Entered(
            uuid.uuid4(), d["what"], d["at"], people=people, note=d["note"], photos=tuple(s.file_id for s in d["staged"]), reason=d["reason"],
        )  # fmt: skip
        enter(viewer=who, subject=subject, entered=told)
        return redirect(_to(subject, "done"))

    title = _("%(name)s: what was done") % {"name": subject.name}
    return form_page(request, form, act, title=title, button=_("Enter"), back=_to(subject))


@require_GET
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """One record: items, findings, photos, times."""
    who = viewer(request)
    rows = records_visible_to(who).prefetch_related("findings__files", "findings__matter", "files__file")
    row = get_object_or_404(rows, pk=pk)
    near = records_visible_to(who).filter(subject=row.subject, what=row.what).exclude(pk=pk)
    day = timedelta(hours=12)
    return render(
        request, "subjects/record.html",
        {"row": row, "papers": [p for p in row.files.all() if p.finding_id is None], "also": near.filter(at__gte=row.at - day, at__lte=row.at + day), "decides": bool(decider(who, row))},
    )  # fmt: skip


@require_GET
def photo(request: HttpRequest, pk: int, small: bool = False) -> FileResponse:
    """A photo or paper of a record."""
    row = get_object_or_404(record_files(viewer(request)), pk=pk)
    return kept_file(row.file, row.name, small=small)


@require_http_methods(["GET", "POST"])
def import_list(request: HttpRequest) -> HttpResponse:
    """Bring in a list of premises."""
    who = acting(request)
    form = forms.SheetForm(
        request.POST or None, request.FILES or None, initial={"unit": Unit.objects.filter(code__in=who.acting).first()}
    )
    form.fields["unit"].queryset = Unit.objects.filter(code__in=who.acting)  # type: ignore[attr-defined]

    def act(d: dict[str, Any]) -> HttpResponse:
        upload: UploadedFile[Any] = d["file"]
        made = imports.take(viewer=who, unit=d["unit"], upload=upload, at=timezone.now())
        return redirect("premises_import", made.pk)

    earlier = imports_of(who)[:10]
    return form_page(
        request, form, act, title=_("Bring in a list of premises"), button=_("Read it"), back="fire", template="subjects/premises_imports.html",
        earlier=earlier,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def import_one(request: HttpRequest, pk: int) -> HttpResponse:
    """The preview, confirming it, its progress, and stopping it."""
    who = acting(request)
    row = get_object_or_404(imports_of(who).select_related("unit__territory", "file", "owner"), pk=pk)
    if request.method == "POST":
        with saying(request):
            if "stop" in request.POST:
                imports.stop(imported=row, at=timezone.now())
            else:
                imports.confirm(imported=row, at=timezone.now())
        return redirect("premises_import", pk)
    running = row.state == PremisesImport.State.RUNNING
    found = lists.preview(row) if row.state == PremisesImport.State.PREVIEW else None
    context = {"row": row, "preview": found, "rows": list(found.shown()) if found else [], "running": running}
    return render(
        request,
        "subjects/pieces/import_state.html"
        if request.headers.get("HX-Request") and running
        else "subjects/premises_import.html",
        context,
    )
