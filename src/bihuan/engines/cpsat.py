"""CP-SAT while somebody watches. Pure.

The solver works in a thread of its own and its threads call back into nothing of ours: whoever watches is asked in the thread
that called, a few times a second, also while nothing better is found.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

from ortools.sat.python import cp_model

Progress = Callable[[int, int], bool]
"""Told the best value so far and the best bound; False stops the search."""
LOOK = 0.25
"""Seconds between looks."""
WORKERS = 2
"""Threads of the solver."""


class _Best(cp_model.CpSolverSolutionCallback):
    """Remembers what was found last."""

    def __init__(self, have: int, bound: int) -> None:
        super().__init__()
        self.found, self.limit = have, bound

    def on_solution_callback(self) -> None:
        self.found, self.limit = round(self.objective_value), round(self.best_objective_bound)


def solve(
    solver: cp_model.CpSolver, model: cp_model.CpModel, progress: Progress | None, have: int, bound: int
) -> cp_model.CpSolverStatus:
    """Solve; `have` and `bound` are what was known before. The status, also after it was stopped."""
    if progress is None:
        return solver.solve(model)
    best = _Best(have, bound)
    with ThreadPoolExecutor(1) as beside:
        solving = beside.submit(solver.solve, model, best)
        while not wait([solving], timeout=LOOK).done:
            if not progress(best.found, best.limit):
                solver.stop_search()
                break
        return solving.result()
