"""Taking in files."""

from __future__ import annotations

import hashlib
import os
import threading
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Exists, OuterRef

from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.domain.state import Event
from bihuan.kernel.ledger.services import note
from bihuan.kernel.orgs.models import Person

from . import pictures, rules
from .models import Look, Staged, StoredFile

STAGED_FOR = timedelta(days=2)
MOST_STAGED = 60


def path_of(sha256: str) -> Path:
    """Where the file with this hash lies."""
    return Path(settings.MEDIA_ROOT) / sha256[:2] / sha256


def thumb_of(sha256: str) -> Path:
    """Where the thumbnail of a picture lies; made when it is missing."""
    path = path_of(sha256).with_name(f"{sha256}.thumb")
    if not path.exists():
        _write(path, pictures.thumbnail(path_of(sha256).read_bytes()))
    return path


def _write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}.part")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def stream_of(sha256: str) -> str:
    """The name of a file's stream."""
    return f"file:{sha256[:40]}"


def store(*, data: bytes, media_type: str, at: datetime, person: str = "") -> StoredFile:
    """Keep a file under its hash, once; the file is on disk before its row exists. `person` is the account that brought it."""
    sha256 = hashlib.sha256(data).hexdigest()
    if not path_of(sha256).exists():
        _write(path_of(sha256), data)
    stored = StoredFile.objects.filter(pk=sha256).first()
    if stored is None:
        told = asdict(pictures.facts(data)) if media_type.startswith("image/") else {}
        with transaction.atomic():
            stored, made = StoredFile.objects.get_or_create(
                sha256=sha256, defaults={"media_type": media_type, "size": len(data), "stored_at": at, **told}
            )
            if made:
                note(
                    stream=stream_of(sha256),
                    event=Event("FileStored", at, person, "", {"size": len(data), "type": media_type}),
                    at=at,
                )
                Look.objects.bulk_create(Look(file=stored, part=p) for p in pictures.parts(stored.look))
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
    if waiting(owner) >= MOST_STAGED:
        raise Refused(
            N_("%(n)s files of yours wait for a form already; finish that first."), field="files", n=MOST_STAGED
        )
    data = upload.read()
    stored = store(data=data, media_type=rules.media_type(data, name), at=at, person=owner.username)
    return Staged.objects.create(owner=owner, file=stored, name=name, staged_at=at)


def sweep(*, at: datetime) -> int:
    """Drop uploads that no form claimed for two days, then files that nothing names any more; how many uploads.

    A file on disk is older than its row, and a row older than what names it, so two days are left between.
    """
    old = at - STAGED_FOR
    with transaction.atomic():
        gone = Staged.objects.filter(staged_at__lt=old).delete()[0]
        free = StoredFile.objects.filter(stored_at__lt=old)
        for relation in StoredFile._meta.related_objects:
            if relation.related_model is Look:
                continue
            named = relation.related_model._default_manager.filter(**{relation.field.name: OuterRef("pk")})
            free = free.filter(~Exists(named))
        orphans = list(free.values_list("pk", flat=True))
        StoredFile.objects.filter(pk__in=orphans).delete()
        for sha256 in orphans:
            note(stream=stream_of(sha256), event=Event("FileDropped", at, "clock", "", {}), at=at)
    for sha256 in orphans:
        for path in (path_of(sha256), path_of(sha256).with_name(f"{sha256}.thumb")):
            path.unlink(missing_ok=True)
    return gone


def strays(*, at: datetime) -> int:
    """Delete files on disk that have no row and are older than two days (a crash between the two); how many."""
    known = set(StoredFile.objects.values_list("pk", flat=True))
    found = 0
    for path in Path(settings.MEDIA_ROOT).glob("??/*"):
        if path.name.partition(".")[0] not in known and path.stat().st_mtime < (at - STAGED_FOR).timestamp():
            path.unlink()
            found += 1
    return found


def waiting(owner: Person) -> int:
    """How many uploads of a person wait for a form."""
    return Staged.objects.filter(owner=owner).count()
