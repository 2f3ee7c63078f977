"""Papers in the shell: check a Word file against the layout of official papers."""

from __future__ import annotations

import sys
from dataclasses import asdict
from json import dumps
from pathlib import Path

import click

from bihuan.adapters import word
from bihuan.kernel.domain.refusal import Refused


@click.group()
def papers() -> None:
    """Official papers: check their layout."""


@papers.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the faults as JSON.")
def check(files: tuple[Path, ...], as_json: bool) -> None:
    """List where each FILE departs from GB/T 9704: paper, margins, 22 lines a page, fonts, sizes, numbering, page numbers.

    Exits 1 when there are faults or a file is no .docx.
    """
    total = 0
    for file in files:
        try:
            faults = word.check(file.read_bytes())
        except Refused as error:
            raise click.ClickException(f"{file.name}: {error}") from None
        total += len(faults)
        if as_json:
            click.echo(dumps({"file": file.name, "faults": [asdict(f) for f in faults]}, ensure_ascii=False))
            continue
        for fault in faults:
            click.echo(f"{file.name}: {fault.place} {fault.rule}: {fault.found} → {fault.wanted}")
        click.echo(f"{file.name}: {len(faults)} faults")
    lacking = word.missing()
    if lacking and not as_json:
        click.echo(f"(not installed on this machine: {'、'.join(lacking)}; the file names them all the same)", err=True)
    sys.exit(1 if total else 0)
