"""The best proposal: first as many projects as possible, then most points less unevenness."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence

from ortools.sat.python import cp_model

from ..cpsat import WORKERS, Progress, solve
from .greedy import first
from .problem import Bank, Matching, Need, Problem, fits, laid, limit, points, value
from .relaxing import promising


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


SUBSOLVERS = ("max_lp", "lns")
"""One thread that tightens the linear relaxation, one that improves what was found."""
MARGIN = 12
"""Points that a pair may cost the relaxation to be among those that are tried first."""
SMALL = 600
"""Up to so many pairs everything is tried at once."""


def match(p: Problem, seconds: float, *, seed: int = 0, progress: Progress | None = None) -> Matching:
    """The best proposal found in time, never worse than the first one. With a `progress` it can be watched and stopped, which is
    told the value so far and the bound.

    1. a first proposal; 2. as many matched as possible, where the first leaves some alone; 3. the best out of promising pairs, half
    of the time; 4. the best of all pairs, with its bound.
    """
    until = time.monotonic() + seconds
    best = first(p)
    held = {n: b for n, b in p.fixed.items() if b is not None}
    built = _Model(p)
    if not built.pairs:
        return laid(p, best, value(p, best), len(best))
    search = _Search(p, built, held, until, seed)
    most = min(len({n for n, _ in built.pairs}), len(p.needs))
    if len(best) - len(held) < most:
        best, most = search.fill(best, most)
    free = len(best) - len(held)
    built.model.add(built.matched() >= free)
    built.model.maximize(built.worth())
    if len(built.pairs) > SMALL:
        best = search.among(promising(p, free, MARGIN), best, progress)
        if search.stopped:
            return laid(p, best, max(search.bound, value(p, best)), len(held) + most)
    best = search.improve(best, until - time.monotonic(), progress)
    return laid(p, best, max(search.bound, value(p, best)), len(held) + most)


class _Search:
    """The runs of the solver over one model, and the best bound of all pairs."""

    def __init__(self, p: Problem, built: _Model, held: dict[str, str], until: float, seed: int) -> None:
        self.p, self.built, self.held, self.until, self.seed = p, built, held, until, seed
        self.laid = sum(points(p, p.need[n], p.bank[b]) for n, b in held.items())
        self.bound, self.stopped = 1 << 40, False

    def _run(
        self, model: cp_model.CpModel, seconds: float, have: int, ask: Progress | None
    ) -> cp_model.CpSolver | None:
        """The solver where it found something within the time, else None."""
        solver = cp_model.CpSolver()
        s = solver.parameters
        s.max_time_in_seconds, s.num_workers, s.random_seed = max(seconds, 0.05), WORKERS, self.seed
        s.subsolvers.extend(SUBSOLVERS)

        def watched(found: int, bound: int) -> bool:
            assert ask is not None
            self.stopped = not ask(found + self.laid, min(bound + self.laid, self.bound))
            return not self.stopped

        status = solve(solver, model, watched if ask else None, have, self.bound)
        return solver if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else None

    def _chosen(self, solver: cp_model.CpSolver) -> dict[str, str]:
        return {**self.held, **{n: b for (n, b), x in self.built.pairs.items() if solver.value(x)}}

    def fill(self, best: dict[str, str], most: int) -> tuple[dict[str, str], int]:
        """A proposal with as many matched as possible, and the bound of how many."""
        self.built.hint(best)
        self.built.model.maximize(self.built.matched())
        solver = self._run(self.built.model, (self.until - time.monotonic()) / 3, len(best) - len(self.held), None)
        if solver is None:
            return best, most
        found = self._chosen(solver)
        return (found if len(found) > len(best) else best), min(most, round(solver.best_objective_bound))

    def among(self, pairs: set[tuple[str, str]], best: dict[str, str], ask: Progress | None) -> dict[str, str]:
        """The best out of some pairs, and what was best before: the rest is left out for half of the time."""
        kept = pairs | set(best.items())
        model = self.built.model.clone()  # without a hint, which holds the search where it begins
        for key, x in self.built.pairs.items():
            if key not in kept:
                model.add(model.get_bool_var_from_proto_index(x.index) == 0)
        solver = self._run(model, (self.until - time.monotonic()) / 2, value(self.p, best) - self.laid, ask)
        found = self._chosen(solver) if solver else best
        return found if value(self.p, found) > value(self.p, best) else best

    def improve(self, best: dict[str, str], seconds: float, ask: Progress | None) -> dict[str, str]:
        """The best of all pairs, beginning at `best`; sets the bound."""
        self.built.hint(best)
        solver = self._run(self.built.model, seconds, value(self.p, best) - self.laid, ask)
        if solver is None:
            return best
        self.bound = round(solver.best_objective_bound) + self.laid
        found = self._chosen(solver)
        return found if value(self.p, found) > value(self.p, best) else best
