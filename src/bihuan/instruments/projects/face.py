"""What the room of project files says of itself."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as N

from bihuan.kernel.domain.state import Event
from bihuan.kernel.files.filing import stream_of
from bihuan.kernel.registry import events, streams
from bihuan.kernel.registry.events import EventType, Names
from bihuan.kernel.registry.streams import Table

from .models import Photo
from .words import register_parts


def _photos(e: Event, names: Names) -> list[str]:
    return [e.data["month"], *(f["name"] for f in e.data["files"])]


TYPES = (EventType("PhotosFiled", N("added progress photos"), {"month": "month", "files": "[{}]"}, notes=_photos),)


def register() -> None:
    """Photos, which the streams of projects decide, and how the parts of a project's file are told."""
    register_parts()
    events.register(*TYPES)
    streams.extend("subject", Table(Photo, lambda p: stream_of(p.subject)))
