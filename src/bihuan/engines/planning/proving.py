"""Proofs that no plan under capacities is shorter: CP-SAT over the whole. Pure."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from ortools.sat.python import cp_model

from .. import watching
from ..watching import WORKERS, Progress
from .scheduling import Problem, Starts, length

SUBSOLVERS = ("no_lp", "quick_restart_no_lp")
"""Without the linear relaxation, which proves little here and costs much."""


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
    model = cp_model.CpModel()
    begins = [model.new_int_var(h, most, "") for h, most in zip(problem.heads, latest, strict=True)]
    for i, t in enumerate(problem.tasks):
        for p in t.after:
            model.add(begins[i] >= begins[p] + problem.tasks[p].duration)
        model.add_hint(begins[i], min(have.starts[i], latest[i]))
    capacities(model, problem, dict(enumerate(begins)))
    solver = cp_model.CpSolver()
    how = solver.parameters
    how.random_seed = seed
    if repeatable:
        how.num_workers, how.linearization_level, how.max_deterministic_time = 1, 0, 1.0
    else:
        how.num_workers, how.max_time_in_seconds = WORKERS, seconds
        how.subsolvers.extend(SUBSOLVERS)
    status = watching.solve(solver, model, progress, have.length, have.bound)
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    return status, tuple(solver.value(v) for v in begins) if found else ()


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
