"""One matter: where it stands, why it is due when it is, the story, and the next step."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.instruments.documents.selectors import ABOUT_MATTER, office_of, papers_visible_to
from bihuan.instruments.registers.export import schema_of, sheet
from bihuan.instruments.supervision.models import Objection
from bihuan.instruments.supervision.services import objectionable
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.kinds import Kind
from bihuan.kernel.domain.loop import available
from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.domain.state import State, fold
from bihuan.kernel.evidence.models import Staged
from bihuan.kernel.matters.models import Attachment, Matter
from bihuan.kernel.matters.selectors import twins, visible_to
from bihuan.kernel.matters.services import do, done_with, load, merge
from bihuan.kernel.matters.writing import Conflict
from bihuan.kernel.registry import pages

from ..surface.errors import too_late
from ..surface.exports import workbook
from ..surface.files import as_files, take_files
from ..surface.formpage import new_token, put_error, refuse_foreign
from ..surface.history import history
from ..surface.middleware import viewer
from .clockbar import draw, reasons
from .command_form import CommandForm
from .command_forms import FORMS, PRIMARY
from .seen import matter_or_404

PARTS = ("lead", "supporting", "verifier", "assigner", "raiser", "revisitor")


def offered(request: HttpRequest, matter: Matter, state: State, kind: Kind) -> list[dict[str, Any]]:
    """The commands that this viewer may give now, the primary one first."""
    who = viewer(request)
    if who.reads_only and not any(s.superior for s in who.scopes):
        return []
    names = available(state, who.actor(matter.territory_id, matter.sector), kind)
    found = [n for n in FORMS if n in names]
    titles = {n: FORMS[n].button if n != "attach" else FORMS[n].title for n in found}
    return [{"name": n, "title": titles[n], "primary": i == 0 and n in PRIMARY} for i, n in enumerate(found)]


@require_GET
def matter(request: HttpRequest, number: int) -> HttpResponse:
    """The page of a matter."""
    row = matter_or_404(request, number)
    state, kind, stream = load(number)
    now = timezone.now()
    calendar = calendar_for(row.territory.path)
    context = {
        "matter": row, "state": state, "kind": kind, "version": stream.seq, "commands": offered(request, row, state, kind),
        "story": history(stream.events, stream.entered), "bar": draw(state, kind, calendar, now), "reasons": reasons(state, kind, calendar),
        "evidence": Attachment.objects.filter(matter=row).select_related("file", "unit"),
        "involved": sorted(row.involvements.select_related("unit"), key=lambda i: PARTS.index(i.role)), "entry": getattr(row, "entry", None),
        "twins": twins(viewer(request), row), "register": schema_of(row.kind), "siblings": visible_to(viewer(request)).filter(subject=row.subject, open=True).exclude(pk=number)
        .select_related("subject", "territory", "lead", "owed_by")[:5],
        **{panel.name: answer for panel, answer in pages.shown("matter", viewer(request), row, now)}, **_beside(viewer(request), row, state),
    }  # fmt: skip
    return render(request, "loop/matter.html", context)


def _beside(who: Viewer, row: Matter, state: State) -> dict[str, Any]:
    """Papers of the matter, which the viewer may ask for, objections, and what the viewer may object to."""
    taken = set(state.escalated)
    kinds = (
        [k for k in ABOUT_MATTER if state.lead and (k == "assignment" or k in taken)]
        if office_of(who, row.assigner)
        else []
    )
    objections = list(Objection.objects.filter(matter=row).select_related("unit"))
    had = {o.against for o in objections if o.round == row.round}
    words = dict(Objection.Against.choices)
    may = (
        [
            (name, words[name])
            for name, (unit, _at) in objectionable(row).items()
            if unit in who.acting and name not in had
        ]
        if {"interview", "circular"} & taken or row.state == "withdrawn"
        else []
    )
    papers = papers_visible_to(who).filter(matter=row).exclude(state="dropped")[:20]
    return {"papers": papers, "writes": kinds, "objections": objections, "objects": may}


@require_GET
def register(request: HttpRequest, number: int) -> HttpResponse:
    """The matter as a register of one row, which can be edited and brought back."""
    row = matter_or_404(request, number)
    schema = schema_of(row.kind)
    if schema is None:
        raise Http404
    data = sheet(viewer(request), schema, [row], f"{schema.name}#{number}", timezone.localdate())
    return workbook(data, f"{schema.name}-{number}")


@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, number: int, name: str) -> HttpResponse:
    """The form of one command, and giving it."""
    row = matter_or_404(request, number)
    if name not in FORMS:
        raise Http404
    who = viewer(request)
    if who.reads_only and not any(s.superior for s in who.scopes):
        raise PermissionDenied
    state, kind, stream = load(number)
    first: dict[str, Any] = {"version": stream.seq, "token": new_token()}
    if name == "assign":
        for _panel, values in pages.shown("assign", who, row, timezone.now()):
            first |= values
    form = FORMS[name](
        request.POST or None, initial=first, state=state, kind=kind, viewer=who, today=timezone.localdate()
    )
    staged: list[Staged] = []
    if request.method == "POST":
        valid = form.is_valid()
        refuse_foreign(form)
        if form.cleaned_data.get("token") and done_with(str(form.cleaned_data["token"])) == number:
            return redirect("matter", number)
        staged = take_files(request, form)
        if valid and not form.errors:
            form.seen = fold(stream.events[: form.d["version"]])
            answer = _give(request, row, name, form, staged)
            if answer is not None:
                return answer
    context = {"matter": row, "form": form, "name": name, "staged": staged, "state": state, "kind": kind}
    if name == "verify":
        context["twins"] = twins(who, row)
    return render(request, "loop/act.html", context, status=200)


def _give(request: HttpRequest, row: Matter, name: str, form: CommandForm, staged: list[Staged]) -> HttpResponse | None:
    who, at = viewer(request), timezone.now()
    version, token = form.d["version"], str(form.d["token"])
    try:
        if name == "merge":
            _merge(request, row, form, at, version, token)
        else:
            _command(row, form, who, at, staged, version, token)
    except Refused as error:
        if not error.allowed:
            raise PermissionDenied(str(error)) from None
        put_error(form, error)
        return None
    except Conflict as conflict:
        return too_late(request, row.number, history(conflict.events), form.typed())
    Staged.objects.filter(pk__in=[s.pk for s in staged]).delete()
    messages.success(request, _("Done: %(step)s.") % {"step": form.title})
    return redirect("matter", row.number)


def _command(
    row: Matter, form: CommandForm, who: Any, at: datetime, staged: list[Staged], version: int, token: str
) -> None:
    command = form.build(who.actor(row.territory_id, row.sector), at)
    files = as_files(staged)
    if isinstance(command, c.Attach):
        command, files = c.Attach(command.actor, at, files), ()
    do(viewer=who, number=row.number, command=command, version=version, token=token, files=files)


def _merge(request: HttpRequest, row: Matter, form: CommandForm, at: datetime, version: int, token: str) -> None:
    into = visible_to(viewer(request)).filter(number=form.d["into"]).first()
    if into is None:
        raise Refused(N_("There is no such matter, or it is not yours to see."), field="into")
    merge(
        viewer=viewer(request), number=row.number, into=into, at=at, explicit=form.d["explicit"], reason=form.d["reason"],
        version=version, token=token,
    )  # fmt: skip
