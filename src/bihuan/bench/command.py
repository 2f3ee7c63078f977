"""`bihuan bench …`: ratios to the machine's limit or to a peer, taken in the same run, in a database of the bench's own."""

from __future__ import annotations

import json
import os
import platform
import secrets
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click


def run(as_json: bool, measure: Callable[[Path], dict[str, Any]], url: str = "") -> None:
    """Measure in a folder of its own (and in the database at `url`, else fresh SQLite) and print the figures."""
    folder = Path(tempfile.mkdtemp(prefix="bihuan-bench-"))
    os.environ.update(BIHUAN_DATA=str(folder), DATABASE_URL=url, BIHUAN_SECRET_KEY=secrets.token_hex())
    os.environ.pop("BIHUAN_LEDGER_KEY", None)
    from bihuan.conf.starting import django_ready

    django_ready()
    from django.core.management import call_command

    try:
        call_command("migrate", verbosity=0)
        answer = measure(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    answer["machine"] = {
        "python": platform.python_version(), "sqlite": sqlite3.sqlite_version, "cores": os.cpu_count(),
    }  # fmt: skip
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
        return
    for key, value in answer.items():
        if not isinstance(value, dict | list):
            click.echo(f"{key}: {value}")


@click.group()
def bench() -> None:
    """Measure, as ratios to the machine's limit in the same run."""


JSON = click.option("--json", "as_json", is_flag=True, help="Print every figure.")


@bench.command("kernel")
@JSON
@click.option("--matters", type=click.IntRange(10_000, 5_000_000), default=500_000, help="Size of the large list.")
def kernel(as_json: bool, matters: int) -> None:
    """Creation, list growth and working-day arithmetic."""
    from .kernel import measure

    run(as_json, lambda folder: measure(folder, matters))


@bench.command("ledger")
@JSON
@click.option("--events", type=click.IntRange(10_000, 5_000_000), default=1_000_000, help="Size of the ledger.")
def ledger(as_json: bool, events: int) -> None:
    """Verification against a bare hash loop, growth, and one inclusion proof."""
    from .ledger import measure

    run(as_json, lambda folder: measure(events))


@bench.command("search")
@JSON
@click.option("--matters", type=click.IntRange(1_000, 5_000_000), default=500_000, help="How many matters.")
def search(as_json: bool, matters: int) -> None:
    """Chinese words: time of a first page, and recall against a substring scan."""
    from .search import measure

    run(as_json, lambda folder: measure(matters))


@bench.command("pages")
@JSON
@click.option("--matters", type=click.IntRange(1_000, 5_000_000), default=100_000, help="How many matters.")
def pages(as_json: bool, matters: int) -> None:
    """Pages through the real server, for one client and for sixteen, beside a bare answer of the same bytes."""
    from .pages import measure

    run(as_json, lambda folder: measure(folder, matters))


@bench.command("concurrency")
@JSON
def concurrency(as_json: bool) -> None:
    """Eight writers on a PostgreSQL of the bench's own, against pgbench in the same run."""
    from .concurrency import measure
    from .postgres import cluster, programs

    if programs() is None:
        raise click.ClickException("PostgreSQL (initdb, postgres, pgbench) is not on this machine.")
    with cluster() as url:
        run(as_json, lambda folder: measure(url), url)


@bench.command("promotion")
@JSON
def promotion(as_json: bool) -> None:
    """A meeting and a report for 60 projects, 5,000 rows of monthly figures."""
    from .promotion import measure

    run(as_json, lambda folder: measure())


@bench.command("fire")
@JSON
def fire(as_json: bool) -> None:
    """50,000 premises imported, their blind-spot page, a plan of visits among 5,000."""
    from .fire import measure

    run(as_json, lambda folder: measure())


@bench.command("assess")
@JSON
@click.option("--events", type=click.IntRange(10_000, 5_000_000), default=1_000_000, help="Size of the ledger.")
def assess(as_json: bool, events: int) -> None:
    """500 audiences scored over a million events, the first time and incrementally."""
    from .assess import measure

    run(as_json, lambda folder: measure(events))


@bench.command("planning")
@JSON
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="PSPLIB instances and bounds.",
)
@click.option("--seconds", type=click.FloatRange(0.1, 600), default=15.0, show_default=True, help="For each instance.")
@click.option("--seeds", type=click.IntRange(1, 9), default=3, show_default=True)
@click.option(
    "--only", multiple=True, type=click.Choice(["j30", "j30_hard", "j60", "j120", "first", "portfolio", "sessions"])
)
def planning(as_json: bool, data: Path, seconds: float, seeds: int, only: tuple[str, ...]) -> None:
    """Schedules under capacities against a plain CP-SAT model, many projects, timetables of sessions."""
    from .planning import measure

    told = measure(data, seconds, seeds, only, lambda text: click.echo(text, err=True))
    told["machine"] = {"python": platform.python_version(), "cores": os.cpu_count()}
    click.echo(
        json.dumps(told, ensure_ascii=False, indent=1) if as_json else "\n".join(f"{k}: {v}" for k, v in told.items())
    )
