"""The timetable of a session: who sits with whom when. No clash, a short session, little waiting. Pure.

Time is in slots from 0. The cost of a timetable is the time that everybody is kept there: for each unit and each project, from its
first talk to the end of its last. No timetable costs less than all talks together, and none is shorter than the longest load.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ortools.sat.python import cp_model

from bihuan.engines import cpsat
from bihuan.engines.cpsat import WORKERS, Progress
from bihuan.kernel.domain.refusal import N_, Refused


@dataclass(frozen=True, slots=True)
class Talk:
    """A unit is needed for a project, for so many slots."""

    unit: str
    project: str
    slots: int = 1


@dataclass(frozen=True)
class Wanted:
    """The talks, and the slots [from, to) in which a unit or project can be there at all; `most` ends the session."""

    talks: tuple[Talk, ...]
    windows: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    most: int = 400


@dataclass(frozen=True)
class Timetable:
    """The start of each talk, in the order asked for; the end of the session; its cost and the best bound of it."""

    starts: tuple[int, ...]
    end: int
    cost: int
    bound: int

    @property
    def proven(self) -> bool:
        """Whether no timetable of this length keeps people for less."""
        return self.cost <= self.bound


def _sides(talks: Sequence[Talk]) -> dict[str, list[int]]:
    """The talks of every unit and every project, by name; a name stands for one side only."""
    found: dict[str, list[int]] = {}
    for i, t in enumerate(talks):
        found.setdefault(f"u:{t.unit}", []).append(i)
        found.setdefault(f"p:{t.project}", []).append(i)
    return found


def _window(wanted: Wanted, side: str) -> tuple[int, int]:
    return wanted.windows.get(side[2:], (0, wanted.most))


def _end(wanted: Wanted, starts: Sequence[int]) -> int:
    return max((s + t.slots for s, t in zip(starts, wanted.talks, strict=True)), default=0)


def cost_of(wanted: Wanted, starts: Sequence[int]) -> int:
    """How long everybody is kept, in slots."""
    talks = wanted.talks
    return sum(
        max(starts[i] + talks[i].slots for i in mine) - min(starts[i] for i in mine) for mine in _sides(talks).values()
    )


def shortest(wanted: Wanted) -> int:
    """No session ends earlier: the longest load, from the slot at which that side can come."""
    return max(
        (_window(wanted, side)[0] + sum(wanted.talks[i].slots for i in mine) for side, mine in _sides(wanted.talks).items()),
        default=0,
    )  # fmt: skip


def first(wanted: Wanted) -> tuple[int, ...]:
    """A timetable at once: slot after slot, the pair whose two sides have most left to do. Refused when it ends too late."""
    talks, sides = wanted.talks, _sides(wanted.talks)
    left = {side: sum(talks[i].slots for i in mine) for side, mine in sides.items()}
    free = {side: _window(wanted, side)[0] for side in sides}
    starts = [-1] * len(talks)
    waiting = set(range(len(talks)))
    now = 0
    while waiting:
        able = [
            i for i in waiting if max(free[f"u:{talks[i].unit}"], free[f"p:{talks[i].project}"]) <= now
        ]  # fmt: skip
        able.sort(
            key=lambda i: (
                -max(left[f"u:{talks[i].unit}"], left[f"p:{talks[i].project}"]),
                -left[f"u:{talks[i].unit}"],
                i,
            )
        )
        for i in able:
            both = (f"u:{talks[i].unit}", f"p:{talks[i].project}")
            end = now + talks[i].slots
            if any(free[s] > now for s in both):
                continue
            if any(end > _window(wanted, s)[1] for s in both):
                raise Refused(N_("%(unit)s and %(project)s find no time together."), field="windows", unit=talks[i].unit, project=talks[i].project)  # fmt: skip
            for s in both:
                free[s] = end
                left[s] -= talks[i].slots
            starts[i] = now
            waiting.discard(i)
        now += 1
    return tuple(starts)


def squares(wanted: Wanted) -> tuple[int, ...] | None:
    """A timetable in Latin squares: the larger side in groups of the smaller one's size, each group with everybody in a square of slots.
    Where all meet all nobody waits; None where talks differ in length, somebody cannot be there all the time, or it ends too late."""
    talks = wanted.talks
    if not talks or wanted.windows or any(t.slots != 1 for t in talks):
        return None
    units, projects = sorted({t.unit for t in talks}), sorted({t.project for t in talks})
    n = min(len(units), len(projects))
    of_unit, of_project = {u: i for i, u in enumerate(units)}, {p: i for i, p in enumerate(projects)}
    starts = []
    for t in talks:
        pair = of_unit[t.unit], of_project[t.project]
        large, small = pair if len(units) >= len(projects) else pair[::-1]
        starts.append(large // n * n + (large + small) % n)
    return tuple(starts) if _end(wanted, starts) <= wanted.most else None


def timetable(
    wanted: Wanted,
    seconds: float,
    *,
    seed: int = 0,
    begin: Sequence[int] | None = None,
    progress: Progress | None = None,
) -> Timetable:
    """The best timetable found in time: never longer, nor of the same length and worse, than `first`, `squares` and `begin`.

    Refused when none fits. `begin` must be one without a clash.
    """
    talks = wanted.talks
    tried = [s for s in (tuple(begin) if begin is not None else None, squares(wanted)) if s is not None]
    starts = min([first(wanted), *tried], key=lambda s: (_end(wanted, s), cost_of(wanted, s)))
    load = sum(2 * t.slots for t in talks)
    have = Timetable(starts, _end(wanted, starts), cost_of(wanted, starts), load)
    least = shortest(wanted)
    until = time.monotonic() + seconds
    if progress and not progress(have.cost, have.bound):
        return have
    for end in dict.fromkeys((least, have.end)):
        left = until - time.monotonic()
        if left <= 0 or (have.end <= end and have.proven):
            break
        found = _solved(wanted, have, end, left, seed, progress)
        if found is not None:
            better = (found.end, found.cost) < (have.end, have.cost)
            return found if better else replace(have, bound=found.bound if found.end == have.end else have.bound)
    return have


def _solved(
    wanted: Wanted, have: Timetable, end: int, seconds: float, seed: int, progress: Progress | None
) -> Timetable | None:
    """CP-SAT: a timetable that ends by `end` and keeps people as short as possible; None when it finds none."""
    talks, sides = wanted.talks, _sides(wanted.talks)
    model = cp_model.CpModel()
    begins = []
    for i, t in enumerate(talks):
        windows = [_window(wanted, s) for s in (f"u:{t.unit}", f"p:{t.project}")]
        low, high = max(w[0] for w in windows), min(end, *(w[1] for w in windows)) - t.slots
        if low > high:
            return None
        begins.append(model.new_int_var(low, high, ""))
        if have.end <= end:
            model.add_hint(begins[i], have.starts[i])
    spans = [model.new_fixed_size_interval_var(b, t.slots, "") for b, t in zip(begins, talks, strict=True)]
    kept = []
    for mine in sides.values():
        model.add_no_overlap([spans[i] for i in mine])
        least = sum(talks[i].slots for i in mine)
        come, go = model.new_int_var(0, end, ""), model.new_int_var(0, end, "")
        stay = model.new_int_var(least, end, "")
        model.add(stay == go - come)
        for i in mine:
            model.add(come <= begins[i])
            model.add(go >= begins[i] + talks[i].slots)
        kept.append(stay)
    model.minimize(sum(kept))
    solver = cp_model.CpSolver()
    p = solver.parameters
    p.max_time_in_seconds, p.num_workers, p.random_seed = seconds, WORKERS, seed
    status = cpsat.solve(solver, model, progress, have.cost, have.bound)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    starts = tuple(solver.value(b) for b in begins)
    last = _end(wanted, starts)
    return Timetable(starts, last, cost_of(wanted, starts), max(have.bound, round(solver.best_objective_bound)))
