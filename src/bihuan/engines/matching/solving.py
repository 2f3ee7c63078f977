"""The best proposal: first as many projects as possible, then most points less unevenness."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence

from ortools.sat.python import cp_model

from ..watching import WORKERS, Progress, solve
from .greedy import first
from .problem import Bank, Matching, Need, Problem, fits, laid, limit, points, value


class _Model:
    """Pairs as yes or no, within capacities, counts and shares of groups; what was laid down takes its room beforehand."""

    def __init__(self, p: Problem) -> None:
        self.p, self.model = p, cp_model.CpModel()
        self.pairs = {(n, b): self.model.new_bool_var("") for n, banks in fits(p).items() for b in banks}
        self.full = self.model.new_int_var(0, 1_000_000, "")
        by_need: dict[str, list[cp_model.IntVar]] = defaultdict(list)
        by_bank: dict[str, list[Need]] = defaultdict(list)
        for (n, b), x in self.pairs.items():
            by_need[n].append(x)
            by_bank[b].append(p.need[n])
        for mine in by_need.values():
            self.model.add_at_most_one(mine)
        for bank in p.banks:
            self._bank(bank, by_bank[bank.id], [p.need[n] for n, b in p.fixed.items() if b == bank.id])

    def _bank(self, bank: Bank, needs: Sequence[Need], held: Sequence[Need]) -> None:
        """What one bank can take on beside what was laid down for it."""
        model, taken = self.model, sum(n.amount for n in held)
        model.add(self._sum(needs, bank) <= max(bank.capacity - taken, 0))
        if bank.capacity:
            model.add(self.full * bank.capacity >= 1000 * (self._sum(needs, bank) + taken))
        if bank.most is not None:
            model.add(
                cp_model.LinearExpr.sum([self.pairs[n.id, bank.id] for n in needs]) <= max(bank.most - len(held), 0)
            )
        most = limit(bank)
        for group in sorted({n.group for n in needs} - {""}):
            mine = [n for n in needs if n.group == group]
            had = sum(n.amount for n in held if n.group == group)
            if sum(n.amount for n in mine) + had > most:
                model.add(self._sum(mine, bank) <= max(most - had, 0))

    def _sum(self, needs: Sequence[Need], bank: Bank) -> cp_model.LinearExprT:
        pairs = [self.pairs[n.id, bank.id] for n in needs]
        return cp_model.LinearExpr.weighted_sum(pairs, [n.amount for n in needs])

    def matched(self) -> cp_model.LinearExprT:
        """How many of the free needs have a bank."""
        return sum(self.pairs.values())

    def worth(self) -> cp_model.LinearExprT:
        """Points of free pairs less what the fullest bank costs."""
        p = self.p
        return sum(points(p, p.need[n], p.bank[b]) * x for (n, b), x in self.pairs.items()) - p.weights.even * self.full

    def hint(self, chosen: Mapping[str, str]) -> None:
        """Begin the search here."""
        self.model.clear_hints()  # type: ignore[no-untyped-call]
        for (n, b), x in self.pairs.items():
            self.model.add_hint(x, chosen.get(n) == b)


def match(p: Problem, seconds: float, *, seed: int = 0, progress: Progress | None = None) -> Matching:
    """The best proposal found in time, never worse than the first one. With a `progress` it can be watched and stopped, which is
    told the value so far and the bound."""
    until = time.monotonic() + seconds
    begun = first(p)
    held: dict[str, str] = {n: b for n, b in p.fixed.items() if b is not None}
    built = _Model(p)
    if not built.pairs:
        return laid(p, begun, value(p, begun), len(begun))
    fixed_worth = sum(points(p, p.need[n], p.bank[b]) for n, b in held.items())

    def run(have: int, bound: int, ask: Progress | None) -> tuple[cp_model.CpSolver, bool]:
        solver = cp_model.CpSolver()
        s = solver.parameters
        s.max_time_in_seconds, s.num_workers, s.random_seed = max(until - time.monotonic(), 0.05), WORKERS, seed
        s.linearization_level = 2
        status = solve(solver, built.model, ask, have, bound)
        return solver, status in (cp_model.OPTIMAL, cp_model.FEASIBLE)

    free = len(begun) - len(held)
    most = min(len({n for n, _ in built.pairs}), len(p.needs))
    best = dict(begun)
    built.hint(begun)
    if free < most:
        built.model.maximize(built.matched())
        solver, found = run(free, most, None)
        if found:
            most = round(solver.best_objective_bound)
            if round(solver.objective_value) > free:
                best = {**held, **{n: b for (n, b), x in built.pairs.items() if solver.value(x)}}
                free = len(best) - len(held)
    built.hint(best)
    built.model.add(built.matched() >= free)
    built.model.maximize(built.worth())
    solver, found = run(value(p, best) - fixed_worth, 1 << 40, progress)
    bound = round(solver.best_objective_bound) + fixed_worth if found else max(value(p, best), 1 << 40)
    if found:
        better = {**held, **{n: b for (n, b), x in built.pairs.items() if solver.value(x)}}
        if (len(better), value(p, better)) >= (len(best), value(p, best)):
            best = better
    return laid(p, best, max(bound, value(p, best)), len(held) + max(most, free))
