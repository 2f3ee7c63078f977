"""Registers: upload, preview with corrections, confirm."""

from __future__ import annotations

from datetime import date
from pathlib import PurePath
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.engines.registers import Unreadable
from bihuan.instruments.registers import planning, services
from bihuan.instruments.registers.export import of_import
from bihuan.instruments.registers.models import RegisterImport
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.orgs.models import Territory, Unit

from ..surface.errors import page, sentence
from ..surface.exports import workbook
from ..surface.fields import units as unit_choices
from ..surface.formpage import put_error, refuse_foreign
from ..surface.middleware import acting


class UploadForm(forms.Form):
    """A register and the unit that brings it."""

    file = forms.FileField(
        label=gettext_lazy("Register (xlsx, xls or csv)"), widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv"})
    )
    unit = forms.ModelChoiceField(label=gettext_lazy("Filed by"), queryset=Unit.objects.none(), to_field_name="code")


def _office(request: HttpRequest) -> Viewer:
    """People of bureaus, townships and the like; banks and firms bring no registers."""
    who = acting(request)
    if all(p.unit.kind in (Unit.Kind.BANK, Unit.Kind.COMPANY) for p in who.posts):
        raise PermissionDenied
    return who


def _mine(request: HttpRequest, pk: int) -> RegisterImport:
    who = _office(request)
    row: RegisterImport = get_object_or_404(
        RegisterImport.objects.select_related("unit", "territory", "file"), pk=pk, unit__code__in=who.acting
    )
    return row


@require_http_methods(["GET", "POST"])
def registers(request: HttpRequest) -> HttpResponse:
    """Upload, and what was brought so far."""
    who = _office(request)
    units = Unit.objects.filter(code__in=who.acting)
    form = UploadForm(request.POST or None, request.FILES or None, initial={"unit": units.first()})
    form.fields["unit"].queryset = units  # type: ignore[attr-defined]
    if request.method == "POST" and not form.is_valid():
        refuse_foreign(form)
    elif request.method == "POST":
        d = form.cleaned_data
        try:
            made = services.upload(viewer=who, unit=d["unit"], file=d["file"], at=timezone.now())
            return redirect("register", made.pk)
        except Refused as error:
            put_error(form, error)
    brought = (
        RegisterImport.objects.filter(unit__code__in=who.acting)
        .exclude(state="dropped")
        .select_related("unit", "owner")[:50]
    )
    return render(request, "sheets/registers.html", {"form": form, "brought": brought})


@require_GET
def register(request: HttpRequest, pk: int) -> HttpResponse:
    """The preview, or what became of it."""
    imported = _mine(request, pk)
    if imported.state != RegisterImport.State.PREVIEW:
        entries = imported.entries.select_related(
            "matter__subject", "matter__territory", "matter__lead", "matter__owed_by"
        )
        return render(request, "sheets/register_done.html", {"imported": imported, "entries": entries[:500]})
    try:
        plan = planning.plan(imported, _office(request))
    except Unreadable as error:
        return page(request, 400, title=sentence(error))
    context = {**_shown(imported, plan), "edit": "edit" in request.GET, "places": _places(imported)}
    return render(request, "sheets/register.html", context)


def _places(imported: RegisterImport) -> QuerySet[Territory]:
    """Where new files of a register may lie: within the territory of the unit that brings it."""
    home = imported.unit.territory
    return Territory.objects.filter(path__startswith=home.path) if home else Territory.objects.all()


def _shown(imported: RegisterImport, plan: planning.Plan) -> dict[str, Any]:
    chinese = (get_language() or "").startswith("zh")
    fields = {f.name: f.label if chinese else f.label_en for f in plan.reading.schema.fields if f.output}
    order = {"refused": 0, "changed": 1, "kept": 2, "new": 3, "left_out": 4, "same": 5}
    rows = sorted(plan.rows, key=lambda r: (order[r.status], r.number))
    columns = [(n, fields[n], plan.reading.columns.get(n, "")) for n in plan.reading.order if n in fields]
    return {
        "imported": imported, "plan": plan, "counts": plan.counts, "columns": columns, "rows": rows[:500],
        "more": max(0, len(rows) - 500), "about": plan.reading.preamble, "skipped": plan.reading.skipped,
        "units": unit_choices(), "reasons": SKIPPED,
    }  # fmt: skip


@require_GET
def take_out(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole register as it stands now, in the form in which it came; brought back unchanged, it changes nothing."""
    imported = _mine(request, pk)
    data = of_import(_office(request), imported)
    return workbook(data, f"{PurePath(imported.name).stem}-{timezone.localdate().isoformat()}")


SKIPPED = {
    "subtotal": gettext_lazy("subtotal"),
    "repeated header": gettext_lazy("repeated header"),
    "note": gettext_lazy("note"),
}


@require_POST
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the corrections and read again."""
    imported = _mine(request, pk)
    corrections = {
        k.removeprefix("cell:"): v.strip()
        for k, v in request.POST.dict().items()
        if k.startswith("cell:") and v.strip()
    }
    known = {u.code: u.pk for u in Unit.objects.filter(active=True)}
    answers: dict[str, int] = {}
    for key, value in request.POST.dict().items():
        if key.startswith("unit:") and value:
            answers[key.removeprefix("unit:")] = 0 if value == "new" else known.get(value, 0)
    left_out = [int(n) for n in request.POST.getlist("left_out") if n.isdigit()]
    try:
        as_of = date.fromisoformat(request.POST["as_of"]) if request.POST.get("as_of") else None
    except ValueError:
        as_of = None
        messages.error(request, _("The filing day is no date."))
    place = _places(imported).filter(code=request.POST.get("territory", "")).first()
    services.correct(
        imported=imported, viewer=_office(request), at=timezone.now(), corrections=corrections, left_out=left_out, units=answers, as_of=as_of,
        territory=place,
    )  # fmt: skip
    if "confirm" in request.POST:
        return _confirm(request, imported)
    return redirect("register", pk)


def _confirm(request: HttpRequest, imported: RegisterImport) -> HttpResponse:
    try:
        services.confirm(imported=imported, viewer=_office(request), at=timezone.now())
        messages.success(request, _("The register is taken over."))
    except Refused as error:
        messages.error(request, sentence(error))
    return redirect("register", imported.pk)


@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a preview."""
    services.drop(imported=_mine(request, pk), viewer=_office(request), at=timezone.now())
    return redirect("registers")
