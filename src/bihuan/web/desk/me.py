"""My own account: how I am told, how I sign in, where I am signed in."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.instruments.keys import services as key_services
from bihuan.instruments.keys.models import Key
from bihuan.instruments.notices import services
from bihuan.instruments.notices.models import Channel
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.orgs.models import Person, Unit

from ..surface.formpage import form_page, put_error, refuse_foreign
from ..surface.middleware import acting


def _person(request: HttpRequest) -> Person:
    """Who asks; people without a post may still look after their account."""
    found: Person = request.viewer.person  # type: ignore[attr-defined]
    return found


@require_GET
def me(request: HttpRequest) -> HttpResponse:
    """The page."""
    person = _person(request)
    factors = Authenticator.objects.filter(user=person)
    context = {
        "channel": Channel.objects.filter(person=person).first(),
        "app": factors.filter(type="totp").first(), "codes": factors.filter(type="recovery_codes").first(),
        "keys": list(factors.filter(type="webauthn")), "sessions": UserSession.objects.purge_and_list(person),
    }  # fmt: skip
    return render(request, "desk/me.html", context)


def to_me(request: HttpRequest) -> HttpResponse:
    """Where allauth goes back to."""
    return redirect("me")


class ChannelForm(forms.Form):
    """One way out of the house."""

    kind = forms.ChoiceField(
        label=gettext_lazy("How else do you want to be told?"), required=False,
        choices=[("", gettext_lazy("On this page only")), *Channel.Kind.choices],
    )  # fmt: skip
    address = forms.CharField(
        label=gettext_lazy("Address"), max_length=300, required=False,
        help_text=gettext_lazy("The e-mail address, or the web address that the robot's settings show."),
    )  # fmt: skip
    secret = forms.CharField(
        label=gettext_lazy("Signing secret"), max_length=200, required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Only for DingTalk robots with signature; left blank, the one kept before stays."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        d = super().clean() or {}
        if d.get("kind") == Channel.Kind.EMAIL:
            try:
                d["address"] = forms.EmailField().clean(d.get("address"))
            except forms.ValidationError as error:
                self.add_error("address", error)
        return d


@require_http_methods(["GET", "POST"])
def channel(request: HttpRequest) -> HttpResponse:
    """Choose it."""
    person = _person(request)
    have = Channel.objects.filter(person=person).first()
    form = ChannelForm(request.POST or None, initial={"kind": have.kind, "address": have.address} if have else None)

    def act(d: dict[str, Any]) -> HttpResponse:
        kept = have.secret if have and have.kind == d["kind"] and not d["secret"] else d["secret"]
        services.choose(person=person, kind=d["kind"], address=d["address"].strip(), secret=kept)
        messages.success(request, _("Saved: urgent notices leave at once, the rest at 09:00 of working days."))
        return redirect("me")

    return form_page(request, form, act, title=_("How I am told"), button=_("Save"), back="me")


class KeyForm(forms.Form):
    """A new key for another system."""

    unit = forms.ModelChoiceField(label=gettext_lazy("Unit"), queryset=Unit.objects.none(), to_field_name="code")
    name = forms.CharField(label=gettext_lazy("What it is for"), max_length=60)


@require_http_methods(["GET", "POST"])
def keys(request: HttpRequest) -> HttpResponse:
    """Keys for other systems: make one, which is shown once; end one."""
    who = acting(request)
    form = KeyForm(request.POST if "name" in request.POST else None)
    form.fields["unit"].queryset = Unit.objects.filter(code__in=who.acting)  # type: ignore[attr-defined]
    secret = ""
    if request.method == "POST":
        now = timezone.now()
        if "end" in request.POST:
            number = request.POST["end"]
            row = get_object_or_404(Key, pk=int(number) if number.isdigit() else 0, owner=who.person)
            key_services.end(viewer=who, row=row, at=now)
            return redirect("keys")
        if form.is_valid():
            try:
                secret = key_services.make(
                    viewer=who, unit=form.cleaned_data["unit"], name=form.cleaned_data["name"], at=now
                )[1]
            except Refused as error:
                put_error(form, error)
        else:
            refuse_foreign(form)
    rows = Key.objects.filter(owner=who.person).select_related("unit")[:20]
    return render(request, "desk/keys.html", {"form": form, "keys": rows, "secret": secret})


@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign out somewhere else."""
    get_object_or_404(UserSession, pk=pk, user=_person(request)).end()
    UserSession.objects.purge_and_list(_person(request))
    messages.success(request, _("Signed out there."))
    return redirect("me")
