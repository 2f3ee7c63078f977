"""Who saw confidential files: looking at one is an event of its own stream."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.state import Event
from bihuan.kernel.ledger import selectors as ledger
from bihuan.kernel.ledger.services import StaleStream, append, entry_time

from .models import Attachment

TRIES = 5


def file_seen(*, viewer: Viewer, attachment: Attachment, at: datetime) -> None:
    """Record that the viewer opened a file of a confidential matter; other files leave no trace.

    Several may look at once: whoever finds the place taken tries the next one, StaleStream after five tries.
    """
    if not attachment.matter.confidential:
        return
    name = f"seen:{attachment.file_id[:40]}"
    data = {"file": attachment.file_id, "matter": attachment.matter_id}
    happened = Event("FileSeen", at, viewer.person.username, min(viewer.codes, default=""), data)
    for attempt in range(TRIES):
        try:
            with transaction.atomic():
                append(stream=name, events=[happened], after=ledger.stream(name).end, entered_at=entry_time(at))
            return
        except StaleStream:
            if attempt == TRIES - 1:
                raise
