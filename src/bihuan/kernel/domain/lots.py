"""Drawing by lot so that anyone can draw again. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import TypeVar

K = TypeVar("K", int, str)


def by_lot(keys: Iterable[K], seed: str) -> list[K]:
    """Keys in the order of the lot: by the hash of the seed with each."""
    return sorted(keys, key=lambda k: sha256(f"{seed}:{k}".encode()).hexdigest())


def seed_of(name: str, last: str) -> str:
    """The public seed of a lot: the hash of its name with the record's last event before it, which nobody could choose."""
    return sha256(f"{name}:{last}".encode()).hexdigest()
