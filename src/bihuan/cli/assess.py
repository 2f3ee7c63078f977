"""Assessment in the shell: the scores of a year."""

from __future__ import annotations

import json

import click

from bihuan.conf.starting import django_ready


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

    from bihuan.instruments.assessment.told import scored

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
