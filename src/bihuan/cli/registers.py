"""The `registers` group: spreadsheets that offices keep."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from .common import ROOT, IsoDate, shipped_calendar


@click.group()
def registers() -> None:
    """Read the spreadsheets that offices keep."""


@registers.command("read")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the reading as JSON.")
@click.option("--as-of", type=IsoDate(), default=None, help="Filing day, where the sheet does not state one.")
def registers_read(file: Path, as_json: bool, as_of: date | None) -> None:
    """Read FILE and print how it was read. Exits 1 when the file cannot be read."""
    from bihuan.engines import registers as engine

    schemas, aliases = engine.load(ROOT / "catalogue" / "registers")
    try:
        reading = engine.read(file, schemas, aliases=aliases, calendar=shipped_calendar(), as_of=as_of)
    except engine.Unreadable as error:
        click.echo(f"{file.name}: {error}", err=True)
        sys.exit(1)
    if as_json:
        for piece in reading.json():
            sys.stdout.write(piece)
        return
    about = reading.preamble
    click.echo(f"{reading.schema.name} · {about.title} · {about.as_of or '?'}")
    for row in reading.rows:
        mark = "✗" if row.refused else " "
        click.echo(
            f"{mark}{row.number:>6}  " + "  ".join(f"{k}={v}" for k, v in row.values.items() if v not in (None, [], ""))
        )
    for number, why in reading.skipped:
        click.echo(f" {number:>6}  ({why})")
    for problem in reading.problems:
        found = problem.data()
        click.echo(f"✗ {found['column']}{found['row']} {found['value']!r}: {found['reason']}")
