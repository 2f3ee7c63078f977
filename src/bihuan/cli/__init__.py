"""The `bihuan` command. Parts that need no database start without Django."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path

import click

from bihuan import __version__
from bihuan.kernel.domain.workdays import Workdays

ROOT = Path(__file__).resolve().parents[3]


def django_ready() -> None:
    """Start Django once, for the commands that need it."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.conf.settings")
    django.setup()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Bihuan 闭环: every promise of a district has an owner, a clock and proof."""


@main.group()
def registers() -> None:
    """Read the spreadsheets that offices keep."""


class IsoDate(click.ParamType[date]):
    """A date such as 2026-12-28."""

    name = "YYYY-MM-DD"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no date; write it as 2026-12-28", param, ctx)


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


def shipped_calendar() -> Workdays:
    """The calendar of the catalogue's notices, without a database."""
    from bihuan.kernel.calendars import rules

    return rules.calendar_of(rules.shipped(ROOT / "catalogue" / "holidays"))


@main.group("fire")
def fire_group() -> None:
    """Fire safety: judge a case, plan inspections."""


@main.group()
def calendar() -> None:
    """Working days: add, and load notices."""


@calendar.command("add")
@click.argument("start", type=IsoDate())
@click.argument("days", type=click.IntRange(0, 2000))
def calendar_add(start: date, days: int) -> None:
    """The DAYS-th working day after START, and why."""
    found = shipped_calendar()
    try:
        due = found.add(start, days)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    click.echo(
        f"{due}{' (provisional: the holidays of that year are not published)' if found.is_provisional(due) else ''}"
    )
    skipped = found.explain(start, due)
    weekends = sum(s.kind == "weekend" for s in skipped)
    click.echo(f"  {start} is not counted; {days} working days; {weekends} weekend days skipped")
    for s in skipped:
        if s.kind == "holiday":
            click.echo(f"  {s.day} skipped: {s.reason} ({s.source})")
        elif s.kind == "makeup":
            click.echo(f"  {s.day} counted: make-up working day ({s.source})")


@calendar.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def calendar_load(file: Path) -> None:
    """Load a notice of holidays (TOML) and re-clock every open matter that it moves."""
    django_ready()
    from django.utils import timezone

    from bihuan.kernel.calendars.rules import parse
    from bihuan.kernel.calendars.services import notice_load
    from bihuan.kernel.domain.refusal import Refused
    from bihuan.kernel.matters.clockwork import reclock

    now = timezone.now()
    try:
        notice = notice_load(notice=parse(file.read_text("utf-8")), actor="shell", at=now)
    except Refused as error:
        raise click.ClickException(str(error)) from None

    def show(done: int, of: int) -> bool:
        click.echo(f"\r{done}/{of}", nl=done == of, err=True)
        return True

    click.echo(f"{notice.number}: {reclock(at=now, notice=notice.number, progress=show)} due dates moved")


@main.command()
@click.option("--every", type=click.FloatRange(0.2, 3600), default=30.0, help="Seconds between looks.")
@click.option("--once", is_flag=True, help="Look once and stop.")
def worker(every: float, once: bool) -> None:
    """The clock: reminders, supervision slips, planned resumptions. Any number may run."""
    django_ready()
    from .working import run_worker

    run_worker(every, once)


@main.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8000)
@click.option("--worker/--no-worker", "with_worker", default=True, help="Without it, run `bihuan worker` elsewhere.")
def serve(port: int, with_worker: bool) -> None:
    """Serve on 127.0.0.1 with one clock worker; Ctrl-C stops both."""
    django_ready()
    from .serving import run_server

    run_server(port, [], with_worker)


@main.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8000)
@click.option("--load-only", is_flag=True, help="Set up and load, then stop.")
def demo(port: int, load_only: bool) -> None:
    """Set up, load the demonstration district, serve it and print the accounts. Again changes nothing."""
    os.environ.setdefault("BIHUAN_MAP", str(ROOT / "demo" / "map.geojson"))
    django_ready()
    from .serving import run_demo

    run_demo(port, load_only)


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Django's own commands (migrate, createsuperuser, …)."""
    django_ready()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["bihuan manage", *arguments])


from . import bench, chaos, financing, fire, operations, papers, people, planning, record, streams  # noqa: E402, F401  their commands hang on the groups above
from .assess import assess as assess_command  # noqa: E402

main.add_command(assess_command)
main.add_command(bench.bench)
main.add_command(chaos.chaos)
main.add_command(papers.papers)
main.add_command(people.administrator)
main.add_command(operations.clock)
main.add_command(operations.health)
main.add_command(operations.prove)
main.add_command(record.verify)
main.add_command(streams.adopt)
main.add_command(streams.rebuild)
main.add_command(streams.streams)
main.add_command(record.checkpoint)
main.add_command(record.receipt)
