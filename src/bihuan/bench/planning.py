"""Planning: PSPLIB against a plain CP-SAT model with the same workers and seconds, many projects, timetables."""

from __future__ import annotations

import csv
import itertools
import statistics
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from typing import Any

from ortools.sat.python import cp_model

from bihuan.engines import sittings
from bihuan.engines.cpsat import WORKERS
from bihuan.engines.scheduling import improving, portfolio, proving
from bihuan.engines.scheduling.problem import Problem, Task, broken, first, length

SECONDS = 15.0
FIRST_MOST = 0.02


def psplib(path: Path) -> Problem:
    """An instance in the .sm format. ValueError when it is none."""
    lines = path.read_text("latin-1").splitlines()

    def after(head: str, skip: int) -> Iterable[list[int]]:
        at = next((k for k, line in enumerate(lines) if line.startswith(head)), None)
        if at is None:
            raise ValueError(f"{path.name} has no {head}")
        return ([int(x) for x in line.split()] for line in itertools.takewhile(lambda x: not x.startswith("*"), lines[at + skip :]))  # fmt: skip

    behind = [[s - 1 for s in row[3:]] for row in after("PRECEDENCE", 2)]
    asks = [(row[2], row[3:]) for row in after("REQUESTS", 3)]
    capacity = tuple(next(iter(after("RESOURCEAVAILABILITIES", 2))))
    before: list[list[int]] = [[] for _ in behind]
    for i, found in enumerate(behind):
        for j in found:
            before[j].append(i)
    return Problem(
        tuple(
            Task(d, tuple((r, a) for r, a in enumerate(takes) if a), tuple(before[i]))
            for i, (d, takes) in enumerate(asks)
        ),
        capacity,
    )


def plain(problem: Problem, seconds: float, seed: int) -> proving.Plan:
    """The plain model: CP-SAT as it comes, with the same workers and seconds."""
    model = cp_model.CpModel()
    horizon = sum(t.duration for t in problem.tasks)
    begins = [model.new_int_var(0, horizon, "") for _ in problem.tasks]
    spans = [model.new_fixed_size_interval_var(b, t.duration, "") for b, t in zip(begins, problem.tasks, strict=True)]
    for i, t in enumerate(problem.tasks):
        for p in t.after:
            model.add(begins[i] >= begins[p] + problem.tasks[p].duration)
    for r, most in enumerate(problem.capacity):
        takes = [(spans[i], a) for i, t in enumerate(problem.tasks) for q, a in t.takes if q == r]
        model.add_cumulative([s for s, _ in takes], [a for _, a in takes], most)
    whole = model.new_int_var(0, horizon, "")
    model.add_max_equality(whole, [b + t.duration for b, t in zip(begins, problem.tasks, strict=True)])
    model.minimize(whole)
    solver = cp_model.CpSolver()
    how = solver.parameters
    how.num_workers, how.max_time_in_seconds, how.random_seed = WORKERS, seconds, seed
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        starts = first(problem)
        return proving.Plan(starts, length(problem, starts), 0)
    starts = tuple(solver.value(b) for b in begins)
    return proving.Plan(starts, length(problem, starts), round(solver.best_objective_bound))


def sets(data: Path) -> dict[str, list[tuple[Path, int]]]:
    """The instances of each set with the best known length."""
    best = {
        r["instance"]: int(r["best_makespan"]) for r in csv.DictReader((data / "bounds.csv").open(encoding="utf-8"))
    }
    hard = {
        r["instance"].strip(): int(r["optimum"])
        for r in csv.DictReader((data / "hard" / "hard.csv").open(encoding="utf-8"))
    }
    found = {name: [(p, best[p.stem]) for p in sorted((data / name).glob("*.sm"))] for name in ("j30", "j60", "j120")}
    paths = {p.stem: p for p in (data / "hard").glob("j30*.sm")}
    found["j30_hard"] = [(p, hard.get(name) or hard[_underscored(name, hard)]) for name, p in sorted(paths.items())]
    return {name: found[name] for name in ("j30", "j30_hard", "j60", "j120")}


def _underscored(name: str, known: Iterable[str]) -> str:
    return next(k for k in known if k.replace("_", "") == name.replace("_", ""))


Solve = Callable[[Problem, float, int], proving.Plan]


def measured(found: list[tuple[Path, int]], solve: Solve, seconds: float, seeds: int) -> dict[str, Any]:
    """What a solver comes to on a set: the median over seeds, and the spread."""
    runs = []
    for seed in range(1, seeds + 1):
        proven = 0
        over, took, gaps = [], 0.0, []
        for path, best in found:
            problem = psplib(path)
            begun = time.perf_counter()
            plan = solve(problem, seconds, seed)
            took += time.perf_counter() - begun
            if broken(problem, plan.starts):
                raise AssertionError(f"{path.name}: {broken(problem, plan.starts)[0]}")
            proven += plan.proven
            over.append(100 * (plan.length / best - 1))
            gaps.append(100 * (plan.length - plan.bound) / plan.bound if plan.bound else 100.0)
        runs.append((proven, statistics.fmean(over), max(over), took, statistics.fmean(gaps)))
    middle = [statistics.median(r[k] for r in runs) for k in range(5)]
    return {
        "proven": int(middle[0]), "of": len(found), "mean_excess_pct": round(middle[1], 3), "max_excess_pct": round(middle[2], 2),
        "seconds": round(middle[3], 1), "mean_gap_pct": round(middle[4], 2),
        "by_seed": [{"proven": r[0], "mean_excess_pct": round(r[1], 3)} for r in runs],
    }  # fmt: skip


def measure(
    data: Path, seconds: float, seeds: int, only: tuple[str, ...], progress: Callable[[str], None]
) -> dict[str, Any]:
    """The sets, by us and by the plain model in the same run; the first plan; many projects; timetables."""
    told: dict[str, Any] = {"workers": WORKERS, "seconds_each": seconds, "seeds": seeds, "plain": {}}

    def ours(problem: Problem, limit: float, seed: int) -> proving.Plan:
        return improving.improve(problem, limit, seed=seed)

    known = sets(data)
    for name, found in known.items():
        if only and name not in only:
            continue
        progress(f"{name}: {len(found)}")
        told[name] = measured(found, ours, seconds, seeds)
        told["plain"][name] = measured(found, plain, seconds, seeds)
    if not only or "first" in only:
        told["first"] = _first(known["j120"])
    if not only or "portfolio" in only:
        told["portfolio"] = many()
    if not only or "sessions" in only:
        told["sessions"] = [
            timetables(16, 8, 1.0, 2),
            timetables(16, 8, 0.6, 2),
            timetables(40, 40, 1.0, 30),
            timetables(40, 40, 0.5, 30),
        ]
    return told


def _first(found: list[tuple[Path, int]]) -> dict[str, Any]:
    times, over = [], []
    for path, best in found:
        problem = psplib(path)
        begun = time.perf_counter()
        starts = first(problem)
        times.append(time.perf_counter() - begun)
        over.append(100 * (length(problem, starts) / best - 1))
    return {
        "tasks": 120, "max_ms": round(1000 * max(times), 1), "mean_excess_pct": round(statistics.fmean(over), 2), "max_excess_pct": round(max(over), 2),
    }  # fmt: skip


def invented(n: int, items: int, seed: int = 7) -> tuple[list[portfolio.Project], dict[str, int]]:
    """Projects of as many items, each waiting for up to three of the six before it, decided by sixteen units."""
    random = Random(seed)  # noqa: S311  a fixed seed, no secret
    units = [f"u{k}" for k in range(16)]
    made = []
    for k in range(n):
        jobs = []
        for i in range(items):
            after = tuple(f"i{j}" for j in range(max(0, i - 6), i) if random.random() < 0.35)[:3]
            jobs.append(portfolio.Job(f"i{i}", random.choice((1, 3, 5, 7)), random.choice(units), after))
        made.append(portfolio.Project(f"p{k}", tuple(jobs)))
    return made, dict.fromkeys(units, 6)


def many() -> dict[str, Any]:
    """200 projects of 50 items that share units, planned at once; one of them planned anew; ten seconds of improvement."""
    projects, officers = invented(200, 50)
    begun = time.perf_counter()
    at_once = portfolio.plan(projects, officers)
    took = time.perf_counter() - begun
    begun = time.perf_counter()
    portfolio.replan(projects[100], [p for p in projects if p.key != "p100"], at_once, officers)
    again = time.perf_counter() - begun
    better = portfolio.plan(projects, officers, 10 - took)
    load = {u: sum(j.days for p in projects for j in p.jobs if j.unit == u) / n for u, n in officers.items()}
    return {
        "projects": 200, "items": 50, "seconds": round(took, 2), "replan_ms": round(1000 * again, 1), "last_end": max(at_once.ends.values()),
        "no_end_before": round(max(load.values())), "improved_pct": round(100 * (1 - better.cost / at_once.cost), 2), "rounds": better.rounds,
    }  # fmt: skip


def timetables(units: int, projects: int, density: float, seconds: float) -> dict[str, Any]:
    """A session of as many units and projects, of which this share is needed."""
    random = Random(11)  # noqa: S311  a fixed seed, no secret
    wanted = sittings.Wanted(
        tuple(
            sittings.Talk(f"u{i}", f"p{j}") for i in range(units) for j in range(projects) if random.random() < density
        )
    )
    begun = time.perf_counter()
    made = sittings.timetable(wanted, seconds, seed=1)
    return {
        "units": units, "projects": projects, "talks": len(wanted.talks), "seconds": round(time.perf_counter() - begun, 2), "end": made.end,
        "no_end_before": sittings.shortest(wanted), "cost": made.cost, "bound": made.bound, "over_bound_pct": round(100 * (made.cost / made.bound - 1), 2),
        "proven": made.proven,
    }  # fmt: skip
