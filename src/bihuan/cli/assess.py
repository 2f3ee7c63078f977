"""Assessment in the shell: the scores of a year."""

from __future__ import annotations

import json
import time
from datetime import datetime
from typing import Any

import click

from . import django_ready


@click.command()
@click.option("--year", type=click.IntRange(2000, 2100), required=True, help="Which year.")
@click.option("--scheme", "key", default="", help="One scheme only, such as fire.township.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print JSON: totals, parts, what was lost and why, what would raise it."
)
def assess(year: int, key: str, as_json: bool) -> None:
    """Score every unit under assessment in YEAR from the record, as it stands now. Exits 1 where none is."""
    django_ready()
    from django.utils import timezone

    told = scored(year, key, timezone.now())
    if not told["units"]:
        raise click.ClickException(
            f"No unit is under assessment in {year}; the office opens the year on the page of assessments."
        )
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    for unit in told["units"]:
        click.echo(f"{unit['total']:>7.2f}  {unit['level']:<9}  {unit['unit']}  ({unit['scheme']})")
    click.echo(f"{len(told['units'])} units, as of {told['as_of']}, {told['seconds']} s")


def scored(year: int, key: str, now: datetime) -> dict[str, Any]:
    """The scores with their reasons; points as numbers, facts as [counted, whole]."""
    from bihuan.instruments.assessment.models import Assessment
    from bihuan.instruments.assessment.reckoning import refresh, sheets
    from bihuan.instruments.assessment.selectors import full

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
