"""Schedules under capacities, timetables of sessions, many projects, process logs: what holds for any of them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.bench.planning import invented, psplib
from bihuan.cli import main
from bihuan.engines import eventlog, sittings
from bihuan.engines.scheduling import improving, portfolio
from bihuan.engines.scheduling.problem import (
    Problem,
    Task,
    broken,
    first,
    justified,
    length,
    parallel,
    ranked,
    serial,
    urgency,
)
from bihuan.kernel.domain.refusal import Refused

SMALL = Problem(
    (Task(3, ((0, 2),)), Task(4, ((0, 3),)), Task(2, ((0, 2),), (0,)), Task(5, ((0, 1),), (0,)), Task(1, (), (1, 2, 3))), (4,)
)  # fmt: skip


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    capacity = tuple(draw(st.lists(st.integers(1, 5), min_size=1, max_size=3)))
    tasks = []
    for i in range(draw(st.integers(1, 14))):
        takes = tuple((r, draw(st.integers(0, c))) for r, c in enumerate(capacity))
        after = tuple(sorted(draw(st.sets(st.integers(0, i - 1), max_size=3)))) if i else ()
        tasks.append(Task(draw(st.integers(0, 6)), tuple(t for t in takes if t[1]), after))
    return Problem(tuple(tasks), capacity)


@settings(max_examples=150)
@given(problems())
def test_every_scheme_gives_a_feasible_plan_no_shorter_than_the_bound(problem: Problem) -> None:
    keys = urgency(problem)
    plans = [serial(problem, ranked(problem, keys)), parallel(problem, keys), list(first(problem))]
    for plan in plans:
        assert broken(problem, plan) == []
        assert length(problem, plan) >= problem.bound
        again = justified(problem, plan)
        assert broken(problem, again) == []
        assert length(problem, again) <= length(problem, plan)


@settings(max_examples=25, deadline=None)
@given(problems(), st.integers(0, 3))
def test_what_is_improved_is_feasible_never_longer_and_the_same_for_the_same_seed(problem: Problem, seed: int) -> None:
    begin = first(problem)
    found = improving.improve(problem, 1, seed=seed, rounds=1)
    assert broken(problem, found.starts) == []
    assert problem.bound <= found.bound <= found.length <= length(problem, begin)
    assert improving.improve(problem, 1, seed=seed, rounds=1) == found


def test_a_proof_is_a_proof() -> None:
    found = improving.improve(SMALL, 5)
    assert found.proven
    assert found.length == min_length(SMALL)


def min_length(problem: Problem) -> int:
    """By trying every order of tasks."""
    from itertools import permutations

    best = 10**6
    for order in permutations(range(len(problem.tasks))):
        if all(order.index(p) < order.index(i) for i in order for p in problem.tasks[i].after):
            best = min(best, length(problem, serial(problem, list(order))))
    return best


def test_the_search_stops_when_nobody_wants_more_and_keeps_what_it_has() -> None:
    told: list[int] = []

    def watch(best: int, bound: int) -> bool:
        told.append(best)
        return False

    hard = Problem(
        tuple(
            Task(1 + i % 5, ((0, 1 + i % 3),), tuple(range(max(0, i - 2), i)) if i % 3 == 0 else ()) for i in range(90)
        ),
        (4,),
    )
    found = improving.improve(hard, 60, progress=watch)
    assert len(told) == 1
    assert found.starts == first(hard)


def test_what_can_never_run_is_refused() -> None:
    with pytest.raises(ValueError, match="more than there ever is"):
        Problem((Task(1, ((0, 5),)),), (4,))
    with pytest.raises(ValueError, match="stand behind"):
        Problem((Task(1, (), (1,)), Task(1)), (1,))


SM = """PRECEDENCE RELATIONS:
jobnr. #modes #successors successors
 1 1 2 2 3
 2 1 1 4
 3 1 1 4
 4 1 0
****
REQUESTS/DURATIONS:
jobnr. mode duration R 1
-----
 1 1 0 0
 2 1 3 2
 3 1 4 2
 4 1 0 0
****
RESOURCEAVAILABILITIES:
 R 1
 3
****
"""


def test_instances_of_the_library_are_read(tmp_path: Path) -> None:
    file = tmp_path / "a.sm"
    file.write_text(SM)
    problem = psplib(file)
    assert (len(problem.tasks), problem.capacity, problem.bound) == (4, (3,), 5)
    assert improving.improve(problem, 5).length == 7
    file.write_text("nothing")
    with pytest.raises(ValueError, match="PRECEDENCE"):
        psplib(file)


@st.composite
def wanted(draw: st.DrawFn) -> sittings.Wanted:
    pairs = draw(st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=18))
    return sittings.Wanted(tuple(sittings.Talk(f"u{u}", f"p{p}", draw(st.integers(1, 2))) for u, p in sorted(pairs)))


def clashes(w: sittings.Wanted, starts: tuple[int, ...]) -> int:
    taken: set[tuple[str, int]] = set()
    n = 0
    for t, s in zip(w.talks, starts, strict=True):
        for k in range(s, s + t.slots):
            for side in (f"u:{t.unit}", f"p:{t.project}"):
                n += (side, k) in taken
                taken.add((side, k))
    return n


@settings(max_examples=25, deadline=None)
@given(wanted())
def test_nobody_sits_twice_and_nothing_is_worse_than_the_first(w: sittings.Wanted) -> None:
    at_once = sittings.first(w)
    assert clashes(w, at_once) == 0
    made = sittings.timetable(w, 0.5)
    assert clashes(w, made.starts) == 0
    assert made.end >= sittings.shortest(w)
    assert (made.end, made.cost) <= (
        max(s + t.slots for s, t in zip(at_once, w.talks, strict=True)),
        sittings.cost_of(w, at_once),
    )
    assert made.bound <= made.cost
    again = sittings.timetable(w, 0.5, begin=made.starts)
    assert (again.end, again.cost) <= (made.end, made.cost)


def test_sixteen_units_and_eight_projects_wait_for_nobody() -> None:
    w = sittings.Wanted(tuple(sittings.Talk(f"u{u}", f"p{p}") for u in range(16) for p in range(8)))
    made = sittings.timetable(w, 20)
    assert made.proven
    assert (made.end, made.cost) == (16, 256)


def test_a_unit_that_comes_later_is_seated_later_and_one_that_never_fits_is_refused() -> None:
    talks = (sittings.Talk("u", "p"), sittings.Talk("u", "q"), sittings.Talk("v", "p"))
    made = sittings.timetable(sittings.Wanted(talks, {"u": (3, 10)}), 2)
    assert min(made.starts[:2]) == 3
    with pytest.raises(Refused, match="no time together"):
        sittings.first(sittings.Wanted(talks, {"u": (3, 4)}))


def test_projects_share_officers_and_one_is_laid_anew_into_what_is_left() -> None:
    projects, officers = invented(12, 15, seed=3)
    few = dict.fromkeys(officers, 1)
    found = portfolio.plan(projects, few)
    used: dict[tuple[str, int], int] = {}
    for p in projects:
        for j in p.jobs:
            s = found.starts[p.key][j.item]
            assert all(s >= found.starts[p.key][a] + next(x.days for x in p.jobs if x.item == a) for a in j.after)
            for k in range(s, s + j.days):
                used[j.unit, k] = used.get((j.unit, k), 0) + 1
    assert max(used.values()) == 1
    better = portfolio.plan(projects, few, rounds=20, seed=5)
    assert better.cost <= found.cost
    assert portfolio.plan(projects, few, rounds=20, seed=5) == better
    assert portfolio.plan(projects, dict.fromkeys(officers, 3)).cost < found.cost
    one, others = projects[4], [p for p in projects if p.key != "p4"]
    anew = portfolio.replan(one, others, found, few)
    for j in one.jobs:
        for k in range(anew[j.item], anew[j.item] + j.days):
            mine = sum(
                found.starts[p.key][x.item] <= k < found.starts[p.key][x.item] + x.days
                for p in others
                for x in p.jobs
                if x.unit == j.unit
            )
            assert mine == 0


LOG = """case:concept:name,concept:name,time:timestamp,org:group,case:enddate_planned
a,Receive,2024-03-04T09:00:00+08:00,G1,2024-03-06T09:00:00+08:00
a,Decide,2024-03-07T09:00:00+08:00,G2,2024-03-06T09:00:00+08:00
b,Receive,2024-03-04T09:00:00+08:00,G1,
b,Decide,2024-03-05T09:00:00+08:00,G2,
"""


def test_waits_in_a_log_by_step_and_group(tmp_path: Path) -> None:
    file = tmp_path / "log.csv.gz"
    file.write_bytes(gzip.compress(LOG.encode()))
    log = eventlog.read(file)
    assert (log.cases, log.events, log.planned, log.late) == (2, 4, 1, 1)
    assert log.steps["Decide"].median == 1.0
    assert log.steps["Decide"].most == 3.0
    assert log.groups["G2"].mean == 2.0
    assert log.lateness is not None
    assert log.lateness.median == 1.0
    assert '"late": 1' in CliRunner().invoke(main, ["plan", "waits", str(file), "--json"]).stdout
    for text, says in (
        ("a,b\n", "missing"),
        (LOG.splitlines()[0] + "\n", "no events"),
        (LOG.replace("2024-03-07T", "later"), "Row 3"),
    ):
        file.write_text(text)
        with pytest.raises(Refused, match=says):
            eventlog.read(file)
        assert CliRunner().invoke(main, ["plan", "waits", str(file)]).exit_code == 1


@pytest.mark.parametrize(("units", "projects"), [(16, 8), (8, 16), (5, 5), (7, 3)])
def test_where_all_meet_all_nobody_waits_at_once(units: int, projects: int) -> None:
    talks = tuple(sittings.Talk(f"u{i}", f"p{j}") for i in range(units) for j in range(projects))
    wanted = sittings.Wanted(talks)
    starts = sittings.squares(wanted)
    assert starts is not None
    for side in ("unit", "project"):
        at = [(getattr(t, side), s) for t, s in zip(talks, starts, strict=True)]
        assert len(set(at)) == len(at)  # no clash
    found = sittings.timetable(wanted, 5)
    assert found.cost <= sittings.cost_of(wanted, starts)
    if max(units, projects) % min(units, projects) == 0:
        assert (sittings.cost_of(wanted, starts), found.proven) == (2 * units * projects, True)
    assert sittings.squares(sittings.Wanted((*talks, sittings.Talk("x", "p0", 2)))) is None
