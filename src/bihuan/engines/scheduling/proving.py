"""Proofs that no plan under capacities is shorter: CP-SAT over the whole. Pure."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from itertools import combinations

from ortools.sat.python import cp_model

from bihuan.engines.cpsat import LOOK, Progress

from .problem import Problem, Starts, length


@dataclass(frozen=True)
class Plan:
    """Starts, their length, the best bound known, and the rounds searched."""

    starts: Starts
    length: int
    bound: int
    rounds: int = 0

    @property
    def proven(self) -> bool:
        """Whether no plan is shorter."""
        return self.length <= self.bound


def prove(
    problem: Problem,
    have: Plan,
    seconds: float,
    *,
    seed: int = 0,
    progress: Progress | None = None,
    repeatable: bool = False,
) -> Plan:
    """CP-SAT over the whole problem: again and again a plan that is a period shorter, until there is none, which is the proof.

    Asking so keeps every window tight, which proves sooner than an objective does. `repeatable`: one worker and work counted
    instead of seconds, so that the same seed gives the same plan everywhere.
    """
    until = time.monotonic() + seconds
    while not have.proven:
        left = until - time.monotonic()
        if left <= 0 and not repeatable:
            break
        status, starts = _shorter_than(problem, have, left, seed, progress, repeatable)
        if status == cp_model.INFEASIBLE:
            return replace(have, bound=have.length)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            break
        have = replace(have, starts=starts, length=length(problem, starts))
        if progress and not progress(have.length, have.bound):
            break
    return have


def _shorter_than(
    problem: Problem, have: Plan, seconds: float, seed: int, progress: Progress | None, repeatable: bool
) -> tuple[cp_model.CpSolverStatus, Starts]:
    """Whether a plan shorter than `have` exists, and one where it does."""
    end = have.length - 1
    latest = [end - x - t.duration for x, t in zip(problem.tails, problem.tasks, strict=True)]
    if any(h > most for h, most in zip(problem.heads, latest, strict=True)):
        return cp_model.INFEASIBLE, ()
    if repeatable:
        model, begins = _asked(problem, have, latest, _orders_not)
        solver = _solver(seed)
        solver.parameters.max_deterministic_time = 1.0
        status = solver.solve(model)
    else:
        asked = [_asked(problem, have, latest, ordered) for ordered in (_orders_both, _orders_one)]
        n, status, solver = _race([m for m, _ in asked], seconds, seed, progress, have)
        begins = asked[n][1]
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    return status, tuple(solver.value(v) for v in begins) if found else ()


Orders = Callable[[cp_model.CpModel, Problem, Sequence[cp_model.IntVar], int, int], None]
"""How a model is told that two tasks cannot run together."""


def _asked(
    problem: Problem, have: Plan, latest: Sequence[int], orders: Orders
) -> tuple[cp_model.CpModel, list[cp_model.IntVar]]:
    """The question whether every task fits between its earliest and its `latest` begin."""
    model = cp_model.CpModel()
    begins = [model.new_int_var(h, most, "") for h, most in zip(problem.heads, latest, strict=True)]
    for i, t in enumerate(problem.tasks):
        for p in t.after:
            model.add(begins[i] >= begins[p] + problem.tasks[p].duration)
    capacities(model, problem, dict(enumerate(begins)))
    for i, j in combinations((i for i, t in enumerate(problem.tasks) if t.duration), 2):
        free = _may_precede(problem, latest, i, j) and _may_precede(problem, latest, j, i)
        if free and _exclude(problem, i, j):
            orders(model, problem, begins, i, j)
    return model, begins


def _may_precede(problem: Problem, latest: Sequence[int], i: int, j: int) -> bool:
    """Whether their windows leave room for one task before another."""
    return problem.heads[i] + problem.tasks[i].duration <= latest[j]


def _exclude(problem: Problem, i: int, j: int) -> bool:
    """Whether two tasks take more of some resource than there is."""
    other = dict(problem.tasks[j].takes)
    return any(amount + other.get(r, 0) > problem.capacity[r] for r, amount in problem.tasks[i].takes)


def _orders_not(model: cp_model.CpModel, problem: Problem, begins: Sequence[cp_model.IntVar], i: int, j: int) -> None:
    """Nothing is told beyond the capacities."""


def _orders_one(model: cp_model.CpModel, problem: Problem, begins: Sequence[cp_model.IntVar], i: int, j: int) -> None:
    """One literal for two tasks: this before that, or else that before this."""
    first = model.new_bool_var("")
    model.add(begins[i] + problem.tasks[i].duration <= begins[j]).only_enforce_if(first)
    model.add(begins[j] + problem.tasks[j].duration <= begins[i]).only_enforce_if(~first)


def _orders_both(model: cp_model.CpModel, problem: Problem, begins: Sequence[cp_model.IntVar], i: int, j: int) -> None:
    """A literal for each order, true when it holds and only then; one of them does."""
    literals = []
    for a, b in ((i, j), (j, i)):
        before = model.new_bool_var("")
        model.add(begins[a] + problem.tasks[a].duration <= begins[b]).only_enforce_if(before)
        model.add(begins[a] + problem.tasks[a].duration > begins[b]).only_enforce_if(~before)
        literals.append(before)
    model.add_bool_or(literals)


def _solver(seed: int) -> cp_model.CpSolver:
    """One thread without the linear relaxation, which proves little here and costs much."""
    solver = cp_model.CpSolver()
    how = solver.parameters
    how.num_workers, how.linearization_level, how.random_seed = 1, 0, seed
    return solver


def _race(
    models: Sequence[cp_model.CpModel], seconds: float, seed: int, progress: Progress | None, have: Plan
) -> tuple[int, cp_model.CpSolverStatus, cp_model.CpSolver]:
    """The same question told in two ways, a thread each: whoever answers first ends it. Which of them is quick differs by far from
    problem to problem. Number of the answer, what it is, and its solver."""
    solvers = [_solver(seed + n) for n in range(len(models))]
    for solver in solvers:
        solver.parameters.max_time_in_seconds = seconds
    with ThreadPoolExecutor(len(models)) as beside:
        running = [beside.submit(s.solve, m) for s, m in zip(solvers, models, strict=True)]
        left = set(running)
        answered: list[int] = []
        while left and not answered:
            done, left = wait(left, timeout=LOOK if progress else None, return_when=FIRST_COMPLETED)
            answered = [n for n, r in enumerate(running) if r in done and r.result() != cp_model.UNKNOWN]
            if not answered and progress and not progress(have.length, have.bound):
                break
        for solver in solvers:
            solver.stop_search()
    n = answered[0] if answered else 0
    return n, running[n].result(), solvers[n]


def capacities(model: cp_model.CpModel, problem: Problem, begins: dict[int, cp_model.IntVar | int]) -> None:
    """Each resource within its capacity, for the tasks whose begin is given, as a variable or as a time."""
    spans = {
        i: model.new_fixed_size_interval_var(b, problem.tasks[i].duration, "")
        for i, b in begins.items()
        if problem.tasks[i].duration
    }
    for r, most in enumerate(problem.capacity):
        takes = [(spans[i], amount) for i in spans for q, amount in problem.tasks[i].takes if q == r and amount]
        if takes:
            model.add_cumulative([s for s, _ in takes], [a for _, a in takes], most)
