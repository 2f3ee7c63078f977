"""A plan of visits with its measure: how much shorter its ways are than the best of ten greedy runs on the same visits."""

from __future__ import annotations

import time
from random import Random
from typing import Any

from bihuan.engines import visits as engine


def proposed(
    found: list[engine.Site], base: tuple[float, float], teams: int, days: int, share: int, seed: str, seconds: float
) -> dict[str, Any]:
    """A proposal as JSON values, with its measure against the best of ten greedy runs on the same visits."""
    work = engine.Work(teams, days, base, share=share, seed=seed)
    begun = time.perf_counter()
    planned = engine.plan(found, work, seconds)
    took = time.perf_counter() - begun
    by_key = {s.key: s for s in found}
    chosen = [by_key[v.key] for v in planned.visits]
    best = min((engine.greedy(chosen, work, Random(i)) for i in range(10)), default=0)  # noqa: S311  a fixed seed, no secret
    due = [s for s in found if s.last is not None and 0 <= s.last < days]
    missed = [k for k in planned.missed if (by_key[k].last or 0) >= 0]
    areas: dict[str, list[int]] = {}
    for s in found:
        areas.setdefault(s.area, [0, 0])[0] += 1
    for s in chosen:
        areas[s.area][1] += 1
    return {
        "premises": len(found), "teams": teams, "days": days, "seed": seed, "seconds": round(took, 2), "planned": len(planned.visits),
        "kilometres": round(planned.metres / 1000, 1), "greedy_kilometres": round(best / 1000, 1),
        "travel_ratio": round(planned.metres / best, 3) if best else None, "legal_due": len(due), "legal_kept": len(due) - len(missed),
        "legal_missed": len(missed), "over_left": len(planned.missed) - len(missed), "drawn": list(planned.drawn),
        "areas": {a: {"premises": n, "visits": v} for a, (n, v) in sorted(areas.items())},
        "visits": [{"premises": v.key, "day": v.day, "team": v.team, "order": v.order, "why": v.why} for v in planned.visits],
    }  # fmt: skip
