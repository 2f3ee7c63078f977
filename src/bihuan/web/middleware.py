"""Language by the reader's own choice, and the viewer of every request."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone, translation

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


class ViewerMiddleware:
    """`request.viewer` for signed-in people; a person without a post today sees one page that says so."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            request.viewer = viewer_of(request.user, timezone.localdate())  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A refusal that no form caught still becomes a sentence."""
        if isinstance(exception, Refused):
            return errors.page(request, 400 if exception.allowed else 403, title=errors.sentence(exception))
        return None


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


def administrator(request: HttpRequest) -> Viewer:
    """An administrator. Others are told that there is no such page."""
    found = viewer(request)
    if not found.is_admin:
        raise Http404
    return found
