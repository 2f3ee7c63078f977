"""Who saw confidential files: looking at one is an event of its own stream."""

from __future__ import annotations

from datetime import datetime

from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.state import Event
from bihuan.kernel.ledger.services import note

from .models import Matter


def file_seen(*, viewer: Viewer, file: str, matter: Matter, at: datetime) -> None:
    """Record that the viewer opened a file (its hash) of a confidential matter; other files leave no trace."""
    if not matter.confidential:
        return
    data = {"file": file, "matter": matter.pk}
    happened = Event("FileSeen", at, viewer.person.username, min(viewer.codes, default=""), data)
    note(stream=f"seen:{file[:40]}", event=happened, at=at)
