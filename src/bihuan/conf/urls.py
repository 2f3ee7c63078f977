"""All addresses: each room has its own. A room whose addresses are caught by a wider one of another stands before it."""

from django.urls import include, path

ROOMS = (
    "record", "counselling", "papers", "procedures", "promotion", "fire", "financing", "responsibility", "sheets", "structure", "subjects",
    "meetings", "desk", "loop",
)  # fmt: skip
urlpatterns = [
    path("api/v1/", include("bihuan.api.urls", namespace="api")),
    *(path("", include(f"bihuan.web.{room}.urls")) for room in ROOMS),
]
handler400 = "bihuan.web.surface.errors.bad_request"
handler403 = "bihuan.web.surface.errors.denied"
handler404 = "bihuan.web.surface.errors.not_found"
handler500 = "bihuan.web.surface.errors.broken"
