"""The scores of a year as JSON values, for the shell and for whoever reckons with them elsewhere."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from .models import Assessment
from .reckoning import refresh, sheets
from .selectors import full


def scored(year: int, key: str, now: datetime) -> dict[str, Any]:
    """The scores with their reasons; points as numbers, facts as [counted, whole]."""
    begin = time.perf_counter()
    rows = Assessment.objects.filter(year=year)
    if key:
        rows = rows.filter(key=key)
    reckoned = refresh(year, now) if rows.exists() else {}
    units = [_unit(s) for s in sheets(full(rows.order_by("key", "unit__name")), now)]
    return {
        "year": year, "as_of": now.isoformat(timespec="seconds"), "seconds": round(time.perf_counter() - begin, 3), "reckoned_units": reckoned,
        "by_scheme": {k: sum(u["scheme"] == k for u in units) for k in sorted({u["scheme"] for u in units})}, "units": units,
    }  # fmt: skip


def _unit(sheet: Any) -> dict[str, Any]:
    a, result = sheet.assessment, sheet.final
    lost = [
        {"item": i.item.id, "metric": r.rule.metric, "fact": [r.fact.num, r.fact.den], "lost": r.lost / 100}
        for i in result.items().values() for r in i.reasons if r.lost
    ]  # fmt: skip
    return {
        "unit": a.unit.name, "scheme": a.key, "state": a.state, "total": result.total / 100, "level": result.level,
        "parts": {p.part.id: p.points / 100 for p in result.parts}, "bonus": result.bonus / 100, "vetoes": [v.id for v in result.vetoes], "lost": lost,
        "raise": [{"item": g.item.id, "metric": g.reason.rule.metric, "short": g.reason.short, "points": g.points / 100} for g in sheet.gains()[:3]],
    }  # fmt: skip
