"""Many projects that share the officers of units: every project's remaining items within what units can do. Pure.

Time in working days from 0. An item holds one officer of its unit for its days; what nobody's officer decides holds nobody. The
cost of a plan is the sum of the days on which projects end.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from .problem import SHAKE, Problem, Task, ranked, serial, urgency

Progress = Callable[[int, int], bool]
"""Told the best cost and the rounds done; False stops the search."""


@dataclass(frozen=True, slots=True)
class Job:
    """An item of a project: its days, the unit whose officer it needs (empty: nobody's), items it waits for, first day."""

    item: str
    days: int
    unit: str = ""
    after: tuple[str, ...] = ()
    release: int = 0


@dataclass(frozen=True, slots=True)
class Project:
    """A project's jobs, each behind those it waits for; `weight`: how much a day of it counts."""

    key: str
    jobs: tuple[Job, ...]
    weight: int = 1


@dataclass(frozen=True)
class Portfolio:
    """The start of every job by project and item; each project's end; the cost; the rounds searched."""

    starts: Mapping[str, Mapping[str, int]]
    ends: Mapping[str, int]
    cost: int
    rounds: int = 0


@dataclass(frozen=True)
class _Laid:
    """The projects as one problem, and which tasks are whose."""

    problem: Problem
    spans: Mapping[str, range]


def _laid(projects: Sequence[Project], officers: Mapping[str, int]) -> _Laid:
    units = sorted({j.unit for p in projects for j in p.jobs if j.unit})
    number = {u: i for i, u in enumerate(units)}
    tasks: list[Task] = []
    spans: dict[str, range] = {}
    for p in projects:
        at = {j.item: len(tasks) + i for i, j in enumerate(p.jobs)}
        begin = len(tasks)
        for j in p.jobs:
            takes = ((number[j.unit], 1),) if j.unit and j.days else ()
            tasks.append(Task(j.days, takes, tuple(at[a] for a in j.after if a in at), j.release))
        spans[p.key] = range(begin, len(tasks))
    return _Laid(Problem(tuple(tasks), tuple(max(officers.get(u, 1), 1) for u in units)), spans)


def plan(
    projects: Sequence[Project], officers: Mapping[str, int], seconds: float = 0, *, seed: int = 0, rounds: int | None = None,
    progress: Progress | None = None,
) -> Portfolio:  # fmt: skip
    """A plan at once (short projects first, by what each still has before it), then better ones while time or rounds last;
    never worse than the first, and the same for the same seed and number of rounds."""
    until = time.monotonic() + seconds
    laid = _laid(projects, officers)
    keys = _keys(projects, laid)
    best = _built(projects, laid, serial(laid.problem, ranked(laid.problem, keys)), 0)
    random = Random(seed)  # noqa: S311  a fixed seed, no secret
    done = 0
    current = keys
    if progress and not progress(best.cost, 0):
        return best
    while (done < rounds) if rounds is not None else (time.monotonic() < until):
        shaken = {p.key: random.uniform(1 - SHAKE, 1 + SHAKE) for p in projects}
        tried = [current[i] * shaken[key] for key, span in laid.spans.items() for i in span]
        found = _built(projects, laid, serial(laid.problem, ranked(laid.problem, tried)), done + 1)
        if found.cost < best.cost:
            best, current = found, tried
        done += 1
        if progress and not progress(best.cost, done):
            break
    return Portfolio(best.starts, best.ends, best.cost, done)


def _keys(projects: Sequence[Project], laid: _Laid) -> list[float]:
    """A job is the more urgent the earlier its project could end by the longest chain, and the longer the chain behind it."""
    heads, tails = laid.problem.heads, urgency(laid.problem)
    keys: list[float] = []
    for p in projects:
        span = laid.spans[p.key]
        chain = max((heads[i] + laid.problem.tasks[i].duration for i in span), default=0) / p.weight
        keys += [chain * 10 + tails[i] / 10 + 1_000 for i in span]
    return keys


def _built(projects: Sequence[Project], laid: _Laid, starts: Sequence[int], rounds: int) -> Portfolio:
    found = {p.key: {j.item: starts[i] for j, i in zip(p.jobs, laid.spans[p.key], strict=True)} for p in projects}
    ends = {
        p.key: max((starts[i] + laid.problem.tasks[i].duration for i in laid.spans[p.key]), default=0) for p in projects
    }
    return Portfolio(found, ends, sum(p.weight * ends[p.key] for p in projects), rounds)


def replan(project: Project, others: Sequence[Project], have: Portfolio, officers: Mapping[str, int]) -> dict[str, int]:
    """The starts of one project laid anew into what all others leave free, where they stand as planned."""
    laid = _laid([*others, project], officers)
    problem = laid.problem
    size = (
        sum(j.days for j in project.jobs)
        + max([*have.ends.values(), *(j.release for j in project.jobs)], default=0)
        + 1
    )
    used = [[0] * size for _ in problem.capacity]
    for p in others:
        for j, i in zip(p.jobs, laid.spans[p.key], strict=True):
            for r, amount in problem.tasks[i].takes:
                row = used[r]
                for k in range(have.starts[p.key][j.item], have.starts[p.key][j.item] + j.days):
                    row[k] += amount
    alone = _laid([project], {})
    order = ranked(alone.problem, urgency(alone.problem))
    first = laid.spans[project.key].start
    tasks = tuple(
        Task(t.duration, problem.tasks[first + i].takes, t.after, t.release) for i, t in enumerate(alone.problem.tasks)
    )
    starts = serial(Problem(tasks, problem.capacity), order, used)
    return {j.item: starts[i] for i, j in enumerate(project.jobs)}
