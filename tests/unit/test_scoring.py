"""The scoring engine: boundaries, floors, caps, vetoes, special parts, and that better facts never cost points."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.engines.scoring import Fact, Scheme, gains, parse, score
from bihuan.engines.scoring.rules import reason
from bihuan.engines.scoring.schema import Rule
from bihuan.kernel.domain.kinds import BadCatalogue


def data(**more: Any) -> dict[str, Any]:
    return {
        "id": "t", "name": "测试", "name_en": "Test", "mechanism": "fire", "audience": "township", "bonus_cap": 5,
        "part": [
            {"id": "a", "name": "甲", "name_en": "A", "points": 60, "item": [
                {"id": "a1", "name": "检查", "name_en": "Checks", "points": 10, "rule": [{"kind": "missing", "metric": "checks", "points": 3, "need": 2}]},
                {"id": "a2", "name": "按期", "name_en": "In time", "points": 50, "rule": [{"kind": "rate", "metric": "time", "full": 95, "zero": 55}]},
            ]},
            {"id": "b", "name": "乙", "name_en": "B", "points": 40, "special": True, "item": [
                {"id": "b1", "name": "火灾", "name_en": "Fires", "points": 40, "rule": [{"kind": "each", "metric": "fires", "points": 15, "free": 1}]},
            ]},
            {"id": "c", "name": "丙", "name_en": "C", "points": 40, "special": True, "sectors": ["education"], "item": [
                {"id": "c1", "name": "晚点", "name_en": "Late", "points": 40, "rule": [{"kind": "rate", "metric": "late", "full": 0, "zero": 50}]},
            ]},
        ],
        "veto": [{"id": "v", "name": "较大", "name_en": "Larger", "metric": "larger", "effect": "fail"}, {"id": "z", "name": "造假", "name_en": "Falsified", "metric": "false", "effect": "zero"}],
        "bonus": [{"id": "p", "name": "示范", "name_en": "Model", "metric": "models", "points": 2}],
        **more,
    }  # fmt: skip


SCHEME = parse(data())
GOOD = {"checks": Fact(2), "time": Fact(10, 10), "fires": Fact(0)}


def test_full_marks_and_the_seen_rule_of_three_points_for_each_missing_check() -> None:
    assert score(SCHEME, GOOD).total == 10_000
    assert score(SCHEME, {**GOOD, "checks": Fact(1)}).total == 9_700
    assert score(SCHEME, {**GOOD, "checks": Fact(0)}).items()["a1"].points == 400


def test_an_item_never_goes_below_zero_nor_above_its_own() -> None:
    got = score(SCHEME, {**GOOD, "fires": Fact(9)})
    assert (got.items()["b1"].points, got.total) == (0, 6_000)
    assert score(SCHEME, GOOD, adjusted={"a1": 500}).total == 10_000
    assert score(SCHEME, GOOD, adjusted={"a1": -5_000}).total == 9_000


@pytest.mark.parametrize(
    ("total", "level"),
    [(9_000, "excellent"), (8_999, "good"), (8_000, "good"), (7_999, "pass"), (6_000, "pass"), (5_999, "fail"), (0, "fail")],
)  # fmt: skip
def test_levels_include_their_lower_bound(total: int, level: str) -> None:
    got = score(SCHEME, GOOD, adjusted=_spread(10_000 - total))
    assert (got.total, got.level) == (total, level)


def _spread(lost: int) -> dict[str, int]:
    out = {}
    for item in ("a1", "a2", "b1"):
        take = min(lost, SCHEME.items()[item].points)
        out[item], lost = -take, lost - take
    return out


def test_the_bonus_is_capped_and_a_veto_decides_alone() -> None:
    assert score(SCHEME, {**GOOD, "models": Fact(9)}).total == 10_500
    failed = score(SCHEME, {**GOOD, "larger": Fact(1)})
    assert (failed.total, failed.level, [v.id for v in failed.vetoes]) == (10_000, "fail", ["v"])
    assert score(SCHEME, {**GOOD, "false": Fact(1), "models": Fact(9)}).total == 0
    assert score(SCHEME, GOOD, vetoed=True).level == "fail"


def test_a_unit_has_the_special_part_of_its_sector() -> None:
    facts = {**GOOD, "late": Fact(1, 4), "fires": Fact(9)}
    assert set(score(SCHEME, facts, sector="education").items()) == {"a1", "a2", "c1"}
    assert score(SCHEME, facts, sector="education").items()["c1"].points == 2_000
    assert set(score(SCHEME, facts, sector="health").items()) == {"a1", "a2", "b1"}


def test_what_cannot_be_measured_takes_nothing_and_says_so() -> None:
    got = score(SCHEME, {"checks": Fact(2)}).items()["a2"]
    assert got.points == 5_000
    assert not got.reasons[0].case
    assert score(SCHEME, {"checks": Fact(2), "time": Fact(0, 0)}).total == 10_000


def test_a_running_quarter_asks_for_its_share_of_the_year_only() -> None:
    facts = {**GOOD, "checks": Fact(0)}
    assert [score(SCHEME, facts, quarters=q).items()["a1"].points for q in (1, 2, 3, 4)] == [1000, 700, 700, 400]


def test_gains_say_what_would_raise_the_score_most_and_how_many_it_takes() -> None:
    facts = {"checks": Fact(0), "time": Fact(75, 100), "fires": Fact(2)}
    found = [(g.item.id, g.points, g.reason.short) for g in gains(SCHEME, facts)]
    assert found == [("a2", 2500, 20), ("b1", 1500, 1), ("a1", 600, 2)]


RULES = st.one_of(
    st.builds(lambda p, f: Rule("r", "each", "m", p, free=f), st.integers(0, 900), st.integers(0, 3)),
    st.builds(lambda p, n: Rule("r", "missing", "m", p, need=n), st.integers(0, 900), st.integers(0, 9)),
    st.builds(lambda p, a, b: Rule("r", "rate", "m", p, full=Fraction(a), zero=Fraction(b)), st.integers(0, 3000), st.integers(0, 100), st.integers(0, 100)).filter(lambda r: r.full != r.zero),
)  # fmt: skip


@given(rule=RULES, den=st.integers(1, 60), num=st.integers(0, 60), quarters=st.integers(1, 4))
def test_one_better_never_costs_points_and_closing_the_gap_costs_none(
    rule: Rule, den: int, num: int, quarters: int
) -> None:
    num = min(num, den)
    fact, step = Fact(num, den), -1 if rule.less else 1
    now = reason(rule, fact, quarters)
    assert now.lost >= 0
    if 0 <= num + step <= den:
        assert reason(rule, Fact(num + step, den), quarters).lost <= now.lost
    good = reason(rule, Fact(num + step * now.short, den), quarters)
    assert good.lost == 0
    assert not now.lost or now.short > 0
    if rule.kind == "rate":
        assert now.lost <= rule.points


@given(st.dictionaries(st.sampled_from(["checks", "time", "fires", "late", "models", "larger"]), st.builds(lambda n, d: Fact(min(n, d), d), st.integers(0, 50), st.integers(0, 50))), st.sampled_from(["", "education"]))  # fmt: skip
def test_the_whole_lies_between_nothing_and_full_with_bonus_and_is_the_same_twice(
    facts: dict[str, Fact], sector: str
) -> None:
    got = score(SCHEME, facts, sector=sector)
    assert got == score(SCHEME, dict(reversed(facts.items())), sector=sector)
    assert 0 <= got.total <= SCHEME.full + SCHEME.bonus_cap
    assert got.total == sum(i.points for i in got.items().values()) + got.bonus
    now = sum(p.points for p in got.parts)
    assert all(0 < g.points <= SCHEME.full - now for g in gains(SCHEME, facts, sector=sector))


def test_a_scheme_that_does_not_add_up_is_refused_with_its_place() -> None:
    bad: list[tuple[dict[str, Any], str]] = []
    for change, word in (
        (lambda d: d["part"][0].update(points=59), "t, a: its items do not add up"),
        (lambda d: d["part"][1].update(points=30) or d["part"][1]["item"][0].update(points=30), "do not add up to the full score"),
        (lambda d: d["part"][0]["item"][1].update(id="a1"), "a1 stands twice"),
        (lambda d: d["part"][0]["item"][0]["rule"][0].update(kind="magic"), "a1.1: no such rule"),
        (lambda d: d["part"][0]["item"][0].update(points="viele"), "no number of points"),
        (lambda d: d["part"][0]["item"][0].pop("name"), "missing"),
        (lambda d: d.update(levels=[["good", 80], ["excellent", 90]]), "levels"),
        (lambda d: d["part"][1].update(sectors=["health"]), "exactly one special part"),
        (lambda d: d["veto"][0].update(effect="shame"), "no such veto"),
    ):  # fmt: skip
        made = data()
        change(made)
        bad.append((made, word))
    for made, word in bad:
        with pytest.raises(BadCatalogue, match=word):
            parse(made)
    with pytest.raises(BadCatalogue, match="fires is no metric"):
        parse(data(), metrics={"checks", "time", "late", "larger", "false", "models"})
    assert isinstance(parse(data()), Scheme)
