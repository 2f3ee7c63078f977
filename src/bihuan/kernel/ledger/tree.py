"""Reading the tree over the whole ledger: its nodes, and proofs from them."""

from __future__ import annotations

from collections.abc import Sequence

from bihuan.kernel.domain.merkle import Range, Tree, consistency, inclusion
from bihuan.kernel.domain.notes import Head

from .models import Checkpoint, Leaf, Node

LEVEL = 1 << 48


def read_nodes(places: Range) -> list[bytes]:
    """The hashes of complete subtrees, in two queries at most. KeyError where one is missing."""
    leaves = [i for level, i in places if level == 0]
    nodes = [level * LEVEL + i for level, i in places if level]
    found = {(0, i): h for i, h in Leaf.objects.filter(index__in=leaves).values_list("index", "hash")} if leaves else {}
    if nodes:
        for place, hash_ in Node.objects.filter(place__in=nodes).values_list("place", "hash"):
            found[divmod(place, LEVEL)] = hash_
    return [bytes.fromhex(found[p]) for p in places]


def _proof(tree: Tree, ranges: Sequence[Range]) -> list[bytes]:
    found = iter(read_nodes([place for r in ranges for place in r]))
    return [tree.fold([next(found) for _ in r]) for r in ranges]


def prove_inclusion(*, index: int, head: Checkpoint) -> list[bytes]:
    """The inclusion proof of a leaf in the tree of a checkpoint."""
    return _proof(Tree(head.hash), inclusion(index, head.size))


def prove_consistency(*, first: int, head: Checkpoint) -> list[bytes]:
    """The proof that the tree of a checkpoint continues the one of `first` leaves."""
    return _proof(Tree(head.hash), consistency(first, head.size))


def continues(old: Head, head: Checkpoint) -> bool:
    """Whether the log of `head` is the one of `old` and its tree continues that one, by consistency proof."""
    if old.origin != head.origin or not 0 < old.size <= head.size:
        return False
    try:
        proof = prove_consistency(first=old.size, head=head)
    except KeyError:  # nodes are gone: nothing can be proved from what is left
        return False
    return Tree(head.hash).consistent(old.size, head.size, bytes.fromhex(old.root), bytes.fromhex(head.root), proof)
