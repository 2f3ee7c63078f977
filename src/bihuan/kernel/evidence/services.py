"""Taking in files."""

from __future__ import annotations

import hashlib
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.orgs.models import Person

from . import rules
from .models import Staged, StoredFile

STAGED_FOR = timedelta(days=2)


def path_of(sha256: str) -> Path:
    """Where the file with this hash lies."""
    return Path(settings.MEDIA_ROOT) / sha256[:2] / sha256


def store(*, data: bytes, media_type: str, at: datetime) -> StoredFile:
    """Keep a file under its hash, once; the file is on disk before its row exists."""
    sha256 = hashlib.sha256(data).hexdigest()
    path = path_of(sha256)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{sha256}.{os.getpid()}.part")
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    taken = rules.taken_at(data) if media_type.startswith("image/") else ""
    stored, _ = StoredFile.objects.get_or_create(
        sha256=sha256, defaults={"media_type": media_type, "size": len(data), "taken_at": taken, "stored_at": at}
    )
    return stored


def stage(*, upload: UploadedFile[Any], owner: Person, at: datetime) -> Staged:
    """Take in an upload for a form that is still being filled. Refused by size, type or a lying name."""
    name = (upload.name or "").strip()[:200]
    if not upload.size:
        raise Refused(N_("%(name)s is empty."), field="files", name=name)
    if upload.size > settings.MAX_UPLOAD_MB * 2**20:
        raise Refused(
            N_("%(name)s has %(size)s MB; at most %(max)s MB can be taken."),
            field="files", name=name, size=upload.size // 2**20, max=settings.MAX_UPLOAD_MB,
        )  # fmt: skip
    data = upload.read()
    stored = store(data=data, media_type=rules.media_type(data, name), at=at)
    return Staged.objects.create(owner=owner, file=stored, name=name, staged_at=at)


@transaction.atomic
def sweep(*, at: datetime) -> int:
    """Drop uploads that no form claimed for two days; files themselves stay, since an event may name them."""
    return Staged.objects.filter(staged_at__lt=at - STAGED_FOR).delete()[0]
