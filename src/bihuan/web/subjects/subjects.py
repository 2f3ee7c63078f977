"""Projects and premises: the list, and one file with all its matters, whatever mechanism raised them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.adapters.excel import Column
from bihuan.instruments.documents.selectors import papers_visible_to
from bihuan.instruments.meetings.selectors import meetings_visible_to
from bihuan.instruments.registers.export import schemas, sheet
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.files.filing import stream_of, subject_add
from bihuan.kernel.ledger.selectors import stream
from bihuan.kernel.matters.models import Attachment, Involvement
from bihuan.kernel.matters.selectors import PAGE, lights_of, subjects_visible_to, visible_to, worst_lights
from bihuan.kernel.orgs.models import Territory, Unit
from bihuan.kernel.orgs.selectors import subtree
from bihuan.kernel.subjects.models import Subject

from ..loop.filters import SubjectFilter
from ..surface import exports
from ..surface.exports import workbook
from ..surface.formpage import form_page
from ..surface.history import history
from ..surface.middleware import acting, viewer
from .premises import file_of as premises_file
from .projects import file_of

TABS = [
    ("now", gettext_lazy("How it stands")),
    ("todo", gettext_lazy("What is to be done")),
    ("done", gettext_lazy("What was done")),
    ("who", gettext_lazy("Who answers")),
    ("papers", gettext_lazy("Papers")),
]


def _file(request: HttpRequest, rows: QuerySet[Subject]) -> HttpResponseBase:
    """All files of the filtered list."""
    columns = [
        Column(_("Name"), width=28), Column(_("Type"), width=9), Column(_("Labels"), width=24), Column(_("Territory")),
        Column(_("Address"), width=32), Column(_("Responsible unit"), width=22), Column(_("Code"), width=18),
    ]  # fmt: skip
    found = rows.select_related("territory", "unit").prefetch_related("labels")[: exports.MOST]
    return exports.exported(
        request, _("Projects and premises"), columns,
        (
            [s.name, s.get_type_display(), "、".join(x.label for x in s.labels.all()), s.territory.name, s.address, s.unit.name if s.unit else "", s.code]
            for s in found.iterator(2_000)
        ),
    )  # fmt: skip


@require_GET
def subjects(request: HttpRequest) -> HttpResponseBase:
    """The list, by name; a page goes on behind the last one shown."""
    who = viewer(request)
    filtered = SubjectFilter(request.GET, queryset=subjects_visible_to(who), request=request)
    rows = (filtered.qs if filtered.form.is_valid() else Subject.objects.none()).order_by("name", "pk")
    if exports.asked(request):
        return _file(request, rows)
    name, _sep, pk = request.GET.get("after", "").rpartition("~")
    if pk.isdigit():
        rows = rows.filter(Q(name__gt=name) | Q(name=name, pk__gt=int(pk)))
    page = list(
        rows.select_related("territory", "unit").prefetch_related("labels")
        .annotate(open_matters=Count("matters", filter=Q(matters__in=visible_to(who).filter(open=True)), distinct=True))[: PAGE + 1]
    )  # fmt: skip
    shown = page[:PAGE]
    worst = worst_lights([s.pk for s in shown], who, timezone.now())
    for subject in shown:
        subject.worst = worst.get(subject.pk)
    after = f"{shown[-1].name}~{shown[-1].pk}" if len(page) > PAGE else ""
    context = {"filter": filtered, "after": after, "shown": shown}
    return render(request, "subjects/subjects.html", context)


@require_GET
def subject(request: HttpRequest, code: str) -> HttpResponse:
    """The file."""
    who = viewer(request)
    row = get_object_or_404(subjects_visible_to(who).select_related("territory", "unit", "file"), code=code)
    tab = request.GET.get("tab", "now")
    matters = visible_to(who).filter(subject=row).select_related("subject", "territory", "lead", "owed_by")
    now, told = timezone.now(), stream(stream_of(row))
    context = {
        "subject": row, "tabs": TABS, "tab": tab if tab in dict(TABS) else "now", "lights": lights_of(matters, now),
        "open": matters.filter(open=True).order_by("due_at", "number")[:100],
        "ended": matters.filter(open=False).order_by("-closed_at", "-number")[:100],
        "people": _people(row, who), "labels": row.labels.all(),
        "papers": Attachment.objects.filter(matter__in=matters).select_related("file", "unit").order_by("-id")[:60],
        "registers": [s for s in schemas() if matters.filter(kind__in=s.kinds.values()).exists()],
        "story": history(told.events, told.entered), "file": file_of(row, who) if row.type == Subject.Type.PROJECT else None, "place": premises_file(row, who) if row.type == Subject.Type.PREMISES else None,
        "meetings": meetings_visible_to(who).filter(items__subject=row).distinct()[:30],
        "issued": papers_visible_to(who).filter(matter__in=matters, state="issued")[:60],
    }  # fmt: skip
    return render(request, "subjects/subject.html", context)


@require_GET
def register(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """The matters of a file as the register in which such matters are kept."""
    who = viewer(request)
    row = get_object_or_404(subjects_visible_to(who), code=code)
    schema = next((s for s in schemas() if s.id == kind), None)
    if schema is None:
        raise Http404
    matters = visible_to(who).filter(subject=row, kind__in=schema.kinds.values())
    title = f"{row.name}{schema.name}"
    data = sheet(who, schema, matters, title, timezone.localdate())
    return workbook(data, f"{title}")


def _people(row: Subject, who: Viewer) -> list[dict[str, object]]:
    """Units with a part in open matters of the subject that the viewer may see, and how many."""
    parts = Involvement.objects.filter(matter__in=visible_to(who).filter(subject=row, open=True))
    counted = parts.values("unit__name", "role").annotate(n=Count("pk")).order_by("-n")
    roles = dict(Involvement.Role.choices)
    return [{"unit": p["unit__name"], "role": p["role"], "word": roles[p["role"]], "n": p["n"]} for p in counted]


class SubjectForm(forms.Form):
    """What opens a file."""

    type = forms.ChoiceField(label=gettext_lazy("Type"), choices=Subject.Type.choices)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    territory = forms.ModelChoiceField(label=gettext_lazy("Territory"), queryset=Territory.objects.none())
    address = forms.CharField(label=gettext_lazy("Address"), max_length=200, required=False)
    labels = forms.CharField(label=gettext_lazy("Labels, separated by spaces"), required=False)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Open a file within one's own territory."""
    who = acting(request)
    form = SubjectForm(request.POST or None)
    places = [p for post in who.posts if post.scope_territory for p in subtree(post.scope_territory)]
    form.fields["territory"].queryset = Territory.objects.filter(pk__in=places)  # type: ignore[attr-defined]
    if not places:
        raise PermissionDenied

    def act(d: dict[str, Any]) -> HttpResponse:
        now = timezone.now()
        made = subject_add(
            person=who.person.username, unit=min(who.acting), at=now, entered_at=now, type=d["type"], name=d["name"],
            territory=d["territory"], owner=Unit.objects.get(code=min(who.acting)), address=d["address"], labels=[x[:30] for x in d["labels"].split()],
        )  # fmt: skip
        return redirect("subject", made.code)

    return form_page(request, form, act, title=_("New project or premises"), button=_("Open the file"), back="subjects")
