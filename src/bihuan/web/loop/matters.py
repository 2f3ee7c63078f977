"""The list of matters: filter, sort, page by place, save a view, verify many."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import transaction
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.adapters.excel import Column
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import last_day, local_day
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.evidence.models import Staged
from bihuan.kernel.matters import selectors
from bihuan.kernel.matters.many import act_many
from bihuan.kernel.matters.services import do, done_with, raise_matter
from bihuan.kernel.matters.writing import Conflict
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.subjects.models import Subject

from ..models import SavedView
from ..surface import exports
from ..surface.errors import sentence
from ..surface.fields import ManyFiles
from ..surface.files import as_files
from ..surface.formpage import form_page, new_token
from ..surface.middleware import acting, viewer
from ..surface.pieces import kind_name, light_of, light_word
from .filters import MatterFilter, raisable_choices
from .tables import MATTER_COLUMNS

ORDERS = [
    ("due", gettext_lazy("Most urgent first")),
    ("-number", gettext_lazy("Newest first")),
    ("number", gettext_lazy("Oldest first")),
    ("-due", gettext_lazy("Latest due first")),
]


def _file(request: HttpRequest, rows: Any) -> HttpResponseBase:
    """All matters of the filtered list, in its order."""
    now = timezone.now()
    columns = [
        Column(_("No."), width=8), Column(_("Kind")), Column(_("Matter"), width=44), Column(_("Project or premises"), width=24),
        Column(_("Territory")), Column(_("State"), width=9), Column(_("Light"), width=9), Column(_("Lead unit"), width=18),
        Column(_("Owes the next step"), width=18), Column(_("Round"), "number", 7), Column(_("Raised on"), width=12),
        Column(_("Due"), width=12), Column(_("Closed on"), width=12), Column(_("Late by days"), "number", 9),
    ]  # fmt: skip
    found = rows.select_related("subject", "territory", "lead", "owed_by")[: exports.MOST]
    return exports.exported(
        request, _("Matters"), columns,
        (
            [
                str(m.number), kind_name(m.kind), m.title, m.subject.name, m.territory.name, m.get_state_display(), light_word(light_of({"now": now}, m)),
                m.lead.name if m.lead else "", m.owed_by.name if m.owed_by else "", m.round, local_day(m.raised_at),
                last_day(m.due_at) if m.open else None, local_day(m.closed_at) if m.closed_at else None, m.late or None,
            ]
            for m in found.iterator(2_000)
        ),
    )  # fmt: skip


@require_GET
def matters(request: HttpRequest) -> HttpResponseBase:
    """A page of the list, or all of it as a file; the address carries filter, order, place and columns."""
    who = viewer(request)
    filtered = MatterFilter(request.GET, queryset=selectors.visible_to(who), request=request)
    rows = filtered.qs if filtered.form.is_valid() else selectors.visible_to(who).none()
    order = request.GET.get("order", "-number")
    if order not in selectors.ORDERS:
        raise BadRequest("order")
    if exports.asked(request):
        by = [
            F(o.lstrip("-")).desc(nulls_last=True) if o.startswith("-") else F(o).asc(nulls_last=True)
            for o in selectors.ORDERS[order]
        ]
        return _file(request, selectors.narrowed(rows, filtered.unit_id, filtered.words).order_by(*by))
    try:
        page = selectors.page(rows, order, request.GET.get("after", ""), unit=filtered.unit_id, text=filtered.words)
    except ValueError:
        raise BadRequest("after") from None
    hidden = _hidden(request)
    context = {
        "filter": filtered, "page": page, "order": order, "orders": ORDERS, "count": selectors.counted(rows, filtered.unit_id, filtered.words),
        "cap": selectors.CAP, "views": SavedView.objects.filter(owner=who.person), "hidden": hidden,
        "columns": [(name, head) for name, head in MATTER_COLUMNS.items() if name != "title"],
        "heads": [(name, head) for name, head in MATTER_COLUMNS.items() if name not in hidden],
        "can_verify": any(m.state == "submitted" and m.owed_by_id in who.units for m in page.rows) and not who.reads_only,
        "query": _query(request.GET),
    }  # fmt: skip
    return render(request, "loop/matters.html", context)


def _query(data: QueryDict) -> str:
    """The filter without the place in the list."""
    kept = data.copy()
    kept.pop("after", None)
    return kept.urlencode()


def _hidden(request: HttpRequest) -> list[str]:
    """Columns that this person left out, remembered in the session."""
    if "columns" in request.GET:
        shown = request.GET.getlist("columns")
        request.session["hidden_columns"] = [c for c in MATTER_COLUMNS if c not in shown and c != "title"]
    return list(request.session.get("hidden_columns", []))


@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the present filter under a name."""
    who = viewer(request)
    name, query = request.POST.get("name", "").strip()[:40], request.POST.get("query", "")[:1000]
    if name:
        SavedView.objects.update_or_create(owner=who.person, name=name, defaults={"query": query})
        messages.success(request, _("The view is saved."))
    return redirect(f"{reverse('matters')}?{query}")


@require_POST
def drop_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a saved view of one's own."""
    get_object_or_404(SavedView, pk=pk, owner=viewer(request).person).delete()
    return redirect("matters")


@require_POST
def verify_many(request: HttpRequest) -> HttpResponse:
    """Verify the chosen matters with the same findings; each is its own event, and those that cannot be done say why."""
    who = acting(request)
    numbers = [int(n) for n in request.POST.getlist("chosen") if n.isdigit()][: selectors.PAGE]
    found = list(selectors.visible_to(who).filter(number__in=numbers).only("territory_id", "sector"))
    if len(found) < len(set(numbers)):
        raise Http404
    now, findings = timezone.now(), request.POST.get("findings", "")
    commands = {m.number: c.Verify(who.actor(m.territory_id, m.sector), now, findings) for m in found}
    done = 0
    for number, outcome in act_many(commands).items():
        if isinstance(outcome, Refused):
            messages.error(request, f"#{number}: {sentence(outcome)}")
        elif isinstance(outcome, Conflict):
            messages.error(request, _("#%(n)s changed meanwhile.") % {"n": number})
        else:
            done += 1
    if done:
        messages.success(request, _("%(n)s matters are verified and closed.") % {"n": done})
    return redirect(f"{reverse('matters')}?{request.POST.get('query', '')}")


class RaiseForm(forms.Form):
    """What a new matter needs; the rest is known."""

    subject = forms.ModelChoiceField(
        queryset=Subject.objects.none(), to_field_name="code", label=gettext_lazy("Project or premises")
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=raisable_choices)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    description = forms.CharField(
        label=gettext_lazy("Description"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    unit = forms.ModelChoiceField(
        queryset=Unit.objects.none(), label=gettext_lazy("In the name of"), to_field_name="code"
    )
    files = ManyFiles(label=gettext_lazy("Photos and files"), required=False)  # type: ignore[assignment]
    token = forms.UUIDField(widget=forms.HiddenInput)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Raise a matter, with photos from the spot."""
    who = acting(request)
    before = done_with(request.POST["token"]) if re.fullmatch(r"[0-9a-f-]{36}", request.POST.get("token", "")) else None
    if before is not None and selectors.visible_to(who).filter(number=before).exists():
        return redirect("matter", before)
    units = Unit.objects.filter(code__in=who.acting)
    first = {"token": new_token(), "unit": units.first(), **request.GET.dict()}
    form = RaiseForm(request.POST or None, initial=first)
    form.fields["subject"].queryset = selectors.subjects_visible_to(who).select_related("territory")  # type: ignore[attr-defined]
    form.fields["unit"].queryset = units  # type: ignore[attr-defined]

    def act(d: dict[str, Any]) -> HttpResponse:
        now = timezone.now()
        with transaction.atomic():
            matter = raise_matter(
                actor=who.actor(), at=now, kind_id=d["kind"], title=d["title"], description=d["description"],
                subject=d["subject"], raiser=d["unit"], token=str(d["token"]),
            )  # fmt: skip
            if d["staged"]:
                do(viewer=who, number=matter.number, command=c.Attach(who.actor(), now, as_files(d["staged"])))
                Staged.objects.filter(pk__in=[s.pk for s in d["staged"]]).delete()
        return redirect("matter", matter.number)

    return form_page(request, form, act, title=_("New matter"), button=_("Raise"), back="matters")
