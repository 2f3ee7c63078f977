"""Units and posts: who holds what, what is vacant, and handing over when somebody leaves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.adapters.excel import Column
from bihuan.instruments.administration.services import may_end, post_end
from bihuan.kernel.orgs.models import Person, Post, Unit
from bihuan.kernel.orgs.selectors import posts_on

from ..surface import exports
from ..surface.fields import DATE
from ..surface.formpage import form_page
from ..surface.middleware import viewer
from ..surface.pieces import function_name


@require_GET
def orgs(request: HttpRequest) -> HttpResponseBase:
    """The directory; vacant posts first."""
    who = viewer(request)
    today = timezone.localdate()
    posts = posts_on(today).select_related("person", "scope_territory")
    units = (
        Unit.objects.select_related("territory")
        .prefetch_related(Prefetch("posts", posts), "functions")
        .order_by("kind", "name")
    )
    if exports.asked(request):
        columns = [
            Column(_("Unit"), width=26), Column(_("Type")), Column(_("Territory")), Column(_("Functions"), width=26), Column(_("Post")),
            Column(_("Role")), Column(_("Held by")), Column(_("Since"), width=12),
        ]  # fmt: skip
        rows = (
            [
                u.name, u.get_kind_display(), u.territory.name if u.territory else "", "、".join(function_name(f.name) for f in u.functions.all()),
                p.title, p.get_role_display(), str(p.person) if p.person else _("vacant"), p.valid_from,
            ]
            for u in units for p in u.posts.all()
        )  # fmt: skip
        return exports.exported(request, _("Units and posts"), columns, rows)
    vacant = posts.filter(person=None).select_related("unit")
    endable = {p.pk for u in units for p in u.posts.all() if p.person_id and not p.valid_to and may_end(who, p)}
    context = {"units": units, "vacant": vacant, "admin": who.admin, "endable": endable}
    return render(request, "structure/orgs.html", context)


class HandOverPostForm(forms.Form):
    """When, to whom, why."""

    last_day = forms.DateField(label=gettext_lazy("Last day"), widget=DATE)
    successor = forms.ModelChoiceField(
        label=gettext_lazy("Successor"), queryset=Person.objects.filter(is_active=True).order_by("name"), required=False,
        help_text=gettext_lazy("Left blank, the post becomes vacant and open work goes to the head of the unit."),
    )  # fmt: skip
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


@require_http_methods(["GET", "POST"])
def handover(request: HttpRequest, pk: int) -> HttpResponse:
    """End a post; its open work goes on in the same transaction."""
    who = viewer(request)
    post = get_object_or_404(Post.objects.select_related("unit", "person"), pk=pk, valid_to=None)
    if not may_end(who, post):
        raise Http404
    form = HandOverPostForm(request.POST or None, initial={"last_day": timezone.localdate()})
    if who.admin != "security":
        colleagues = posts_on(timezone.localdate()).filter(unit=post.unit).exclude(person=post.person).values("person")
        form.fields["successor"].queryset = Person.objects.filter(pk__in=colleagues, is_active=True)  # type: ignore[attr-defined]

    def act(d: dict[str, Any]) -> HttpResponse:
        moved = post_end(viewer=who, post=post, at=timezone.now(), **d)
        messages.success(request, _("%(n)s open matters were handed over.") % {"n": moved})
        return redirect("orgs")

    title = _("%(person)s leaves %(post)s") % {"person": post.person or "—", "post": post}
    return form_page(request, form, act, title=title, button=_("Hand over"), back="orgs")
