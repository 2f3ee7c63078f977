"""`bihuan streams` and `bihuan rebuild`: what the record decides, whether every row equals its fold, and writing rows anew."""

from __future__ import annotations

import json
import sys

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def streams(as_json: bool) -> None:
    """The kinds of streams: how many there are, which rows they decide, whether those rows equal their events."""
    from bihuan.conf.starting import django_ready

    django_ready()
    from bihuan.kernel.ledger.proving import overview

    found = overview()
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for kind in found["kinds"]:
        mark = "✓" if kind["proven"] else "✗"
        click.echo(
            f"{mark} {kind['prefix']:<16} {kind['name']}: {kind['streams']} streams, {kind['events']} events, {kind['rows']} rows"
        )
    for table in found["outside"]:
        click.echo(f"  {table['table']}: {table['why']}")


@click.command()
@click.option("--check", is_flag=True, help="Only compare; write nothing.")
@click.option("--kind", default=None, help="Compare streams of this kind only (with --check).")
def rebuild(check: bool, kind: str | None) -> None:
    """Fold the ledger and write every row anew; with --check prove that rows equal their folds (exit 1 if not)."""
    from bihuan.conf.starting import django_ready

    django_ready()
    from bihuan.kernel.domain.refusal import Refused
    from bihuan.kernel.ledger import proving
    from bihuan.kernel.matters import finding
    from bihuan.kernel.registry.streams import kinds, tables

    if kind is not None and kind not in kinds:
        raise click.ClickException(f"There are no streams {kind!r}.")
    if check:
        n = 0
        for line in proving.differences(kind):
            n += 1
            click.echo(f"✗ {line}")
        click.echo(f"{n} differences")
        sys.exit(1 if n else 0)
    try:
        counts = proving.rebuild()
    except Refused as error:
        raise click.ClickException(error.message % error.params) from None
    for name, count in counts.items():
        click.echo(f"{count:>8} {name}")
    for _, table in tables():
        for column, why in table.undecided.items():
            click.echo(f"  {table.name}.{column} left as it is: {why}")
    matters, subjects = finding.rebuild()
    click.echo(f"{matters} matters and {subjects} projects and premises indexed")


@click.command()
@click.option("--by", required=True, help="Your account, for the record.")
@click.option("--reason", required=True, help="Why: an upgrade, or what was restored from where.")
def adopt(by: str, reason: str) -> None:
    """Take rows that no event tells of into the record as they stand: once, after an upgrade from an edition that recorded less."""
    from bihuan.conf.starting import django_ready

    django_ready()
    from django.utils import timezone

    from bihuan.kernel.domain.refusal import Refused
    from bihuan.kernel.ledger import adopting

    try:
        n = adopting.adopt(by=by, reason=reason, at=timezone.now())
    except Refused as error:
        raise click.ClickException(error.message % error.params) from None
    click.echo(f"{n} rows taken into the record")
