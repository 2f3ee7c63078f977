"""What every page's frame shows."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from bihuan.instruments.notices.selectors import unseen
from bihuan.kernel.registry import pages
from bihuan.mechanisms.promotion.selectors import scheme


def shell(request: HttpRequest) -> dict[str, Any]:
    """Navigation, the viewer and the time as of which a page speaks."""
    match = request.resolver_match
    who = getattr(request, "viewer", None)
    name = (match.url_name or "") if match else ""
    return {
        "here": match.kwargs.get("name") if match and name == "mechanism" else pages.belongs(name),
        # administrators see no matters, so nothing leads there
        "nav": pages.section("work")[:1] if who and who.admin else pages.section("work"),
        "mechanisms": [] if who and who.admin else pages.section("mechanisms"),
        "record": pages.section("record") + (pages.section(who.admin) if who and who.admin else []),
        "viewer": who,
        "unseen": unseen(who.person) if who else 0,
        "now": timezone.now(),
        "light_words": SimpleLazyObject(lambda: scheme().words),
    }
