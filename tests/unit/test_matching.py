"""The matcher: one lead bank a project, nothing bent, the best that there is; and what a person lays down stands."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest

from bihuan.engines.matching import Bank, Need, Problem, Weights, broken, first, match, points
from bihuan.engines.matching.problem import hurdles, value

YI = 100_000_000_00  # 1亿元 in fen


def made(seed: int, needs: int = 5, banks: int = 3) -> Problem:
    r = Random(seed)
    names = [f"b{i}" for i in range(banks)]
    found = []
    for i in range(needs):
        lenders = {b: r.randint(1, 9) * YI for b in names if r.random() < 0.4}
        found.append(
            Need(
                f"p{i}", r.randint(1, 6) * YI, f"g{r.randint(0, 2)}", lenders, r.choice(["", *names]), r.choice(["", *names]),
                frozenset(r.sample(["normal", "trouble", "lzh"], 2)), frozenset(b for b in names if r.random() < 0.1),
            )
        )  # fmt: skip
    return Problem(
        tuple(found),
        tuple(
            Bank(b, r.randint(4, 12) * YI, r.choice([None, 2, 3]), r.choice([0, 2 * YI]), r.choice([None, 5 * YI]), r.choice([60, 100]), {"normal": r.randint(-20, 40)})
            for b in names
        ),
    )  # fmt: skip


def best_of_all(p: Problem) -> tuple[int, int]:
    """By trying everything: how many can be matched, and the best value of so many."""
    names = [None, *(b.id for b in p.banks)]
    found = (-1, 0)
    for chosen in product(names, repeat=len(p.needs)):
        picked = {n.id: b for n, b in zip(p.needs, chosen, strict=True) if b is not None}
        if any(hurdles(p.need[n], p.bank[b]) or broken(p, picked, n) for n, b in picked.items()):
            continue
        found = max(found, (len(picked), value(p, picked)))
    return found


@pytest.mark.parametrize("seed", range(12))
def test_nothing_better_exists_where_everything_can_be_tried(seed: int) -> None:
    p = made(seed)
    found = match(p, 5)
    assert (len(found.pairs), found.value) == best_of_all(p)
    assert found.proven
    assert {x.need for x in found.pairs} | set(found.alone) == {n.id for n in p.needs}


@pytest.mark.parametrize("seed", range(12))
def test_neither_proposal_breaks_anything_and_the_first_is_never_better(seed: int) -> None:
    p = made(seed, 30, 5)
    begun, found = first(p), match(p, 3)
    chosen = {x.need: x.bank for x in found.pairs}
    for some in (begun, chosen):
        assert not any(broken(p, some, n) for n in some)
    assert (len(chosen), found.value) >= (len(begun), value(p, begun))
    assert found.bound >= found.value


def test_what_a_person_lays_down_stands_and_says_what_it_breaks() -> None:
    needs = (Need("p", 9 * YI, "g", barred=frozenset({"a"})), Need("q", 2 * YI), Need("r", 2 * YI))
    banks = (Bank("a", 10 * YI, most=1, top=5 * YI, share=50), Bank("b", 10 * YI))
    found = match(Problem(needs, banks, fixed={"p": "a", "q": None}), 2)
    laid = next(x for x in found.pairs if x.need == "p")
    assert laid.fixed
    assert {b.word for b in laid.broken} == {"barred", "large", "group"}
    assert next(x.bank for x in found.pairs if x.need == "r") == "b"  # the one place of a is taken
    assert "q" in found.alone


def test_reasons_say_what_a_pair_is_worth() -> None:
    need = Need("p", YI, lenders={"a": 3 * YI, "b": YI}, collateral="b", account="a", tags=frozenset({"trouble"}))
    p = Problem((need,), (Bank("a", 9 * YI, appetite={"trouble": -30}), Bank("b", 9 * YI)), Weights(120, 100, 60, 1, 4))
    assert points(p, need, p.bank["a"]) == 90 + 60 - 30
    assert points(p, need, p.bank["b"]) == 30 + 100
    found = match(p, 1)
    assert [r.word for r in found.pairs[0].reasons] == ["lender", "collateral"]


def test_a_project_that_nobody_can_take_says_what_stands_against_each_bank() -> None:
    found = match(Problem((Need("p", 9 * YI),), (Bank("a", 5 * YI), Bank("b", 20 * YI, top=8 * YI))), 1)
    assert not found.pairs
    assert [(x.bank, x.word, x.over) for x in found.alone["p"]] == [("a", "capacity", 4 * YI), ("b", "large", YI)]


def test_loads_are_even_where_nothing_else_speaks() -> None:
    p = Problem(tuple(Need(f"p{i}", YI) for i in range(6)), (Bank("a", 6 * YI), Bank("b", 6 * YI), Bank("c", 6 * YI)))
    assert set(match(p, 3).used.values()) == {334}


def test_it_can_be_watched_and_stopped() -> None:
    seen: list[int] = []

    def told(value: int, bound: int) -> bool:
        seen.append(value)
        return False

    p = made(3, 60, 8)
    found = match(p, 30, progress=told)
    assert found.value >= value(p, first(p))


def test_without_needs_or_banks_there_is_nothing_to_match() -> None:
    assert match(Problem((), ()), 1).proven
    assert match(Problem((Need("p", YI),), ()), 1).alone == {"p": ()}
