"""Pages for what went wrong: each says what happened and what to do."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def sentence(error: Any) -> str:
    """A refusal of domain or engine in the language of the reader."""
    params = {k: sentence(v) if hasattr(v, "message") else v for k, v in dict(error.params).items()}
    return _(error.message) % params if params else _(error.message)


def page(request: HttpRequest, status: int, **context: Any) -> HttpResponse:
    """An error page with its status."""
    return render(request, "surface/error.html", {"status": status, **context}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, 400, title=_("The request could not be read"))


def denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, 403, title=_("Your post does not include this"))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, 404, title=_("There is no such page, or it is not yours to see"))


def broken(request: HttpRequest) -> HttpResponse:
    return page(request, 500, title=_("Something broke on our side; nothing was written"))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return page(
        request, 403, title=_("The form is too old or came from elsewhere; open the page again and send it once more")
    )


def too_late(request: HttpRequest, number: int, happened: list[Any], typed: Mapping[str, str]) -> HttpResponse:
    """409: somebody else was first. Both texts stay on the page."""
    context = {"number": number, "happened": happened, "typed": typed}
    return render(request, "surface/conflict.html", context, status=409)
