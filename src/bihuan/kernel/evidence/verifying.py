"""Holding the files on disk against their hashes: what is lost, altered, or named by nothing."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.conf import settings

from bihuan.kernel.domain.refusal import N_
from bihuan.kernel.registry.streams import tables

from .models import StoredFile
from .services import STAGED_FOR, path_of

CHUNK = 1 << 20
SHARES = 7
"""Into so many shares the files fall; one is read each day, so all within a week."""


@dataclass(frozen=True)
class Flaw:
    """A file that is not as the record says: its hash, the sentence, and the streams whose rows name it (none: nothing names it)."""

    sha256: str
    message: str
    named_by: tuple[str, ...] = ()


@dataclass
class Seen:
    """How many files and bytes were read."""

    files: int = 0
    size: int = 0


def share_of(day: date) -> int:
    """The share whose turn it is."""
    return day.toordinal() % SHARES


def in_share(sha256: str, share: int | None) -> bool:
    """Whether a file belongs to a share; to every one where none is named."""
    return share is None or int(sha256[:2], 16) % SHARES == share


def flaws(*, at: datetime, share: int | None = None, seen: Seen | None = None) -> Iterator[Flaw]:
    """Every file that is lost, altered or on disk without a row; of one share, or of all.

    1. each file of the record is read whole and hashed;
    2. files on disk that no row knows are named once they are older than an unfinished upload may be.
    """
    seen = seen if seen is not None else Seen()
    known: set[str] = set()
    wrong: dict[str, str] = {}
    for sha256 in StoredFile.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=2_000):
        known.add(sha256)
        if in_share(sha256, share):
            why = _flaw(path_of(sha256), sha256, seen)
            if why:
                wrong[sha256] = why
    names = naming(wrong)
    for sha256, why in wrong.items():
        yield Flaw(sha256, why, tuple(names.get(sha256, ())))
    for path in sorted(Path(settings.MEDIA_ROOT).glob("??/*")):
        name = path.name.partition(".")[0]
        old = path.stat().st_mtime < (at - STAGED_FOR).timestamp()
        if name not in known and old and _is_hash(name) and in_share(name, share):
            yield Flaw(path.name, N_("lies on disk and no row knows it"))


def _is_hash(name: str) -> bool:
    return len(name) == 64 and all(c in "0123456789abcdef" for c in name)


def _flaw(path: Path, sha256: str, seen: Seen) -> str:
    """What is wrong with a file; empty when nothing is."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                seen.size += len(chunk)
    except FileNotFoundError:
        return N_("is lost")
    except OSError:
        return N_("cannot be read")
    seen.files += 1
    return "" if digest.hexdigest() == sha256 else N_("is altered")


def naming(hashes: Iterable[str]) -> dict[str, list[str]]:
    """The streams whose rows name each of these files."""
    wanted = list(hashes)
    found: dict[str, list[str]] = defaultdict(list)
    if not wanted:
        return found
    streams = {table.model: table.stream for _, table in tables()}
    for relation in StoredFile._meta.related_objects:
        model, name = relation.related_model, relation.field.attname
        if model not in streams:
            continue
        for row in model._base_manager.filter(**{f"{relation.field.name}__in": wanted}):
            found[getattr(row, name)].append(streams[model](row))
    return {k: sorted(set(v)) for k, v in found.items()}
