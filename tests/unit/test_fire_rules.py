"""The pure rules of fire safety: labels, duties by period, judgement, signals, places, procedures."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.engines import geo
from bihuan.instruments.premises import catalogue, rules
from bihuan.instruments.procedures.rules import Fact, Run, sound, unfold, values_of
from bihuan.instruments.procedures.schema import procedures
from bihuan.kernel.calendars.rules import calendar_of, shipped
from bihuan.kernel.domain.clocks import ZONE
from bihuan.kernel.domain.kinds import BadCatalogue
from bihuan.kernel.domain.refusal import Refused
from bihuan.mechanisms.fire import checklists, judgement, periods, signals

ROOT = Path(__file__).resolve().parents[2] / "catalogue"
FIRE = ROOT / "fire"
WORDS = catalogue.words(FIRE / "premises.toml")
TABLES = catalogue.shipped(FIRE / "labels.toml", FIRE / "premises.toml")
CALENDAR = calendar_of(shipped(ROOT / "holidays"))
DUTIES = periods.shipped(FIRE / "periods.toml")


def labels(day: date = date(2026, 3, 2), province: str = "河南", **facts):
    return catalogue.labelled(facts, catalogue.in_force(TABLES, day, province))


def at(day: str, clock: str = "10:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}:00").replace(tzinfo=ZONE)


# labels


def test_one_premises_holds_many_labels_with_their_reasons():
    found = labels(use="hotel", rooms=80, beds=120, height=40, area=6000)
    assert {"public_assembly", "crowded", "key_unit", "highrise_public", "sleeping"} <= set(found)
    assert "nine_small" not in found
    assert ("rooms_min", 50, 80) in found["key_unit"].met
    assert found["crowded"].met == (("label", "public_assembly", True),)


@pytest.mark.parametrize(("area", "key"), [(999, False), (1000, True)])
def test_the_threshold_of_a_shop_is_inclusive(area, key):
    assert ("key_unit" in labels(use="shop", area=area)) is key


def test_a_province_has_its_own_table_from_its_day_on():
    facts = {"use": "shop", "area": 2000, "floor_area": 900}
    assert "key_unit" in labels(province="河南", **facts)
    assert "key_unit" not in labels(province="河北", **facts)
    assert "key_unit" in labels(day=date(2023, 12, 31), province="河北", **facts)


def test_a_missing_fact_gives_no_label():
    assert not labels()
    assert "ns_shop" not in labels(use="shop")


def test_a_declaration_lays_over_the_table():
    found = catalogue.labelled(
        {"use": "shop", "area": 200},
        TABLES,
        {"key_unit": {"on": True, "reason": "按申请"}, "ns_shop": {"on": False, "reason": "x"}},
    )
    assert found["key_unit"].declared == "按申请"
    assert "ns_shop" not in found


@pytest.mark.parametrize(
    "entry",
    [
        {"label": "nothing", "valid_from": "2026-01-01", "source": "x", "any": []},
        {"label": "key_unit", "valid_from": "2026-01-01", "source": "x", "any": [{"use": ["castle"]}]},
        {"label": "key_unit", "valid_from": "2026-01-01", "source": "x", "any": [{"width_min": 3}]},
        {"label": "key_unit", "valid_from": "2026-01-01", "any": []},
        {"label": "key_unit", "valid_from": "soon", "source": "x", "any": []},
        {"label": "key_unit", "valid_from": "2026-01-01", "source": "x", "any": [{"area_min": "big"}]},
    ],
)
def test_a_table_that_cannot_be_used_names_its_place(entry):
    with pytest.raises(BadCatalogue, match="mine"):
        catalogue.tables([entry], WORDS, "mine")


# duties


def duty(id_: str) -> periods.Duty:
    return next(d for d in DUTIES if d.id == id_)


def expect(id_: str, last: datetime | None, since: datetime, hours=None) -> datetime:
    return periods.deadline(duty(id_), last, since, hours, CALENDAR)


def test_a_patrol_every_two_opening_hours():
    hours = (time(9), time(22))
    assert expect("patrol_open", at("2026-03-02", "10:00"), at("2026-01-01"), hours) == at("2026-03-02", "14:00")
    assert expect("patrol_open", at("2026-03-02", "21:30"), at("2026-01-01"), hours) == at("2026-03-03", "12:30")


def test_opening_hours_past_midnight():
    hours = rules.opening("18:00-02:00")
    assert hours is not None
    assert expect("patrol_open", at("2026-03-02", "23:30"), at("2026-01-01"), hours) == at("2026-03-03", "03:30")
    assert rules.opening("9-22") is None


def test_the_grace_of_a_month_counts_working_days():
    # March was met; April ends before the Labour Day days off
    assert expect("inspect_month", at("2026-03-31"), at("2025-01-01")) == at("2026-05-09", "00:00")


def test_a_new_file_is_not_late_at_once():
    assert expect("watch_small", None, at("2026-06-20")) == at("2027-01-01", "00:00")
    assert expect("watch_small", None, at("2026-01-10")) == at("2026-07-01", "00:00")


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.sampled_from(periods.PERIODS))
def test_periods_cover_every_day_once(day, name):
    begin, after = periods.period_of(name, day)
    assert begin <= day < after
    assert periods.period_of(name, after)[0] == after
    assert periods.period_of(name, begin - timedelta(days=1))[1] == begin


@given(st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1)), st.integers(1, 400), st.sampled_from(DUTIES))
def test_a_later_record_never_makes_a_duty_due_earlier(moment, days, found):
    first = moment.replace(tzinfo=UTC)
    hours = (time(8), time(20))
    a = periods.deadline(found, first, first, hours, CALENDAR)
    assert a > first
    assert periods.deadline(found, first + timedelta(days=days), first, hours, CALENDAR) >= a


def test_any_real_entry_of_the_right_sort_meets_a_duty():
    last = {("inspection", "brigade", False): at("2026-03-02")}
    found = periods.expected(DUTIES, {"key_unit", "crowded"}, {}, last, at("2024-01-01"), None, CALENDAR)
    by_id = {e.duty.id: e for e in found}
    assert by_id["watch_brigade"].last == at("2026-03-02")
    assert by_id["watch_year"].last == at("2026-03-02")
    assert by_id["inspect_month"].last is None, "a look by the brigade is not the premises' own inspection"
    assert "patrol_open" not in by_id
    assert "detection" not in by_id, "without facilities nothing is to be detected"


def test_a_night_patrol_is_met_only_at_night():
    assert not duty("patrol_night").met_by("patrol", "unit", False)
    assert duty("patrol_night").met_by("patrol", "unit", True)
    assert periods.is_night(at("2026-03-02", "23:00"))
    assert not periods.is_night(at("2026-03-02", "06:00"))


def test_the_checklist_is_that_of_the_labels():
    found = {i.id for i in checklists.shipped(FIRE / "checklists.toml").of({"nine_small"}, {})}
    assert "smoke_detector" in found
    assert "gas" not in found
    assert "relic_fire" not in found


# judgement

EDITIONS = judgement.shipped(FIRE / "judgement.toml")


def judge(**kw):
    return judgement.determine(judgement.Case(**{"day": date(2024, 5, 1), "place": "crowded", **kw}), EDITIONS)


def test_one_direct_item_is_enough():
    found = judge(direct=("6.5",))
    assert found.major
    assert found.how == "direct"


@pytest.mark.parametrize(
    ("place", "items", "major"),
    [
        ("crowded", ("7.3.1", "7.3.2"), False),
        ("crowded", ("7.3.1", "7.3.9", "7.5"), True),
        ("crowded", ("7.3.1", "7.3.10", "7.9.3"), False),
        ("crowded", ("7.3.10", "7.1.1", "7.2.1", "7.4.1"), True),
        ("explosive", ("7.1.1", "7.4.5", "7.4.6"), True),
        ("explosive", ("7.3.1", "7.3.2", "7.3.3"), False),
        ("important", ("7.1.1", "7.1.2", "7.1.3", "7.2.1"), True),
        ("other", ("7.1.1", "7.1.2", "7.1.3", "7.1.4", "7.2.1"), False),
        ("other", ("7.1.1", "7.1.2", "7.1.3", "7.1.4", "7.2.1", "7.2.2"), True),
    ],
)
def test_the_comprehensive_count(place, items, major):
    found = judge(place=place, items=items)
    assert found.major is major
    assert found.how == ("comprehensive" if major else "none")


def test_a_measured_value_counts_by_what_the_place_is_like():
    low = judge(items=("7.3.1", "7.3.2"), measures={"7.3.7": Decimal("0.4")})
    high = judge(items=("7.3.1", "7.3.2"), measures={"7.3.7": Decimal("0.4")}, traits=("highrise",))
    assert not low.major
    assert high.major
    assert high.measured["7.3.7"] == "0.4 > 0.3"


def test_exclusion_is_a_ground_of_the_edition():
    assert judge(direct=("6.5",), excluded=EDITIONS[0].excluded[1]).how == "excluded"
    with pytest.raises(Refused):
        judge(direct=("6.5",), excluded="因为")


def test_the_edition_of_2025_refuses_until_it_is_filled():
    with pytest.raises(Refused) as error:
        judge(day=date(2025, 11, 1), direct=("6.5",))
    assert "2025" in str(error.value.params["name"])
    assert judge(day=date(2025, 10, 31), direct=("6.5",)).major


@pytest.mark.parametrize(
    "kw", [{"place": "castle"}, {"direct": ("9.9",)}, {"items": ("7.3.13",)}, {"measures": {"7.8.1": Decimal(1)}}]
)
def test_what_the_edition_does_not_know_is_refused(kw):
    with pytest.raises(Refused):
        judge(**kw)


def test_a_case_that_cannot_be_read_names_what_is_wrong():
    for data in ({}, {"day": "x", "place": "crowded"}, {"day": "2024-01-01", "place": "crowded", "items": "7.1.1"}):
        with pytest.raises(Refused):
            judgement.case_of(data)


def test_a_loaded_edition_must_be_whole():
    with pytest.raises(BadCatalogue):
        judgement.check({"edition": [{"id": "x"}]}, "mine")


# signals


def test_points_show_where_they_come_from():
    scheme = signals.shipped(FIRE / "signals.toml")
    facts = signals.Facts(
        date(2026, 6, 1), groups=["escape", "escape", "power"], extensions=2, complaints=1, tenant_days=31
    )
    assert signals.points(facts, scheme) == {"repeat": 3, "extended": 2, "tenant": 2}
    assert signals.points(signals.Facts(date(2026, 6, 1), crowded=True), scheme) == {}
    assert signals.points(signals.Facts(date(2026, 12, 1), crowded=True), scheme) == {"season": 1}


# places


def test_known_places_of_the_three_datums():
    gcj = geo.to_gcj((116.404, 39.915))
    assert gcj == pytest.approx((116.41024449916938, 39.91640428150164), abs=1e-9)
    assert geo.gcj_to_bd((116.404, 39.915)) == pytest.approx((116.41036949371029, 39.92133699351021), abs=1e-6)


@given(st.floats(75, 134), st.floats(18, 53), st.sampled_from(geo.DATUMS), st.sampled_from(geo.DATUMS))
def test_there_and_back_is_the_same_place(lon, lat, a, b):
    back = geo.convert(geo.convert((lon, lat), a, b), b, a)
    assert geo.metres((lon, lat), back) < 0.01


def test_outside_china_nothing_is_shifted():
    assert geo.convert((2.35, 48.85), "CGCS2000", "GCJ-02") == (2.35, 48.85)
    with pytest.raises(ValueError, match="datums"):
        geo.convert((1, 1), "WGS84", "GCJ-02")


# procedures

SPECS = procedures(ROOT / "procedures")


def steps(procedure: str, *facts: Fact, kind: str = "hazard_general", started="2026-03-02", **data):
    run = Run(1, procedure, Fact("start", at(started), "u", "p", data))
    return {(s.spec.id, s.done is not None): s for s in unfold(run, SPECS[procedure], facts, kind, CALENDAR)}


def test_the_notice_is_due_three_working_days_after_the_inspection():
    found = steps("timed")
    assert found["notice", False].due.day == date(2026, 3, 5)


def test_the_recheck_begins_with_the_due_day_or_the_application_whichever_is_first():
    applied = Fact("matter.submitted", at("2026-03-10"))
    assert steps("timed", applied)["recheck", False].due.day == date(2026, 3, 13)
    both = steps("timed", Fact("matter.due", at("2026-03-09")), applied, Fact("matter.verified", at("2026-03-12")))
    assert both["recheck", True].begun == at("2026-03-09")
    assert not both["recheck", True].late


def test_experts_add_ten_working_days_to_the_proposal_and_only_they():
    plain = steps(
        "major",
        Fact("report", at("2026-03-03"), run=1),
        Fact("discussion", at("2026-03-04"), data={"outcome": "determined"}, run=1),
    )
    assert plain["proposal", False].due.day == date(2026, 3, 11)
    long = steps(
        "major", Fact("report", at("2026-03-03"), run=1), Fact("discussion", at("2026-03-04"), data={"outcome": "experts"}, run=1),
        Fact("experts", at("2026-03-12"), data={"outcome": "determined"}, run=1),
    )  # fmt: skip
    assert long["proposal", False].due.day == date(2026, 3, 25)
    assert long["notice", False].due.day == date(2026, 3, 17)


def test_a_rejected_suspicion_asks_nothing_more():
    found = steps(
        "major",
        Fact("report", at("2026-03-03"), run=1),
        Fact("discussion", at("2026-03-04"), data={"outcome": "rejected"}, run=1),
    )
    assert not [k for k, s in found.items() if s.done is None]


def test_a_seal_lapses_thirty_days_after_it_was_served_and_a_new_one_starts_again():
    served = Fact("decision", at("2026-03-03"), data={"served": "2026-03-03"}, run=1)
    found = steps("seal", served, urgent=False)
    assert found["lift", False].due.day == date(2026, 4, 2)
    again = Fact("lift", at("2026-04-01"), data={"outcome": "renewed", "served": "2026-04-01"}, run=1)
    found = steps("seal", served, again)
    assert found["lift", False].due.day == date(2026, 5, 1)
    ended = Fact("lift", at("2026-04-20"), data={"outcome": "lifted", "served": "2026-04-20"}, run=1)
    assert ("lift", False) not in steps("seal", served, again, ended)


def test_an_urgent_seal_is_decided_within_twenty_four_hours_through_weekends():
    found = steps("seal", started="2026-03-06", urgent=True)
    assert found["decision", False].due.moment == at("2026-03-07")


def test_the_two_clocks_of_complaints():
    assert steps("complaint", kind="complaint_urgent", started="2026-03-07")["checked", False].due.moment == at(
        "2026-03-08"
    )
    assert steps("complaint", kind="complaint", started="2026-03-06")["checked", False].due.day == date(2026, 3, 11)


def test_a_withdrawn_matter_owes_no_step():
    assert not steps("timed", Fact("matter.ended", at("2026-03-03")))


def test_striking_off_needs_a_listing_and_the_acceptance():
    assert ("strike_off", False) not in steps("major", Fact("matter.verified", at("2026-05-01")))
    listed = Fact("listing", at("2026-04-01"), run=1)
    assert ("strike_off", False) in steps("major", listed, Fact("matter.verified", at("2026-05-01")))


def test_a_panel_of_three_and_experts_of_seven_with_two_thirds():
    discussion, experts = SPECS["major"].step("discussion"), SPECS["major"].step("experts")
    with pytest.raises(Refused):
        sound(discussion, {"people": ["a", "b"], "outcome": "determined"}, 0)
    sound(discussion, {"people": ["a", "b", "c"], "outcome": "determined"}, 0)
    seven = [str(n) for n in range(7)]
    with pytest.raises(Refused):
        sound(experts, {"people": seven, "agree": 4, "outcome": "determined"}, 0)
    sound(experts, {"people": seven, "agree": 5, "outcome": "determined"}, 0)
    sound(experts, {"people": seven, "agree": 1, "outcome": "rejected"}, 0)
    with pytest.raises(Refused):
        sound(experts, {"people": seven, "agree": 8, "outcome": "determined"}, 0)
    with pytest.raises(Refused):
        sound(SPECS["major"].step("strike_off"), {}, 0)


def test_one_person_named_twice_is_one():
    fields = SPECS["major"].step("discussion").fields
    told = values_of([f for f in fields if f.name == "people"], {"people": "甲、乙\n甲"})
    assert told["people"] == ["甲", "乙"]


def test_every_clock_from_k1_to_k17_is_in_the_catalogue():
    text = (ROOT / "procedures" / "fire.toml").read_text("utf-8")
    kinds = "".join(p.read_text("utf-8") for p in (ROOT / "kinds").glob("*.toml"))
    for n in (4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17):
        assert f"K{n}" in text
    assert 'clock = "K1/K2"' in text
    assert "第18条:24小时" in kinds
    assert "第20条" in kinds
