"""What the security administrator says: who holds which post with which scope, and who may sign in."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import messages
from django.db.models import Exists, OuterRef, Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.adapters.excel import Column
from bihuan.instruments.administration import services
from bihuan.kernel.orgs.models import Person, Post, Territory, Unit
from bihuan.kernel.orgs.selectors import posts_on

from ..surface import exports
from ..surface.formpage import form_page
from ..surface.middleware import administrator

SECURITY = "security"


@require_GET
def people(request: HttpRequest) -> HttpResponseBase:
    """Everybody with an account: posts, lock, second factor, last sign-in."""
    administrator(request, SECURITY)
    held = posts_on(timezone.localdate()).select_related("unit")
    rows = Person.objects.prefetch_related(Prefetch("posts", held)).annotate(
        second=Exists(Authenticator.objects.filter(user=OuterRef("pk")))
    )
    if text := request.GET.get("text", "").strip():
        rows = rows.filter(name__icontains=text) | rows.filter(username__icontains=text)
    rows = rows.order_by("username")
    if exports.asked(request):
        columns = [
            Column(_("Account"), width=16),
            Column(_("Name")),
            Column(_("Posts"), width=40),
            Column(_("Locked"), width=8),
            Column(_("Second factor"), width=9),
            Column(_("Last sign-in"), width=18),
        ]
        yes = {True: _("yes"), False: _("no")}
        told = (
            [
                p.username,
                p.name,
                "、".join(map(str, p.posts.all())),
                yes[not p.is_active],
                yes[bool(p.second)],
                p.last_login,
            ]
            for p in rows
        )
        return exports.exported(request, _("Accounts and posts"), columns, told)
    vacant = posts_on(timezone.localdate()).filter(person=None).select_related("unit", "scope_territory")
    return render(request, "structure/people.html", {"rows": rows[:300], "vacant": vacant, "text": text})


class PostForm(forms.Form):
    """A post: in which unit, by whom, and what it may see."""

    unit = forms.ModelChoiceField(label=gettext_lazy("Unit"), queryset=Unit.objects.filter(active=True))
    title = forms.CharField(label=gettext_lazy("Title of the post"), max_length=40)
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Post.Role.choices)
    person = forms.ModelChoiceField(
        label=gettext_lazy("Held by"), queryset=Person.objects.filter(is_active=True).order_by("name"), required=False,
        help_text=gettext_lazy("Left blank, the post is vacant."),
    )  # fmt: skip
    scope_territory = forms.ModelChoiceField(
        label=gettext_lazy("Sees all matters of the territory"), queryset=Territory.objects.all(), required=False,
        help_text=gettext_lazy("Left blank, the post sees what its own unit takes part in."),
    )  # fmt: skip
    scope_sector = forms.CharField(label=gettext_lazy("… of the sector only"), max_length=20, required=False)
    clearance = forms.BooleanField(label=gettext_lazy("… confidential ones too"), required=False)


@require_http_methods(["GET", "POST"])
def post(request: HttpRequest, pk: int = 0) -> HttpResponse:
    """A new post, or somebody for a vacant one."""
    who = administrator(request, SECURITY)
    row = get_object_or_404(Post, pk=pk, person=None, valid_to=None) if pk else None
    names = ("unit", "title", "role", "scope_territory", "scope_sector", "clearance")
    form = PostForm(request.POST or None, initial={n: getattr(row, n) for n in names} if row else None)

    def act(d: dict[str, Any]) -> HttpResponse:
        services.post_grant(viewer=who, at=timezone.now(), today=timezone.localdate(), row=row, **d)
        return redirect("people")

    return form_page(request, form, act, title=str(row) if row else _("New post"), button=_("Grant"), back="people")


ACTS = {
    "lock": (gettext_lazy("Lock the account"), gettext_lazy("All sessions end; signing in is refused.")),
    "unlock": (gettext_lazy("Unlock the account"), gettext_lazy("The lock after failures is lifted too.")),
    "password": (gettext_lazy("New password"), gettext_lazy("It is shown once; all sessions end.")),
    "factors": (gettext_lazy("Take away the second factors"), gettext_lazy("For somebody who lost the phone.")),
}


@require_http_methods(["GET", "POST"])
def account(request: HttpRequest, username: str, name: str) -> HttpResponse:
    """Lock, unlock, reset: asked once, done by POST."""
    who = administrator(request, SECURITY)
    person = get_object_or_404(Person, username=username)
    if name not in ACTS:
        raise Http404
    title, hint = ACTS[name]
    context: dict[str, Any] = {"person": person, "title": title, "hint": hint}
    if request.method == "POST":
        now = timezone.now()
        if name == "password":
            context["password"] = services.password_reset(viewer=who, at=now, person=person)
            return render(request, "structure/account_act.html", context)
        if name == "factors":
            services.factors_reset(viewer=who, at=now, person=person)
        else:
            services.account_lock(viewer=who, at=now, person=person, locked=name == "lock")
        messages.success(request, _("Done: %(step)s.") % {"step": title})
        return redirect("people")
    return render(request, "structure/account_act.html", context)
