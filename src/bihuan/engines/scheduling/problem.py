"""Scheduling under capacities (the resource-constrained project scheduling problem): a plan at once. Pure.

Time is in whole periods from 0; a task of duration d that starts at s holds its resources in [s, s + d).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

SHAKE = 0.2
"""How far a key is shaken, as a share of it."""


@dataclass(frozen=True, slots=True)
class Task:
    """A task: duration, what it takes of each resource (resource, amount), tasks that end before it, first start."""

    duration: int
    takes: tuple[tuple[int, int], ...] = ()
    after: tuple[int, ...] = ()
    release: int = 0


@dataclass(frozen=True)
class Problem:
    """Tasks, each behind those it waits for, and the capacity of each resource. ValueError when a task can never run."""

    tasks: tuple[Task, ...]
    capacity: tuple[int, ...]

    def __post_init__(self) -> None:
        for i, task in enumerate(self.tasks):
            if any(not 0 <= p < i for p in task.after):
                raise ValueError(f"task {i} must stand behind everything it waits for")
            if any(not 0 <= amount <= self.capacity[r] for r, amount in task.takes):
                raise ValueError(f"task {i} takes more than there ever is")

    @cached_property
    def behind(self) -> tuple[tuple[int, ...], ...]:
        """For each task, those that wait for it."""
        found: list[list[int]] = [[] for _ in self.tasks]
        for i, t in enumerate(self.tasks):
            for p in t.after:
                found[p].append(i)
        return tuple(tuple(f) for f in found)

    @cached_property
    def tails(self) -> tuple[int, ...]:
        """For each task, the longest chain behind its end."""
        tail = [0] * len(self.tasks)
        for i in range(len(self.tasks) - 1, -1, -1):
            after = tail[i] + self.tasks[i].duration
            for p in self.tasks[i].after:
                tail[p] = max(tail[p], after)
        return tuple(tail)

    @cached_property
    def heads(self) -> tuple[int, ...]:
        """For each task, its earliest start were there room for everything."""
        head: list[int] = []
        for t in self.tasks:
            head.append(max([t.release, *(head[p] + self.tasks[p].duration for p in t.after)]))
        return tuple(head)

    @cached_property
    def bound(self) -> int:
        """No plan is shorter: the longest chain, and the work of each resource over its capacity."""
        chain = max((h + t.duration + x for h, t, x in zip(self.heads, self.tasks, self.tails, strict=True)), default=0)
        work = [0] * len(self.capacity)
        for t in self.tasks:
            for r, amount in t.takes:
                work[r] += amount * t.duration
        return max([chain, *(-(-w // c) for w, c in zip(work, self.capacity, strict=True) if c)])

    @cached_property
    def turned(self) -> Problem:
        """The problem in reverse: what came last comes first. Without first starts."""
        n = len(self.tasks)
        tasks = [Task(t.duration, t.takes, tuple(n - 1 - j for j in self.behind[i])) for i, t in enumerate(self.tasks)]
        return Problem(tuple(reversed(tasks)), self.capacity)


Starts = tuple[int, ...]


def length(problem: Problem, starts: Sequence[int]) -> int:
    """The end of the last task."""
    return max((s + t.duration for s, t in zip(starts, problem.tasks, strict=True)), default=0)


def broken(problem: Problem, starts: Sequence[int]) -> list[str]:
    """What a plan breaks, in words; nothing for a feasible one."""
    found = []
    used: dict[tuple[int, int], int] = {}
    for i, (s, t) in enumerate(zip(starts, problem.tasks, strict=True)):
        if s < t.release or any(starts[p] + problem.tasks[p].duration > s for p in t.after):
            found.append(f"task {i} starts too early")
        for r, amount in t.takes:
            for k in range(s, s + t.duration):
                used[r, k] = used.get((r, k), 0) + amount
    return found + [f"resource {r} in period {k}: {n}" for (r, k), n in used.items() if n > problem.capacity[r]]


def serial(problem: Problem, order: Sequence[int], taken: list[list[int]] | None = None) -> list[int]:
    """Each task in this order at its earliest feasible time; `order` must respect what tasks wait for.

    `taken`: what others hold of each resource by period, to as far as the tasks may ever reach; it is written to.
    """
    tasks, capacity = problem.tasks, problem.capacity
    size = sum(t.duration for t in tasks) + max((t.release for t in tasks), default=0) + 1
    used = [[0] * size for _ in capacity] if taken is None else taken
    starts = [0] * len(tasks)
    for i in order:
        t = tasks[i]
        begin = t.release
        for p in t.after:
            end = starts[p] + tasks[p].duration
            if end > begin:
                begin = end
        d = t.duration
        if d and t.takes:
            begin = _fit([(used[r], capacity[r] - amount) for r, amount in t.takes], begin, d)
            for r, amount in t.takes:
                row = used[r]
                for k in range(begin, begin + d):
                    row[k] += amount
        starts[i] = begin
    return starts


def _fit(rows: list[tuple[list[int], int]], begin: int, d: int) -> int:
    """The first time from `begin` at which all rows stay at or below their level for d periods."""
    while True:
        blocked = -1
        for row, level in rows:
            k = begin + d - 1
            while k >= begin and k > blocked and row[k] <= level:
                k -= 1
            if k >= begin and k > blocked:
                blocked = k
        if blocked < begin:
            return begin
        begin = blocked + 1


def justified(problem: Problem, starts: Sequence[int]) -> list[int]:
    """The plan pushed to its right end and back to the left: never longer. As it was where tasks have first starts."""
    tasks = problem.tasks
    if any(t.release for t in tasks):
        return list(starts)
    n = len(starts)
    back = problem.turned
    ends = sorted(range(n), key=lambda i: (-(starts[i] + tasks[i].duration), -i))
    late = serial(back, [n - 1 - i for i in ends])
    whole = length(back, late)
    right = [whole - late[n - 1 - i] - tasks[i].duration for i in range(n)]
    return serial(problem, sorted(range(n), key=lambda i: (right[i], i)))


def ranked(problem: Problem, keys: Sequence[float]) -> list[int]:
    """All tasks by key, the smallest first, none before what it waits for."""
    waiting = [len(t.after) for t in problem.tasks]
    heap = [(keys[i], i) for i, n in enumerate(waiting) if not n]
    heapq.heapify(heap)
    order = []
    while heap:
        _, i = heapq.heappop(heap)
        order.append(i)
        for j in problem.behind[i]:
            waiting[j] -= 1
            if not waiting[j]:
                heapq.heappush(heap, (keys[j], j))
    return order


def urgency(problem: Problem) -> list[float]:
    """The key by which the most urgent comes first: how late it may start, counted back from the end."""
    return [-float(x + t.duration) for x, t in zip(problem.tails, problem.tasks, strict=True)]


def parallel(problem: Problem, keys: Sequence[float]) -> list[int]:
    """Period after period, whatever fits now, by key the smallest first. Without first starts."""
    tasks = problem.tasks
    waiting = [len(t.after) for t in tasks]
    free = list(problem.capacity)
    ready = [(keys[i], i) for i, n in enumerate(waiting) if not n]
    heapq.heapify(ready)
    running: list[tuple[int, int]] = []
    starts = [0] * len(tasks)
    now = 0

    def ended(i: int) -> None:
        for j in problem.behind[i]:
            waiting[j] -= 1
            if not waiting[j]:
                heapq.heappush(ready, (keys[j], j))

    while ready or running:
        held = []
        while ready:
            key, i = heapq.heappop(ready)
            if any(free[r] < amount for r, amount in tasks[i].takes):
                held.append((key, i))
                continue
            starts[i] = now
            if not tasks[i].duration:
                ended(i)
                continue
            for r, amount in tasks[i].takes:
                free[r] -= amount
            heapq.heappush(running, (now + tasks[i].duration, i))
        ready = held
        heapq.heapify(ready)
        if running:
            now = running[0][0]
        while running and running[0][0] == now:
            i = heapq.heappop(running)[1]
            for r, amount in tasks[i].takes:
                free[r] += amount
            ended(i)
    return starts


def first(problem: Problem) -> Starts:
    """A feasible plan at once: the most urgent first, laid by the serial scheme, by the parallel one from the end and by the
    parallel one from the beginning, each justified until that wins nothing; the shortest of the three."""
    n = len(problem.tasks)
    if any(t.release for t in problem.tasks):
        return tuple(serial(problem, ranked(problem, urgency(problem))))

    def from_the_end() -> list[int]:
        back = problem.turned
        late = parallel(back, urgency(back))
        whole = length(back, late)
        starts = [whole - late[n - 1 - i] - t.duration for i, t in enumerate(problem.tasks)]
        return serial(problem, sorted(range(n), key=lambda i: (starts[i], i)))

    best: list[int] = []
    schemes: list[Callable[[], list[int]]] = [
        lambda: serial(problem, ranked(problem, urgency(problem))), from_the_end, lambda: parallel(problem, urgency(problem))
    ]  # fmt: skip
    for scheme in schemes:
        found = scheme()
        while length(problem, again := justified(problem, found)) < length(problem, found):
            found = again
        if not best or length(problem, found) < length(problem, best):
            best = found
        if length(problem, best) <= problem.bound:
            break
    return tuple(best)
