"""The addresses of the API: each asks for a key, answers errors as JSON, and is throttled by key."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver
from django.utils import timezone
from django.utils.translation import gettext
from ninja import NinjaAPI
from ninja.security import HttpBearer
from ninja.throttling import AuthRateThrottle

from bihuan.instruments.keys.services import viewer_by
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.refusal import Refused

from .financing import router


class ByKey(HttpBearer):
    """`Authorization: Bearer bh_…`."""

    def authenticate(self, request: HttpRequest, token: str) -> Viewer | None:
        """The viewer behind the key; None is answered 401."""
        return viewer_by(token, timezone.now())


class PerKey(AuthRateThrottle):
    """So many requests a minute for each person and unit."""

    def get_cache_key(self, request: HttpRequest) -> str:
        """One count a person and unit."""
        who: Viewer = request.auth  # type: ignore[attr-defined]
        return f"api:{who.person.pk}:{min(who.codes)}"


api = NinjaAPI(
    title="Bihuan 闭环", version="1", auth=ByKey(), throttle=[PerKey("240/m")], docs_url=None, urls_namespace="api"
)
api.add_router("/financing", router)


@api.exception_handler(Refused)
def refused(request: HttpRequest, error: Refused) -> HttpResponse:
    """A refusal: what others could do is as if it were not there."""
    if not error.allowed:
        return api.create_response(request, {"detail": "Not Found"}, status=404)
    sentence = gettext(error.message) % error.params if error.message else ""
    return api.create_response(request, {"field": error.field, "detail": sentence}, status=422)


def _open(patterns: list[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """The library's patterns, exempt from the sign-in of pages: keys stand for it."""
    for p in patterns:
        if isinstance(p, URLPattern):
            p.callback = login_not_required(p.callback)
    return patterns


urlpatterns = _open(list(api.urls[0]))
app_name = "api"
