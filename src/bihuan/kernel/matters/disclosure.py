"""Who saw confidential files: looking at one is an event of its own stream."""

from __future__ import annotations

from datetime import datetime

from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.state import Event
from bihuan.kernel.ledger.services import note

from .models import Attachment


def file_seen(*, viewer: Viewer, attachment: Attachment, at: datetime) -> None:
    """Record that the viewer opened a file of a confidential matter; other files leave no trace."""
    if not attachment.matter.confidential:
        return
    data = {"file": attachment.file_id, "matter": attachment.matter_id}
    happened = Event("FileSeen", at, viewer.person.username, min(viewer.codes, default=""), data)
    note(stream=f"seen:{attachment.file_id[:40]}", event=happened, at=at)
