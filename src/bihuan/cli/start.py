"""Starting things: the worker, the server, the demonstration, Django's own commands."""

from __future__ import annotations

import os

import click

from bihuan.conf.starting import django_ready, lacking

from .common import ROOT


def _ready() -> None:
    """Start Django, and stop with one sentence where the database is older than the program."""
    django_ready()
    if sentence := lacking():
        raise click.ClickException(sentence)


@click.command()
@click.option("--every", type=click.FloatRange(0.2, 3600), default=30.0, help="Seconds between looks.")
@click.option("--once", is_flag=True, help="Look once and stop.")
def worker(every: float, once: bool) -> None:
    """The clock: reminders, supervision slips, planned resumptions. Any number may run."""
    _ready()
    from .working import run_worker

    run_worker(every, once)


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8000)
@click.option("--worker/--no-worker", "with_worker", default=True, help="Without it, run `bihuan worker` elsewhere.")
def serve(port: int, with_worker: bool) -> None:
    """Serve on 127.0.0.1 with one clock worker; Ctrl-C stops both."""
    _ready()
    from .serving import run_server

    run_server(port, [], with_worker)


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8000)
@click.option("--load-only", is_flag=True, help="Set up and load, then stop.")
def demo(port: int, load_only: bool) -> None:
    """Set up, load the demonstration district, serve it and print the accounts. Again changes nothing."""
    os.environ.setdefault("BIHUAN_MAP", str(ROOT / "demo" / "map.geojson"))
    django_ready()
    from .serving import run_demo

    run_demo(port, load_only)


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Django's own commands (migrate, createsuperuser, …)."""
    django_ready()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["bihuan manage", *arguments])
