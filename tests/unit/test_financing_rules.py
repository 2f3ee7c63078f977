"""Forecasts of buildings, how long money lasts, and questions where money and works do not fit."""

from __future__ import annotations

from datetime import date, timedelta

from bihuan.mechanisms.financing.catalogue import Doubt, Forecast, condition_set, course, figures, shipped
from bihuan.mechanisms.financing.delivery import Building, foreseen, funds, paced
from bihuan.mechanisms.financing.doubts import Line, reconciled
from bihuan.mechanisms.financing.indicators import list_of
from bihuan.mechanisms.financing.rules import Ask, Row, Standing, able, fold

DAY = date(2024, 6, 1)
LIMITS = Doubt(5, 20, 5, 45)


def after(n: int) -> date:
    return DAY + timedelta(days=n)


def test_the_pace_of_late_gives_the_day_and_silence_slows_it() -> None:
    told = [(after(-90), 40), (after(-30), 60), (DAY, 70)]
    pace, end = paced(told, DAY, 180)
    assert round(pace, 4) == round(30 / 90, 4)
    assert end == after(90)
    assert paced(told, after(90), 180)[1] == after(90 + 180)
    assert paced([(DAY, 70)], DAY, 180) == (0.0, None)
    assert paced([(after(-9), 100)], DAY, 180)[1] == after(-9)


def test_a_building_is_red_when_late_beyond_the_limit_or_without_any_pace_near_its_day() -> None:
    f = Forecast(180, 0, 60)
    told = ((after(-90), 40), (DAY, 70))
    assert foreseen(Building("1", 10, promised=after(100), progress=told), DAY, f).light == "green"
    some = foreseen(Building("1", 10, promised=after(60), progress=told), DAY, f)
    assert (some.light, some.late) == ("amber", 30)
    assert foreseen(Building("1", 10, promised=after(10), progress=told), DAY, f).light == "red"
    assert foreseen(Building("1", 10, promised=after(100), progress=((after(-90), 40),)), DAY, f).light == "red"
    assert foreseen(Building("1", 10, promised=after(-100), progress=told, delivered=10), DAY, f).light == "green"


def test_money_that_does_not_suffice_and_money_that_runs_out_before_more_comes() -> None:
    assert funds({}, 0, after(100), DAY) is None
    short = funds({"to_finish": 100, "arrears": 20, "balance": 30}, 40, after(100), DAY)
    assert short is not None
    assert (short.short, short.light) == (50, "red")
    tight = funds({"to_finish": 100, "balance": 30, "to_collect": 60}, 20, after(100), DAY)
    assert tight is not None
    assert (tight.short, tight.light, tight.lasts) == (0, "amber", after(50))
    calm = funds({"to_finish": 100, "balance": 60}, 60, after(100), DAY)
    assert calm is not None
    assert calm.light == "green"


def asked(**kw) -> Ask:
    return Ask(1, "a", after(-50), credited=after(-40), amount=1_000, signed=after(-30), **kw)


def test_money_drawn_that_never_arrived_and_money_used_that_nobody_asked_for() -> None:
    ask = asked(drawings=((after(-20), 400), (after(-10), 100)), payments=((after(-15), 150, "总包"),))
    lines = [Line("1", after(-19), 400), Line("2", after(-14), -150, "总包"), Line("3", after(-12), -70, "他人")]
    found = reconciled(ask, lines, [], LIMITS, DAY, after(-2))
    assert (found.drawings, found.payments) == ({0: "1"}, {0: "2"})
    assert [(x.word, x.amount) for x in found.doubts] == [("not_arrived", 100), ("unasked", 70)]
    assert not reconciled(ask, [], [], LIMITS, DAY, None).doubts  # nothing is asked where no statement is


def test_a_payment_to_another_payee_does_not_fit() -> None:
    ask = asked(drawings=((after(-20), 400),), payments=((after(-15), 150, "总包"),))
    lines = [Line("1", after(-20), 400), Line("2", after(-15), -150, "陌生人")]
    assert [x.word for x in reconciled(ask, lines, [], LIMITS, DAY, DAY).doubts] == ["not_paid", "unasked"]


def test_drawings_ahead_of_plan_and_use_ahead_of_works_are_questions() -> None:
    plan = ((after(-25), 300, 40), (after(10), 300, 60))
    ask = asked(
        mode="stages", plan=plan, drawings=((after(-20), 300), (after(-5), 200)), payments=((after(-4), 480, "总包"),)
    )
    found = reconciled(ask, [], [(after(-30), 30), (after(-6), 45)], LIMITS, DAY, None)
    assert [x.word for x in found.doubts] == ["ahead_of_plan", "early", "ahead_of_plan", "ahead_of_works"]
    assert found.doubts[-1].params == {"used": 48, "done": 21}


def test_the_way_of_a_file_and_who_may_take_which_step() -> None:
    s = Standing(state="found")
    assert able(s, "bank") == []
    assert "pushed" not in able(s, "office")
    rows = [
        Row("opened", DAY), Row("handed", DAY), Row("district", DAY, data={"passed": True}), Row("city", after(1), data={"passed": True}),
        Row("pushed", after(2), 1, 900, bank="a"), Row("accepted", after(3), 1), Row("credited", after(4), 1, 800, {"term": 24}),
        Row("signed", after(5), 1, data={"mode": "whole", "parties": ["x"]}), Row("drawn", after(6), 1, 500),
    ]  # fmt: skip
    states = [(fold(rows, after(n)).state, list_of(fold(rows, after(n)))) for n in range(7)]
    assert states == [
        ("district", "unlisted"), ("city", "unlisted"), ("pushed", "unlisted"), ("listed", "uncredited"), ("credited", "undrawn"), ("signed", "undrawn"), ("drawing", ""),
    ]  # fmt: skip
    assert able(fold(rows), "bank") == ["party", "planned", "drawn", "paid", "repaid", "duty"]
    assert fold(rows, DAY - timedelta(days=1)) == Standing()


def test_the_catalogue_holds_and_every_unconfirmed_set_says_so() -> None:
    ids = [c.id for s in shipped() for c in s.conditions]
    assert len(ids) == len(set(ids))
    assert [s.confirmed for s in shipped()] == [False, False]
    assert all(c.need and c.blocks for s in shipped() if s.id == "W" for c in s.conditions)
    assert not course().clock.confirmed
    assert {x for f in figures().values() for x in f.seen} <= {"developer", "bank", "own"}
    body = {
        "id": "B",
        "name": "x",
        "name_en": "y",
        "valid_from": "2026-01-01",
        "source": "s",
        "confirmed": True,
        "condition": [],
    }
    assert condition_set(body).edition == "B-20260101"
