"""The Merkle tree of RFC 9162 §2.1 over leaf hashes, with inclusion and consistency proofs.

A complete subtree is named `(level, index)`: it covers the leaves `index * 2**level` up to `(index + 1) * 2**level`. Such
a node never changes once it is full, so a tree is kept as those nodes; every root and proof is folded from few of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

Place = tuple[int, int]
Range = list[Place]
"""The complete subtrees, left to right, that make up a range of leaves."""


def sm3(data: bytes) -> bytes:
    """SM3 (GB/T 32905); from OpenSSL where Python's build offers it."""
    if "sm3" in hashlib.algorithms_available:
        return hashlib.new("sm3", data).digest()
    from cryptography.hazmat.primitives.hashes import SM3, Hash

    digest = Hash(SM3())
    digest.update(data)
    return digest.finalize()


def sha256(data: bytes) -> bytes:
    """SHA-256 (FIPS 180-4)."""
    return hashlib.sha256(data).digest()


HASHES: dict[str, Callable[[bytes], bytes]] = {"sha256": sha256, "sm3": sm3}


class Tree:
    """Hashing by one of HASHES; holds nothing."""

    def __init__(self, name: str = "sha256") -> None:
        self.name, self.hash = name, HASHES[name]

    def leaf(self, data: bytes) -> bytes:
        """The hash of a leaf's data."""
        return self.hash(b"\x00" + data)

    def node(self, left: bytes, right: bytes) -> bytes:
        """The hash of two subtrees."""
        return self.hash(b"\x01" + left + right)

    def fold(self, hashes: Sequence[bytes]) -> bytes:
        """The hash of a range from those of its complete subtrees."""
        if not hashes:
            return self.hash(b"")
        found = hashes[-1]
        for left in reversed(hashes[:-1]):
            found = self.node(left, found)
        return found

    def grow(self, size: int, edge: Sequence[bytes], leaves: Iterable[bytes]) -> tuple[list[tuple[Place, bytes]], int]:
        """Append leaves to a tree of `size` whose complete subtrees are `edge`; the new nodes and the new size."""
        stack = list(zip(span(0, size), edge, strict=True))
        new: list[tuple[Place, bytes]] = []
        for found in leaves:
            place, value = (0, size), found
            new.append((place, value))
            while stack and stack[-1][0][0] == place[0]:
                place, value = (place[0] + 1, place[1] >> 1), self.node(stack.pop()[1], value)
                new.append((place, value))
            stack.append((place, value))
            size += 1
        return new, size

    def included(self, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
        """Whether `proof` leads from a leaf hash at `index` to the root of a tree of `size` (RFC 9162 §2.1.3.2)."""
        if not 0 <= index < size:
            return False
        fn, sn, r = index, size - 1, leaf
        for p in proof:
            if sn == 0:
                return False
            if fn & 1 or fn == sn:
                r = self.node(p, r)
                while fn and not fn & 1:
                    fn, sn = fn >> 1, sn >> 1
            else:
                r = self.node(r, p)
            fn, sn = fn >> 1, sn >> 1
        return sn == 0 and r == root

    def consistent(self, first: int, second: int, old: bytes, new: bytes, proof: Sequence[bytes]) -> bool:
        """Whether a tree of `second` leaves continues the one of `first` (RFC 9162 §2.1.4.2)."""
        if first == second:
            return old == new and not proof
        if not 0 < first < second or not proof:
            return first == 0 and not proof
        path = list(proof) if first & (first - 1) else [old, *proof]
        fn, sn = first - 1, second - 1
        while fn & 1:
            fn, sn = fn >> 1, sn >> 1
        fr = sr = path[0]
        for c in path[1:]:
            if sn == 0:
                return False
            if fn & 1 or fn == sn:
                fr, sr = self.node(c, fr), self.node(c, sr)
                while fn and not fn & 1:
                    fn, sn = fn >> 1, sn >> 1
            else:
                sr = self.node(sr, c)
            fn, sn = fn >> 1, sn >> 1
        return sn == 0 and fr == old and sr == new


def span(start: int, end: int) -> Range:
    """The complete subtrees of the leaves from `start` to `end`, where `start` is a multiple of the widest of them."""
    found: Range = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def _split(start: int, end: int) -> int:
    """Where RFC 9162 splits a range: after the largest power of two that is smaller than its length."""
    return start + (1 << ((end - start - 1).bit_length() - 1))


def inclusion(index: int, size: int) -> list[Range]:
    """The ranges whose hashes are the inclusion proof of a leaf, lowest first. IndexError outside the tree."""
    if not 0 <= index < size:
        raise IndexError(index)
    path: list[Range] = []
    start, end = 0, size
    while end - start > 1:
        middle = _split(start, end)
        if index < middle:
            path.append(span(middle, end))
            end = middle
        else:
            path.append(span(start, middle))
            start = middle
    return path[::-1]


def consistency(first: int, second: int) -> list[Range]:
    """The ranges whose hashes prove that the tree of `second` leaves continues the one of `first`, lowest first."""
    if not 0 < first <= second:
        raise IndexError(first)
    path: list[Range] = []
    start, end, whole = 0, second, True
    while first != end:
        middle = _split(start, end)
        if first <= middle:
            path.append(span(middle, end))
            end = middle
        else:
            path.append(span(start, middle))
            start, whole = middle, False
    if not whole:
        path.append(span(start, end))
    return path[::-1]
