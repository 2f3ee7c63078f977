"""What the system administrator keeps: territories, units, people's accounts, kinds, channels that broke."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.adapters.excel import Column
from bihuan.instruments.administration import services
from bihuan.instruments.notices.models import Channel, Delivery
from bihuan.instruments.notices.services import try_again
from bihuan.kernel.domain.clocks import UNITS
from bihuan.kernel.domain.kinds import PARTIES
from bihuan.kernel.matters.catalogue import files, kinds, latest_edition
from bihuan.kernel.matters.models import KindEdition
from bihuan.kernel.orgs.models import Function, Territory, Unit

from ..loop.clockbar import limit_words
from ..surface import exports
from ..surface.fields import DATE
from ..surface.formpage import form_page
from ..surface.middleware import administrator, viewer
from ..surface.pieces import function_name, kind_name, party_name

SYSTEM = "system"


@require_GET
def territories(request: HttpRequest) -> HttpResponseBase:
    """The tree, for everybody to read."""
    who = viewer(request)
    rows = Territory.objects.prefetch_related("units").order_by("path")
    if exports.asked(request):
        columns = [
            Column(_("Name"), width=24),
            Column(_("Level")),
            Column(_("Lies in"), width=24),
            Column(_("Units there"), width=40),
        ]
        told = (
            [t.name, t.get_level_display(), t.parent.name if t.parent else "", "、".join(u.name for u in t.units.all())]
            for t in rows
        )
        return exports.exported(request, _("Territories"), columns, told)
    for row in rows:
        row.depth = row.path.count("/") - 2
    return render(request, "structure/territories.html", {"rows": rows, "admin": who.admin == SYSTEM})


class TerritoryForm(forms.Form):
    """Name, level, and where it lies."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    level = forms.ChoiceField(label=gettext_lazy("Level"), choices=Territory.Level.choices)
    parent = forms.ModelChoiceField(label=gettext_lazy("Lies in"), queryset=Territory.objects.all(), required=False)


@require_http_methods(["GET", "POST"])
def territory(request: HttpRequest, code: str = "") -> HttpResponse:
    """A new territory, or another name for one."""
    who = administrator(request, SYSTEM)
    row = get_object_or_404(Territory, code=code) if code else None
    first = {"name": row.name, "level": row.level, "parent": row.parent_id} if row else None
    form = TerritoryForm(request.POST or None, initial=first)
    if row:
        form.fields["level"].disabled = form.fields["parent"].disabled = True

    def act(d: dict[str, Any]) -> HttpResponse:
        services.territory_save(viewer=who, at=timezone.now(), row=row, **d)
        return redirect("territories")

    title = row.name if row else _("New territory")
    return form_page(request, form, act, title=title, button=_("Save"), back="territories")


class UnitForm(forms.Form):
    """A unit and the functions it carries."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    kind = forms.ChoiceField(label=gettext_lazy("Type"), choices=Unit.Kind.choices)
    sector = forms.CharField(label=gettext_lazy("Sector"), max_length=20, required=False)
    territory = forms.ModelChoiceField(
        label=gettext_lazy("Territory"), queryset=Territory.objects.all(), required=False
    )
    functions = forms.MultipleChoiceField(
        label=gettext_lazy("Functions"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("A function that is ticked moves here from the unit that carried it."),
    )  # fmt: skip
    active = forms.BooleanField(label=gettext_lazy("Active"), required=False, initial=True)

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        names = Function.objects.order_by("name").values_list("name", "unit__name")
        self.fields["functions"].choices = [(n, f"{function_name(n)}({u})") for n, u in names]  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
def unit(request: HttpRequest, code: str = "") -> HttpResponse:
    """A new unit, or changes to one."""
    who = administrator(request, SYSTEM)
    row = get_object_or_404(Unit, code=code) if code else None
    first = None
    if row:
        first = {n: getattr(row, n) for n in ("name", "kind", "sector", "territory", "active")}
        first["functions"] = list(row.functions.values_list("name", flat=True))
    form = UnitForm(request.POST or None, initial=first)

    def act(d: dict[str, Any]) -> HttpResponse:
        services.unit_save(viewer=who, at=timezone.now(), row=row, **{**d, "functions": tuple(d["functions"])})
        return redirect("orgs")

    return form_page(request, form, act, title=row.name if row else _("New unit"), button=_("Save"), back="orgs")


class PersonForm(forms.Form):
    """A person's account."""

    username = forms.RegexField(
        label=gettext_lazy("Account name"), regex=r"^[a-z][a-z0-9_.-]{1,29}$",
        help_text=gettext_lazy("Small letters and digits; it stands for the person in the ledger and never changes."),
    )  # fmt: skip
    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)


@require_http_methods(["GET", "POST"])
def person(request: HttpRequest) -> HttpResponse:
    """A new person; posts and the first password are the security administrator's."""
    who = administrator(request, SYSTEM)
    form = PersonForm(request.POST or None)

    def act(d: dict[str, Any]) -> HttpResponse:
        made = services.person_add(viewer=who, at=timezone.now(), **d)
        messages.success(
            request,
            _("%(person)s is entered. The security administrator gives the post and a first password.")
            % {"person": made},
        )
        return redirect("orgs")

    return form_page(request, form, act, title=_("New person"), button=_("Save"), back="orgs")


@require_GET
def kind_list(request: HttpRequest) -> HttpResponseBase:
    """Kinds with the edition in force, and the district's own editions."""
    who = viewer(request)
    if exports.asked(request):
        columns = [
            Column(_("Kind"), width=18), Column(_("Time limit")), Column(_("In force from"), width=12), Column(_("Verified by"), width=26),
            Column(_("Source"), width=50), Column(_("Checked against the source")),
        ]  # fmt: skip
        told = (
            [
                kind_name(k.id),
                limit_words(k.limit),
                k.edition,
                party_name(k.verifier),
                k.source,
                _("confirmed") if k.confirmed else _("to be checked"),
            ]
            for k in kinds()
        )
        return exports.exported(request, _("Kinds and time limits"), columns, told)
    own = KindEdition.objects.order_by("-valid_from")
    return render(
        request,
        "structure/kinds.html",
        {"kinds": [(k, limit_words(k.limit)) for k in kinds()], "own": own, "admin": who.admin == SYSTEM},
    )


class KindForm(forms.Form):
    """The parts of an edition that a district changes."""

    valid_from = forms.DateField(label=gettext_lazy("In force from"), widget=DATE)
    source = forms.CharField(label=gettext_lazy("Source: document and article"), max_length=200)
    confirmed = forms.BooleanField(label=gettext_lazy("Checked against the source"), required=False)
    n = forms.IntegerField(label=gettext_lazy("Time limit"), min_value=1, max_value=2000)
    unit = forms.ChoiceField(label=gettext_lazy("Counted in"))
    warn = forms.IntegerField(label=gettext_lazy("Warns so many before"), min_value=0, max_value=365)
    max_extension = forms.IntegerField(label=gettext_lazy("Longest extension"), min_value=0, max_value=365)
    assign_within = forms.IntegerField(label=gettext_lazy("Working days to assign"), min_value=1, max_value=60)
    accept_within = forms.IntegerField(label=gettext_lazy("Working days to accept"), min_value=1, max_value=60)
    verify_within = forms.IntegerField(label=gettext_lazy("Working days to verify"), min_value=1, max_value=60)
    verifier = forms.ChoiceField(label=gettext_lazy("Verified by"))
    photos = forms.IntegerField(label=gettext_lazy("Photos needed"), min_value=0, max_value=20)
    documents = forms.IntegerField(label=gettext_lazy("Files needed"), min_value=0, max_value=20)
    revisit_after = forms.IntegerField(label=gettext_lazy("Revisit after days (0: none)"), min_value=0, max_value=365)
    questions = forms.CharField(
        label=gettext_lazy("Questions of the revisit, one a line"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    reasons = forms.CharField(
        label=gettext_lazy("Reasons for a pause, one a line"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        functions = [
            (f"function:{n}", f"{function_name(n)}({u})") for n, u in Function.objects.values_list("name", "unit__name")
        ]
        parties = [(p, party_name(p)) for p in PARTIES if p != "verifier"]
        self.fields["verifier"].choices = [*parties, *functions]  # type: ignore[attr-defined]
        self.fields["unit"].choices = [(u, LIMIT_UNITS[u]) for u in UNITS if u in LIMIT_UNITS]  # type: ignore[attr-defined]


LIMIT_UNITS = {
    "workdays": gettext_lazy("working days"),
    "days": gettext_lazy("calendar days"),
    "hours": gettext_lazy("hours"),
}


def _flat(body: dict[str, Any]) -> dict[str, Any]:
    """An edition as the form shows it."""
    clock, proof = body["clock"], body["evidence"]
    return {
        **{k: body[k] for k in ("source", "confirmed", "assign_within", "accept_within", "verify_within", "verifier")},
        **{k: clock[k] for k in ("n", "unit", "warn", "max_extension")},
        "photos": proof.get("photos", 0), "documents": proof.get("files", 0), "revisit_after": body["revisit"]["after"],
        "questions": "\n".join(body["revisit"]["questions"]), "reasons": "\n".join(body["pause"]["reasons"]),
    }  # fmt: skip


def _deep(body: dict[str, Any], d: dict[str, Any]) -> dict[str, Any]:
    """The edition that a filled form makes of the one before."""
    made = deepcopy(body)
    made |= {k: d[k] for k in ("source", "confirmed", "assign_within", "accept_within", "verify_within", "verifier")}
    made["clock"] |= {k: d[k] for k in ("n", "unit", "warn", "max_extension")}
    made["evidence"] |= {"photos": d["photos"], "files": d["documents"]}
    then = [n for n in body["revisit"].get("then", ()) if n > d["revisit_after"] > 0]
    made["revisit"] |= {"after": d["revisit_after"], "questions": _lines(d["questions"]), "then": then}
    made["pause"] |= {"reasons": _lines(d["reasons"])}
    return made


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


@require_http_methods(["GET", "POST"])
def kind(request: HttpRequest, name: str) -> HttpResponse:
    """A new edition of a kind, beginning from the latest."""
    who = administrator(request, SYSTEM)
    if name not in files():
        raise Http404
    body = latest_edition(name)
    form = KindForm(
        request.POST or None, initial={**_flat(body), "confirmed": False, "valid_from": timezone.localdate()}
    )

    def act(d: dict[str, Any]) -> HttpResponse:
        services.kind_revise(viewer=who, at=timezone.now(), kind=name, valid_from=d["valid_from"], body=_deep(body, d))
        messages.success(request, _("The edition is entered. Matters raised before keep theirs."))
        return redirect("kinds")

    title = _("New edition: %(kind)s") % {"kind": files()[name]["name"]}
    return form_page(request, form, act, title=title, button=_("Enter"), back="kinds")


@require_GET
def channels(request: HttpRequest) -> HttpResponse:
    """Ways out of the house that broke, and what did not arrive."""
    administrator(request, SYSTEM)
    troubled = Delivery.objects.filter(state__in=["dead", "unknown"]).values("channel")
    rows = Channel.objects.filter(pk__in=troubled).select_related("person")
    for row in rows:
        row.lost = row.deliveries.filter(state__in=["dead", "unknown"]).count()  # type: ignore[attr-defined]
    waiting = Delivery.objects.filter(state="waiting").count()
    return render(request, "structure/channels.html", {"rows": rows, "waiting": waiting})


@require_POST
def channel_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Try a broken channel again, with everything that did not arrive."""
    administrator(request, SYSTEM)
    n = try_again(channel=get_object_or_404(Channel, pk=pk), at=timezone.now())
    messages.success(request, _("%(n)s notices are sent once more.") % {"n": n})
    return redirect("channels")
