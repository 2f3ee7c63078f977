"""The linear relaxation: which pairs a good proposal is likely to be made of. A guide for the search, never a proof."""

from __future__ import annotations

from collections import defaultdict

from ortools.linear_solver import pywraplp

from .problem import Problem, fits, limit, points

UNIT = 1e8
"""Amounts are given to the linear solver in 100万元, so that its numbers are of one size."""


def promising(p: Problem, matched: int, margin: int) -> set[tuple[str, str]]:
    """The pairs that the relaxation uses, or that cost it at most `margin` points, where `matched` free needs have a bank. Empty
    when it finds nothing."""
    lp = pywraplp.Solver.CreateSolver("GLOP")
    pairs = {(n, b): lp.NumVar(0, 1, "") for n, banks in fits(p).items() for b in banks}
    by_need, by_bank = defaultdict(list), defaultdict(list)
    for (n, b), x in pairs.items():
        by_need[n].append(x)
        by_bank[b].append((p.need[n], x))
    for mine in by_need.values():
        lp.Add(lp.Sum(mine) <= 1)
    lp.Add(lp.Sum(list(pairs.values())) >= matched)
    full = lp.NumVar(0, lp.infinity(), "")
    for bank in p.banks:
        held = [p.need[n] for n, b in p.fixed.items() if b == bank.id]
        taken = sum(n.amount for n in held)
        load = lp.Sum([n.amount / UNIT * x for n, x in by_bank[bank.id]])
        lp.Add(load <= max(bank.capacity - taken, 0) / UNIT)
        lp.Add(full * (bank.capacity / UNIT / 1000) >= load + taken / UNIT)
        if bank.most is not None:
            lp.Add(lp.Sum([x for _, x in by_bank[bank.id]]) <= max(bank.most - len(held), 0))
        for group in sorted({n.group for n, _ in by_bank[bank.id]} - {""}):
            had = sum(n.amount for n in held if n.group == group)
            mine = [(n, x) for n, x in by_bank[bank.id] if n.group == group]
            if sum(n.amount for n, _ in mine) + had > limit(bank):
                lp.Add(lp.Sum([n.amount / UNIT * x for n, x in mine]) <= max(limit(bank) - had, 0) / UNIT)
    worth = [points(p, p.need[n], p.bank[b]) * x for (n, b), x in pairs.items()]
    lp.Maximize(lp.Sum(worth) - p.weights.even * full)
    if lp.Solve() != pywraplp.Solver.OPTIMAL:
        return set()
    return {k for k, x in pairs.items() if x.solution_value() > 1e-6 or x.reduced_cost() > -margin}
