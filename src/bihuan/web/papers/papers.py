"""Papers: the list, one paper, the office's templates."""

from __future__ import annotations

import io
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.adapters import word
from bihuan.instruments.documents import of_matter, services
from bihuan.instruments.documents.catalogue import Kind, fields, kinds, own_template
from bihuan.instruments.documents.models import Paper, Template
from bihuan.instruments.documents.selectors import (
    ABOUT_MATTER,
    faults,
    may_issue,
    office_of,
    offices,
    papers_visible_to,
)
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.evidence.services import path_of
from bihuan.kernel.ledger.selectors import stream
from bihuan.kernel.matters.disclosure import file_seen
from bihuan.kernel.matters.services import load
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.orgs.selectors import function_unit
from bihuan.mechanisms.promotion import papers as reports
from bihuan.mechanisms.promotion.services import coordinates

from ..loop.seen import matter_or_404
from ..surface.errors import sentence
from ..surface.files import served
from ..surface.formpage import saying
from ..surface.history import history
from ..surface.middleware import acting, viewer

REPORTS = ("weekly", "monthly")


def word_file(data: Any, name: str) -> FileResponse:
    """A .docx to be saved."""
    return served(data, services.DOCX, f"{name}.docx", kept=0)


def paper_or_404(request: HttpRequest, pk: int) -> Paper:
    """A paper that the viewer may see."""
    return get_object_or_404(papers_visible_to(viewer(request)).select_related("unit", "matter"), pk=pk)


@require_GET
def papers(request: HttpRequest) -> HttpResponse:
    """Papers of one's own and those that came, newest first."""
    who = viewer(request)
    rows = papers_visible_to(who).select_related("unit", "matter")
    state, kind = request.GET.get("state", ""), request.GET.get("kind", "")
    rows = rows.filter(state=state) if state in Paper.State.values else rows.exclude(state=Paper.State.DROPPED)
    if kind in kinds():
        rows = rows.filter(kind=kind)
    shown = list(rows[:100])
    context = {
        "rows": shown, "states": Paper.State.choices, "state": state, "kinds": kinds().values(), "kind": kind, "missing": word.missing(),
        "writing": any(p.state == Paper.State.WAITING for p in shown), "reports": REPORTS if function_unit("coordinate.promotion") in who.acting else (),
    }  # fmt: skip
    return render(request, "papers/papers.html", context)


@require_GET
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """One paper: where it stands, what to do, its layout, its history."""
    row = paper_or_404(request, pk)
    who = viewer(request)
    told = stream(f"paper:{pk}")
    return render(request, "papers/paper.html", {
        "paper": row, "kind": kinds()[row.kind], "mine": offices(who, row), "may_issue": may_issue(who, row, kinds()[row.kind]),
        "faults": faults(row.file_id) if row.file_id else (), "missing": word.missing(), "story": history(told.events, told.entered),
        "readers": row.readers.select_related("unit"), "stuck": row.at < timezone.now() - services.STUCK,
    })  # fmt: skip


@require_GET
def download(request: HttpRequest, pk: int) -> FileResponse:
    """The file."""
    row = paper_or_404(request, pk)
    if row.file_id is None:
        raise Http404
    if row.matter is not None:
        file_seen(viewer=viewer(request), file=row.file_id, matter=row.matter, at=timezone.now())
    return word_file(
        path_of(row.file_id).open("rb"), row.title if row.state == Paper.State.ISSUED else f"{row.title}(草稿)"
    )


@require_POST
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Replace the draft by the file edited in Word, issue it, drop it, write it again."""
    who = viewer(request)
    row = paper_or_404(request, pk)
    now = timezone.now()
    with saying(request):
        if name == "replace" and "file" in request.FILES:
            services.replace(viewer=who, paper=row, upload=request.FILES["file"], at=now)  # type: ignore[arg-type]
        elif name == "issue":
            issued = services.issue(viewer=who, paper=row, at=now)
            messages.success(request, _("Issued: %(number)s") % {"number": issued.number or issued.title})
        elif name == "drop":
            services.drop(viewer=who, paper=row, at=now)
        elif name == "again":
            services.again(viewer=who, paper=row, at=now)
        elif name != "replace":
            raise Http404
        else:
            messages.error(request, _("Choose a file."))
    return redirect("paper", pk)


@require_POST
def of_a_matter(request: HttpRequest, number: int) -> HttpResponse:
    """Ask for a paper of a matter, in the name of the unit that assigns or supervises."""
    who = acting(request)
    row = matter_or_404(request, number)
    kind = request.POST.get("kind", "")
    if kind not in ABOUT_MATTER:
        raise Http404
    unit = office_of(who, row.assigner)
    if unit is None:
        raise PermissionDenied
    now = timezone.now()
    with saying(request):
        context = of_matter.context(row, kind, now)
        state, _kind, _stream = load(number)
        title = f"{kinds()[kind].name}:{row.title}"
        made = services.ask(
            viewer=who, at=now, unit=unit, kind_id=kind, title=title, context=context, about=f"matter:{number}", matter=row,
            readers=of_matter.readers(state),
        )  # fmt: skip
        return redirect("paper", made.pk)
    return redirect("matter", number)


@require_POST
def report(request: HttpRequest) -> HttpResponse:
    """Ask for the weekly or the monthly report."""
    who = acting(request)
    kind = request.POST.get("kind", "")
    if kind not in REPORTS:
        raise Http404
    if not coordinates(who):
        raise PermissionDenied
    unit = Unit.objects.get(code=function_unit("coordinate.promotion"))
    now = timezone.now()
    with saying(request):
        title, context = reports.report(who, kind, now)
        made = services.ask(viewer=who, at=now, unit=unit, kind_id=kind, title=title, context=context)
        return redirect("paper", made.pk)
    return redirect("papers")


@require_GET
def templates(request: HttpRequest) -> HttpResponse:
    """The kinds of papers with the template that one's unit uses."""
    who = acting(request)
    newest: dict[tuple[str, int], Template] = {}
    for t in Template.objects.filter(unit__code__in=who.acting).select_related("unit"):
        newest.setdefault((t.kind, t.unit_id), t)
    rows = [{"kind": k, "own": [t for (kind, _u), t in newest.items() if kind == k.id]} for k in kinds().values()]
    return render(request, "papers/templates.html", {"rows": rows})


class TemplateForm(forms.Form):
    """A template from Word."""

    unit = forms.ModelChoiceField(
        queryset=Unit.objects.none(), label=gettext_lazy("In the name of"), to_field_name="code"
    )
    file = forms.FileField(
        label=gettext_lazy("Word file (.docx)"), widget=forms.ClearableFileInput(attrs={"accept": ".docx"})
    )


@require_http_methods(["GET", "POST"])
def template(request: HttpRequest, name: str) -> HttpResponse:
    """The fields of one kind of paper, and its template to take out and bring back."""
    who = acting(request)
    kind = kinds().get(name)
    if kind is None:
        raise Http404
    units = Unit.objects.filter(code__in=who.acting)
    form = TemplateForm(request.POST or None, request.FILES or None, initial={"unit": units.first()})
    form.fields["unit"].queryset = units  # type: ignore[attr-defined]
    wrong: list[dict[str, Any]] = []
    if request.method == "POST" and form.is_valid():
        try:
            services.template_take(
                viewer=who,
                unit=form.cleaned_data["unit"],
                kind_id=name,
                upload=form.cleaned_data["file"],
                at=timezone.now(),
            )
        except services.WrongTemplate as error:
            wrong = [
                {"line": t.line, "tag": t.tag, "why": _(t.message) % t.params if t.params else _(t.message)}
                for t in error.tags
            ]
            form.add_error("file", sentence(error))
        except Refused as error:
            form.add_error("file", sentence(error))
        else:
            messages.success(request, _("The template is used from now on."))
            return redirect("templates")
    return render(
        request,
        "papers/template.html",
        {"kind": kind, "form": form, "wrong": wrong, "fields": fields(kind), "back": reverse("templates")},
    )


@require_GET
def template_file(request: HttpRequest, name: str) -> FileResponse:
    """The template that one's unit uses, else the one of the catalogue."""
    who = acting(request)
    kind: Kind | None = kinds().get(name)
    if kind is None:
        raise Http404
    used = Template.objects.filter(unit__code__in=who.acting, kind=name).first()
    if used is not None:
        return word_file(path_of(used.file_id).open("rb"), f"{kind.name}模板")
    return word_file(io.BytesIO(own_template(name)), f"{kind.name}模板")
