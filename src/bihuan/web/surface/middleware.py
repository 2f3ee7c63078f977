"""Language by the reader's own choice, and the viewer of every request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from bihuan.instruments.administration.refused import denied
from bihuan.kernel.access.viewer import Viewer, viewer_of
from bihuan.kernel.domain.refusal import Refused

from . import errors

Respond = Callable[[HttpRequest], HttpResponse]


class LanguageMiddleware:
    """Chinese unless the reader switched: what the browser asks for does not count."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
            return response


class IdleMiddleware:
    """A session that nobody used for a while ends; the time of use is written once a minute at most."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = int(timezone.now().timestamp())
            used = request.session.get("used", now)
            if now - used > settings.IDLE_MINUTES * 60:
                logout(request)
                messages.info(request, _("You were signed out after a while without use."))
            elif now - used > 60 or "used" not in request.session:
                request.session["used"] = now
        return self.get_response(request)


FREE = {"me", "language", "health"}
"""Pages, beside those of signing in, that somebody who still owes a second factor may open."""


class ViewerMiddleware:
    """`request.viewer` for signed-in people; a person without a post today sees one page that says so. Acts that are
    refused leave an event."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            request.viewer = viewer_of(request.user, timezone.localdate())  # type: ignore[attr-defined]
        response = self.get_response(request)
        if request.method == "POST" and response.status_code in (403, 404) and request.user.is_authenticated:
            denied(
                person=request.user.username, at=timezone.now(), deed=deed_of(request), path=request.path, status=response.status_code,
            )  # fmt: skip
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Whoever must have a second factor and has none is led to where it is set up."""
        found = getattr(request, "viewer", None)
        if found is None or settings.MFA_FOR == "nobody" or (settings.MFA_FOR == "administrators" and not found.admin):
            return None
        name = (request.resolver_match.url_name or "") if request.resolver_match else ""
        if name in FREE or name.startswith(("mfa_", "account_")) or is_mfa_enabled(found.person):
            return None
        messages.info(request, _("Your post needs a second factor: set up an authenticator app or a passkey."))
        return redirect("me")

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A refusal that no form caught still becomes a sentence."""
        if isinstance(exception, Refused):
            return errors.page(request, 400 if exception.allowed else 403, title=errors.sentence(exception))
        return None


def deed_of(request: HttpRequest) -> str:
    """What a request wanted to do: its method and the name of its address (the pattern where it has none), so that there are
    as many deeds as addresses are known, whatever ids or words stand in them."""
    match = request.resolver_match
    return f"{request.method} {match.view_name or match.route if match else '?'}"


def viewer(request: HttpRequest) -> Viewer:
    """The viewer of a request. PermissionDenied for people without a post."""
    found: Viewer = request.viewer  # type: ignore[attr-defined]
    if not found.posts:
        raise PermissionDenied
    return found


def acting(request: HttpRequest) -> Viewer:
    """A viewer who may act for some unit. PermissionDenied otherwise."""
    found = viewer(request)
    if found.reads_only:
        raise PermissionDenied
    return found


def administrator(request: HttpRequest, role: str) -> Viewer:
    """The administrator of one of the three kinds. Others are told that there is no such page."""
    found = viewer(request)
    if found.admin != role:
        raise Http404
    return found
