"""The newest checkpoint, kept in a file of the data folder: what the database is held against after a restore.

The file holds the signed note. Its signature is not checked here: whoever can write the file can also delete it. What nobody
here can reach are the copies that another office keeps (`against`).
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Literal

from django.conf import settings

from bihuan.kernel.domain.notes import Head, told
from bihuan.kernel.domain.refusal import Refused

from .models import Checkpoint
from .tree import continues

State = Literal["none", "fine", "older", "other"]


def kept() -> Head | None:
    """What the kept note says; None where none is kept. Refused when the file holds no note."""
    try:
        return told(Path(settings.LEDGER_WITNESS).read_text("utf-8"))
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        return told("")


def compare(head: Checkpoint | None) -> State:
    """How the newest checkpoint of the database stands to the kept note.

    `none`: no note is kept. `fine`: the tree of the database continues it. `older`: the database ends before it. `other`: the
    database is another log or another branch, or the file holds no note.
    """
    try:
        found = kept()
    except Refused:
        return "other"
    if found is None:
        return "none"
    if head is None or (head.origin == found.origin and head.size < found.size):
        return "older"
    return "fine" if continues(found, head) else "other"


def keep(head: Checkpoint) -> None:
    """Keep the note of a new checkpoint, unless it contradicts the kept one: that stays until somebody accepts the ledger as it is."""
    if compare(head) in ("none", "fine"):
        _write(head.note)


def replace(head: Checkpoint, at: datetime) -> None:
    """Keep this checkpoint's note; the one before, if it differs, stands beside it under the moment `at`."""
    path = Path(settings.LEDGER_WITNESS)
    if path.exists():
        os.link(path, path.with_name(f"{path.name}.{at.astimezone(UTC):%Y%m%dT%H%M%S%f}"))
    _write(head.note)


def _write(note: str) -> None:
    """The file appears whole or not at all, also when the power fails."""
    path = Path(settings.LEDGER_WITNESS)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{token_hex(6)}")
    with draft.open("w", encoding="utf-8", newline="\n") as file:
        file.write(note)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
