"""The tree against the published vectors of certificate transparency, SM3 against GB/T 32905, and proofs by property."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.kernel.domain.merkle import Range, Tree, consistency, inclusion, sm3, span

LEAVES = [
    bytes.fromhex(h)
    for h in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION_1_OF_8 = [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
]
CONSISTENCY_6_TO_8 = [
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
]


def grown(data: list[bytes], tree: Tree) -> dict:
    nodes, size = tree.grow(0, [], [tree.leaf(x) for x in data])
    assert size == len(data)
    return dict(nodes)


def proof(nodes: dict, tree: Tree, ranges: list[Range]) -> list[bytes]:
    return [tree.fold([nodes[p] for p in r]) for r in ranges]


def root(nodes: dict, tree: Tree, size: int) -> bytes:
    return tree.fold([nodes[p] for p in span(0, size)])


def naive(tree: Tree, data: list[bytes]) -> bytes:
    """RFC 9162 §2.1.1 word for word."""
    if not data:
        return tree.hash(b"")
    if len(data) == 1:
        return tree.leaf(data[0])
    k = 1
    while k * 2 < len(data):
        k *= 2
    return tree.node(naive(tree, data[:k]), naive(tree, data[k:]))


def test_the_roots_are_the_published_ones() -> None:
    tree = Tree()
    nodes = grown(LEAVES, tree)
    assert [root(nodes, tree, n).hex() for n in range(1, 9)] == ROOTS
    assert root(nodes, tree, 0).hex() == hashlib.sha256(b"").hexdigest()


def test_the_proofs_are_the_published_ones() -> None:
    tree = Tree()
    nodes = grown(LEAVES, tree)
    assert [h.hex() for h in proof(nodes, tree, inclusion(0, 8))] == INCLUSION_1_OF_8
    assert [h.hex() for h in proof(nodes, tree, consistency(6, 8))] == CONSISTENCY_6_TO_8


@pytest.mark.parametrize(
    ("text", "digest"),
    [
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ],
)
def test_sm3_gives_the_examples_of_its_standard(text: bytes, digest: str) -> None:
    assert sm3(text).hex() == digest


def test_sm3_is_there_without_openssls_help(monkeypatch) -> None:
    monkeypatch.setattr(hashlib, "algorithms_available", set())
    assert sm3(b"abc").hex().startswith("66c7f0f4")


@given(st.integers(1, 70), st.data(), st.sampled_from(["sha256", "sm3"]))
def test_every_leaf_is_provable_and_no_other_is(size: int, data, name: str) -> None:
    tree = Tree(name)
    items = [str(i).encode() for i in range(size)]
    nodes = grown(items, tree)
    head = root(nodes, tree, size)
    assert head == naive(tree, items)
    i = data.draw(st.integers(0, size - 1))
    found = proof(nodes, tree, inclusion(i, size))
    assert tree.included(tree.leaf(items[i]), i, size, found, head)
    assert not tree.included(tree.leaf(b"never"), i, size, found, head)
    assert not tree.included(tree.leaf(items[i]), i, size, [*found, head], head)
    assert not tree.included(tree.leaf(items[i]), size, size, found, head)
    if size > 1:
        assert not tree.included(tree.leaf(items[i]), i, size, found[:-1], head)
        assert not tree.included(tree.leaf(items[i]), (i + 1) % size, size, found, head)


@given(st.integers(1, 70), st.data())
def test_a_tree_proves_that_it_continues_an_older_one(size: int, data) -> None:
    tree = Tree()
    nodes = grown([str(i).encode() for i in range(size)], tree)
    first = data.draw(st.integers(1, size))
    old, new = root(nodes, tree, first), root(nodes, tree, size)
    found = proof(nodes, tree, consistency(first, size))
    assert tree.consistent(first, size, old, new, found)
    other = tree.leaf(b"another past")
    assert not tree.consistent(first, size, other, new, found)
    assert not tree.consistent(first, size, old, other, found)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_growing_in_steps_is_growing_at_once(steps: list[int]) -> None:
    tree, nodes, size = Tree(), {}, 0
    items = [str(i).encode() for i in range(sum(steps))]
    for step in steps:
        edge = [nodes[p] for p in span(0, size)]
        new, grown_to = tree.grow(size, edge, [tree.leaf(x) for x in items[size : size + step]])
        nodes |= dict(new)
        size = grown_to
    assert nodes == grown(items, tree)
