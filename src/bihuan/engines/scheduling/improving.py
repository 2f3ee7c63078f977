"""Better plans under capacities, while somebody watches: a proof where one is within reach, else a search that never stops
with less than it began with. Pure.

Three movements, each deterministic for a seed and a number of rounds; a limit of seconds only says how many rounds fit:
1. CP-SAT over the whole, which often proves the best plan of up to some sixty tasks;
2. a population of orders that are crossed, each child justified (serial schedule, forward and backward);
3. CP-SAT over a stretch of time of one of the best plans, asked to make room for everything behind it to come one period
   earlier. Solving runs beside 2 in a thread of its own, and they meet at the end of every round.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from random import Random

from ortools.sat.python import cp_model

from bihuan.engines.cpsat import Progress

from .problem import SHAKE, Problem, Starts, first, justified, length, ranked, serial, urgency
from .proving import Plan, capacities, prove

POPULATION = 110
CHILDREN = 250
"""Children a round."""
STRETCHES = 4
"""Stretches of time that are solved a round."""
STRETCH_TASKS = 45
STRETCH_WORK = 0.04
"""Deterministic seconds of CP-SAT for one stretch."""
PROVE_ALL = 40
"""Up to so many tasks all the time goes to proving; beyond, this share of it."""
PROVE_SHARE = 0.15
WARM_SHARE = 0.04
"""Of the time for a small problem: a short search first, so that the proof need not find the best plan itself."""


def improve(
    problem: Problem, seconds: float, *, seed: int = 0, rounds: int | None = None, begin: Starts | None = None,
    progress: Progress | None = None,
) -> Plan:  # fmt: skip
    """The best plan found within `seconds` (or `rounds`), never longer than `begin`, which is `first` when not given."""
    until = time.monotonic() + seconds
    starts = begin or first(problem)
    found = Plan(starts, length(problem, starts), problem.bound)
    if progress and not progress(found.length, found.bound):
        return found
    if found.proven:
        return found
    share = 1.0 if len(problem.tasks) <= PROVE_ALL + 2 else PROVE_SHARE
    if share == 1.0 and rounds is None:
        found = _Search(problem, found, seed).warm(time.monotonic() + seconds * WARM_SHARE)
        seconds = max(until - time.monotonic(), 0)
    found = prove(problem, found, seconds * share, seed=seed, progress=progress, repeatable=rounds is not None)
    if found.proven or (rounds is None and time.monotonic() >= until):
        return found
    return _Search(problem, found, seed).run(until, rounds, progress)


@dataclass(frozen=True, slots=True)
class _One:
    """A member of the population: its length, its starts, its tasks by start."""

    length: int
    starts: tuple[int, ...]
    order: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """What is asked of the solver: a plan, the stretch [begin, end) of it, and a seed."""

    plan: _One
    begin: int
    end: int
    seed: int


class _Search:
    """The population and its rounds."""

    def __init__(self, problem: Problem, have: Plan, seed: int) -> None:
        self.problem, self.have, self.random = problem, have, Random(seed)  # noqa: S311  a fixed seed, no secret
        self.size = min(STRETCH_TASKS, max(len(problem.tasks) - 5, 1))
        self.people: list[_One] = [self._one(have.starts)]

    def run(self, until: float, rounds: int | None, progress: Progress | None) -> Plan:
        """Rounds until time, number or a proof ends them; whoever watches may end them too."""
        while len(self.people) < POPULATION and (rounds is not None or time.monotonic() < until):
            self.people.append(self._shaken())
        done = 0
        with ThreadPoolExecutor(1) as beside:
            while (done < rounds) if rounds is not None else (time.monotonic() < until):
                asked = [self._stretch() for _ in range(STRETCHES)]
                solving = beside.submit(self._solve, asked, until if rounds is None else None)
                for _ in range(CHILDREN):
                    self._put(self._child())
                    if rounds is None and time.monotonic() >= until:
                        break
                self._meet(solving.result())
                done += 1
                best = min(x.length for x in self.people)
                if best <= self.have.bound or (progress and not progress(best, self.have.bound)):
                    break
        best_one = min(self.people, key=lambda x: x.length)
        return Plan(best_one.starts, best_one.length, self.have.bound, done)

    def warm(self, until: float) -> Plan:
        """A population and its children until then, in this thread alone."""
        while time.monotonic() < until and min(x.length for x in self.people) > self.have.bound:
            if len(self.people) < POPULATION:
                self.people.append(self._shaken())
            else:
                self._put(self._child())
        best = min(self.people, key=lambda x: x.length)
        return replace(self.have, starts=best.starts, length=best.length)

    def _one(self, starts: Starts | list[int]) -> _One:
        order = tuple(sorted(range(len(starts)), key=lambda i: (starts[i], i)))
        return _One(length(self.problem, starts), tuple(starts), order)

    def _shaken(self) -> _One:
        """A plan by urgency, shaken."""
        keys = [k * self.random.uniform(1 - 1.5 * SHAKE, 1 + 1.5 * SHAKE) for k in urgency(self.problem)]
        return self._made(ranked(self.problem, keys))

    def _made(self, order: list[int]) -> _One:
        return self._one(justified(self.problem, serial(self.problem, order)))

    def _put(self, fresh: _One) -> None:
        """Into the population in place of one of the longest, unless it is there."""
        if any(x.order == fresh.order for x in self.people):
            return
        worst = max(range(len(self.people)), key=lambda k: (self.people[k].length, self.random.random()))
        if fresh.length <= self.people[worst].length:
            self.people[worst] = fresh

    def _child(self) -> _One:
        """Two parents, each the better of two: the first's order, but a stretch of it as the second has it."""
        r, n = self.random, len(self.problem.tasks)
        one, other = (min(r.sample(self.people, 2), key=lambda x: x.length) for _ in range(2))
        cut = r.randrange(n)
        to = min(n, cut + r.randrange(n // 4, 3 * n // 4))
        child = list(one.order[:cut])
        have = set(child)
        for i in other.order:
            if len(child) >= to:
                break
            if i not in have:
                child.append(i)
                have.add(i)
        child += [i for i in one.order if i not in have]
        if r.random() < 0.5:
            for _ in range(r.randrange(1, 4)):
                k = r.randrange(n - 1)
                if child[k] not in self.problem.tasks[child[k + 1]].after:
                    child[k], child[k + 1] = child[k + 1], child[k]
        return self._made(child)

    def _stretch(self) -> _Stretch:
        """A stretch of one of the best plans, now and then of one that is a period longer."""
        r = self.random
        best = min(x.length for x in self.people)
        plan = r.choice([x for x in self.people if x.length <= best + (r.random() < 0.3)])
        n = len(plan.order)
        k = r.randrange(max(1, n - self.size))
        end = plan.starts[plan.order[k + self.size]] if k + self.size < n - 1 else plan.length
        return _Stretch(plan, plan.starts[plan.order[k]], end, r.randrange(10**6))

    def _meet(self, answers: list[list[int] | bool]) -> None:
        """Take in what the solver found: a stretch shorter, none shorter (take more next time), or no answer (take less)."""
        n = len(self.problem.tasks)
        for answer in answers:
            if isinstance(answer, list):
                self._put(self._one(justified(self.problem, answer)))
            else:
                self.size = max(20, self.size - 2) if answer else min(n - 5, self.size + 1)

    def _solve(self, asked: list[_Stretch], until: float | None) -> list[list[int] | bool]:
        return [self._shorter(s, until) for s in asked]

    def _shorter(self, s: _Stretch, until: float | None) -> list[int] | bool:
        """The plan with everything behind the stretch one period earlier; False when that cannot be, True when unknown."""
        problem, tasks = self.problem, self.problem.tasks
        starts = [x - 1 if x >= s.end else x for x in s.plan.starts]
        inner = {i for i, x in enumerate(s.plan.starts) if s.begin <= x < s.end}
        model = cp_model.CpModel()
        begins: dict[int, cp_model.IntVar | int] = {}
        for i, t in enumerate(tasks):
            fixed = [starts[p] + tasks[p].duration for p in t.after if p not in inner]
            if i in inner:
                low = max([s.begin, *fixed])
                high = min(
                    [
                        s.plan.length - 1 - t.duration,
                        *(starts[j] - t.duration for j in problem.behind[i] if j not in inner),
                    ]
                )
                if low > high:
                    return False
                begins[i] = model.new_int_var(low, high, "")
            elif s.plan.starts[i] >= s.end and max(fixed, default=0) > starts[i]:
                return False
            elif starts[i] + t.duration > s.begin:
                begins[i] = starts[i]
        for i in inner:
            for p in tasks[i].after:
                if p in inner:
                    model.add(begins[i] >= begins[p] + tasks[p].duration)
        capacities(model, problem, begins)
        solver = cp_model.CpSolver()
        how = solver.parameters
        how.num_workers, how.random_seed, how.stop_after_first_solution = 1, s.seed, True
        how.max_deterministic_time = STRETCH_WORK
        how.linearization_level = how.symmetry_level = how.cp_model_probing_level = 0
        if until is not None:
            how.max_time_in_seconds = max(until - time.monotonic(), 0.01)
        status = solver.solve(model)
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return [solver.value(begins[i]) if i in inner else x for i, x in enumerate(starts)]
        return status != cp_model.INFEASIBLE
