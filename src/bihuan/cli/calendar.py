"""The `calendar` group: working days."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from bihuan.conf.starting import django_ready

from .common import IsoDate, shipped_calendar


@click.group()
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
