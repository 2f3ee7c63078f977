"""The path of a project through the approvals: the vectors of the rules, applicability, what-ifs, the catalogue's own checks."""

from __future__ import annotations

import json
import re
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.cli import main
from bihuan.cli.common import ROOT, shipped_calendar
from bihuan.engines.approvals import path as engine
from bihuan.engines.approvals import situations
from bihuan.engines.approvals.catalogue import catalogue
from bihuan.engines.approvals.telling import facts_of, situation_of
from bihuan.kernel.domain.kinds import BadCatalogue
from bihuan.kernel.domain.refusal import Refused

FOLDER = ROOT / "catalogue" / "approvals"
DATA = Path(__file__).parent.parent / "data" / "approvals"
C = catalogue(FOLDER)
CALENDAR = shipped_calendar()
READY = json.loads((DATA / "ready.json").read_text("utf-8"))


def planned(changes: dict[str, Any] | None = None, goal: str = engine.FINISH, **more: Any) -> engine.Path:
    data = {**READY, **(changes or {}), **more}
    return engine.plan(C, facts_of(data, C), situation_of(data, date(2024, 9, 27)), CALENDAR, goal)


def without(*ids: str) -> list[str]:
    return [i for i in READY["done"] if i not in ids]


def test_the_permit_is_ready_when_all_that_it_rests_on_is_done():
    assert planned().steps["C14"].state == "ready"


@pytest.mark.parametrize(
    ("ready", "start"),
    [("2024-10-25", date(2024, 10, 25)), ("2024-10-26", date(2024, 10, 28)), ("2024-10-27", date(2024, 10, 28)), ("2024-09-01", date(2024, 9, 27))],
)  # fmt: skip
def test_nothing_begins_before_its_papers_are_ready_also_when_that_is_no_workday(ready: str, start: date) -> None:
    assert planned(ready={"C14": ready}).steps["C14"].start == start


def test_without_the_land_right_the_permit_waits_for_it():
    step = planned(done=without("A08")).steps["C14"]
    assert step.state == "waiting"
    assert step.missing == ("A08/A06",)


def test_an_item_that_does_not_apply_satisfies_those_that_need_it():
    assert planned().steps["C03"].state == "none"
    assert planned(not_applicable=[]).steps["C14"].missing == ("C03",)


def test_the_permit_does_not_wait_for_the_environment_but_the_start_does():
    found = planned()
    assert "A09" not in found.steps["C14"].missing
    assert "A09" in found.steps["START"].missing
    settled = planned(done=[*READY["done"], "C14", "A09", "A11", "B09", "C09"])
    assert settled.steps["START"].state == "ready"


@pytest.mark.parametrize(
    ("begin", "days", "due"),
    [("2024-09-27", 15, "2024-10-23"), ("2025-01-24", 5, "2025-02-07"), ("2024-12-30", 3, "2025-01-03")],
)
def test_days_are_working_days_across_holidays(begin: str, days: int, due: str):
    step = planned(as_of=begin, days={"A09": days}).steps["A09"]
    assert (str(step.start), str(step.end)) == (begin, due)


def test_types_have_as_many_items_as_the_rules_count():
    told = {"GA": 64, "GL": 55, "CT": 60, "CH": 60, "CF": 56, "SL": 47}
    plain = [i for i in C.approvals if not i.flags]
    assert {t: sum(i.concerns(t) for i in plain) for t in C.types} == told
    assert len(C.approvals) == 76


def test_a_regional_assessment_frees_from_its_items_and_says_so():
    found = planned(region=["soil"])
    assert not found.steps["A11"].applies
    assert "水土保持" in found.steps["A11"].why.message % found.steps["A11"].why.said()
    assert "A11" not in found.steps["START"].missing


def test_energy_review_by_either_threshold():
    for facts, needed in (
        ({"energy_tce": 999, "power_wan_kwh": 499}, False),
        ({"energy_tce": 1000}, True),
        ({"power_wan_kwh": 500}, True),
    ):
        assert planned(facts=facts).steps["A10"].applies is needed


def test_a_fact_that_nobody_told_is_marked_as_assumed():
    assert planned().steps["A09"].why.assumed
    assert not planned(facts={"eia": "report"}).steps["A09"].why.assumed


def test_the_environmental_limit_follows_the_kind_of_assessment():
    for kind, law in (("report", 60), ("form", 30), ("registration", 0)):
        assert planned(facts={"eia": kind}, by="law").steps["A09"].days == law
    assert planned(facts={"eia": "registration"}).steps["A09"].days == 0, "no promise is longer than the law"


def test_the_critical_chain_is_tight_and_as_long_as_the_plan():
    found = planned(done=["P01"], goal="C14")
    chain = [found.steps[i] for i in found.critical]
    assert all(s.slack == 0 for s in chain)
    assert all(a.end == b.start for a, b in pairwise(chain))
    assert chain[-1].end == found.end == CALENDAR.add(date(2024, 9, 27), found.length)


def test_slack_is_how_far_an_item_may_slip():
    found = planned(done=["P01"], goal="C14")
    for step in found.left():
        if step.id in ("C15",) or step.slack == 0 or step.end is None:
            continue
        slipped = planned(done=["P01"], goal="C14", late={step.id: step.latest_end.isoformat()})  # type: ignore[union-attr]
        assert slipped.length <= found.length, step.id


def test_a_missed_date_moves_the_goal_by_what_the_slack_does_not_take():
    found = planned(done=["P01"], goal="C14")
    last = CALENDAR.add(found.steps["B01"].end, 6)  # type: ignore[arg-type]
    assert planned(done=["P01"], goal="C14", late={"B01": last.isoformat()}).length == found.length + 6


def test_a_mock_review_before_the_land_is_signed_wins_days():
    plain = planned(done=["P01", "A04"], goal="C14")
    mocked = planned(done=["P01", "A04"], goal="C14", modes=dict.fromkeys(("B01", "B07", "C02", "A07", "C14"), "mock"))
    assert mocked.length < plain.length
    land = mocked.steps["P07"].end
    assert mocked.steps["B01"].start < land <= mocked.steps["B01"].end  # type: ignore[operator]
    assert mocked.steps["C14"].end >= land  # type: ignore[operator]


def test_a_promise_lets_what_follows_begin_and_is_still_owed():
    done = [*without("C07"), "C14"]
    found = planned(done=without("C07"), modes={"C07": "promise"})
    assert found.steps["C07"].days == 0
    relaxed = planned(done=done, modes={"M03": "promise"})
    assert "M03" not in relaxed.steps["D12"].missing
    assert relaxed.steps["M03"].start is not None


def test_a_staged_permit_opens_the_start():
    plain = planned(done=without("B07", "C02"), goal="START")
    staged = planned(done=without("B07", "C02"), goal="START", modes={"C13": "staged"})
    assert plain.steps["C13"].state == "open"
    assert staged.steps["C13"].state == "ready"
    assert staged.length <= plain.length


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"type": "XX"}, "type"), ({"flags": ["XX"]}, "flags"), ({"facts": {"nothing": 1}}, "facts"), ({"facts": {"eia": "x"}}, "eia"),
        ({"facts": {"area_m2": -1}}, "area_m2"), ({"facts": {"listed": 1}}, "listed"), ({"done": ["Z99"]}, "done"),
        ({"done": {"A04": "gestern"}}, "done"), ({"as_of": "2024-13-01"}, "as_of"), ({"modes": {"A08": "mock"}}, "modes"),
        ({"modes": {"B07": "promise"}}, "modes"), ({"modes": {"A08": "staged"}}, "modes"), ({"modes": {"A08": "x"}}, "modes"),
        ({"days": {"A09": -1}}, "days"), ({"days": {"A09": "x"}}, "days"), ({"works": 10**9}, "days"), ({"by": "luck"}, "by"),
        ({"nonsense": 1}, "nonsense"), ({"region": "soil"}, "region"), ({"ready": ["A09"]}, "ready"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_with_its_place(changes: dict[str, Any], field: str):
    with pytest.raises(Refused) as refused:
        planned(changes)
    assert refused.value.field == field


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(C.types)), st.sets(st.sampled_from(sorted(C.flags))), st.sets(st.sampled_from([i.id for i in C.approvals])),
    st.sampled_from(situations.BY), st.integers(0, 400),
)  # fmt: skip
def test_any_project_has_a_plan_in_which_nothing_begins_before_what_it_needs(type_, flags, done, by, works):
    data = {
        "type": type_,
        "flags": sorted(flags),
        "done": sorted(done),
        "by": by,
        "works": works,
        "as_of": "2024-11-04",
    }
    facts = facts_of(data, C)
    found = engine.plan(C, facts, situation_of(data, date(2024, 11, 4)), CALENDAR)
    for id_, step in found.steps.items():
        if step.start is None or step.end is None:
            continue
        assert step.start <= step.end <= step.latest_end  # type: ignore[operator]
        for need in C.items[id_].needs:
            members = [found.steps[m] for m in need.ids(type_) if found.steps[m].applies]
            ends = [m.end or date.min for m in members]
            assert not members or min(ends) <= step.start, (id_, str(need))


def test_the_fastest_gain_is_real():
    data = {"type": "CT", "done": ["P01"], "as_of": "2024-11-04"}
    facts, now = facts_of(data, C), situation_of(data, date(2024, 11, 4))
    won = engine.gains(engine.plan(C, facts, now, CALENDAR, "C14"), CALENDAR)
    first, days = won[0]
    assert days == max(n for _, n in won) > 0
    quick = planned(data, goal="C14", days={first: 0}, not_applicable=[])
    assert quick.length == engine.plan(C, facts, now, CALENDAR, "C14").length - days


def spoiled(tmp_path: Path, file: str, old: str, new: str) -> Path:
    for path in FOLDER.glob("*.toml"):
        (tmp_path / path.name).write_text(path.read_text("utf-8"), "utf-8")
    text = (tmp_path / file).read_text("utf-8")
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new, 1), "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("1-land.toml", 'needs = ["P07/A06"]', 'needs = ["A07"]\nwithin = "A07"', "need each other|within"),
        ("1-land.toml", 'needs = ["P01", "P02~"]', 'needs = ["A02", "P02~"]', "need each other"),
        ("1-land.toml", 'needs = ["P01", "P02~"]', 'needs = ["Z09"]', "'Z09' is no item"),
        ("1-land.toml", 'needs = ["P07/A06"]', 'needs = ["P05/P06/"]', "no group"),
        ("2-design.toml", 'needs = ["P07/A06/A05/P08"]', 'needs = ["P08/A13"]', "none of P08/A13"),
        ("3-build.toml", 'department = "housing"', 'department = "nobody"', "'nobody' is no department"),
        ("3-build.toml", 'mark = "confirmed"', 'mark = "sure"', "no mark"),
        ("3-build.toml", 'id = "C02"', 'id = "C01"', "there twice"),
        (
            "3-build.toml",
            'when = [["fire_special", "=", true]]',
            'when = [["fire_special", "~", true]]',
            "compares nothing",
        ),
        ("path.toml", 'edition = "2024-11"', "", "edition is missing"),
    ],
)
def test_a_wrong_catalogue_is_refused(tmp_path: Path, file: str, old: str, new: str, says: str):
    folder = spoiled(tmp_path, file, old, new)
    with pytest.raises(BadCatalogue) as error:
        catalogue(folder)
    assert re.search(says, str(error.value)), str(error.value)


def test_the_shell_prints_the_path_and_refuses_what_it_cannot_read(tmp_path: Path):
    run = CliRunner()
    told = json.loads(run.invoke(main, ["plan", "path", str(DATA / "ready.json"), "--json"]).stdout)
    assert next(i for i in told["items"] if i["id"] == "C14")["state"] == "ready"
    assert "A09" in told["milestones"]["START"]["missing"]
    assert "关键线路" in run.invoke(main, ["plan", "path", str(DATA / "ready.json")]).stdout
    for text in ("{", "[]", '{"type": "QQ"}', '{"type": "CT", "done": ["Q1"]}'):
        bad = tmp_path / "bad.json"
        bad.write_text(text, "utf-8")
        result = run.invoke(main, ["plan", "path", str(bad)])
        assert result.exit_code == 1
        assert "bad.json" in result.output
    assert "76 items" in run.invoke(main, ["plan", "check"]).stdout
