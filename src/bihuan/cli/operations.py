"""Operations in the shell: health, and the nightly proof by hand."""

from __future__ import annotations

import json
import sys

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def health(as_json: bool) -> None:
    """Whether this installation works: worker, duties, proof, key, copy, disk. Exits 1 where something is wrong."""
    from bihuan.conf.starting import django_ready

    django_ready()
    from django.utils import timezone

    from bihuan.operations.health import state

    found = state(timezone.now())
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        for fault in found["faults"]:
            click.echo(f"✗ {fault}")
        click.echo("all is well" if found["ok"] else f"{len(found['faults'])} faults")
    sys.exit(0 if found["ok"] else 1)


@click.command()
def prove() -> None:
    """Check the whole record now, as the worker does every night, and keep what was found. Exits 1 where something does not hold."""
    from bihuan.conf.starting import django_ready

    django_ready()
    from django.utils import timezone

    from bihuan.operations import integrity

    faults = integrity.prove(timezone.now())
    for kind, row in integrity.latest():
        if row is not None:
            click.echo(
                f"{'✗' if row.found else '✓'} {kind.name}: {row.found} faults, looked at {json.dumps(row.looked_at)[:160]}"
            )
            for fault in row.faults:
                click.echo(f"    {fault}")
    sys.exit(1 if faults else 0)


@click.group()
def clock() -> None:
    """The clock of the worker: what the record makes of it, and saying that it is right."""


@clock.command("show")
def clock_show() -> None:
    """How now stands to the newest entry of the record. Exits 1 where the worker waits."""
    from bihuan.conf.starting import django_ready

    django_ready()
    from django.utils import timezone

    from bihuan.kernel.ledger.clockguard import clock_state

    found = clock_state(timezone.now())
    click.echo(
        f"{found.state}: now {found.now.isoformat()}, newest entry {found.seen.isoformat() if found.seen else 'none'}"
    )
    sys.exit(0 if found.state == "fine" else 1)


@clock.command("accept")
@click.option("--by", required=True, help="Your account, for the record.")
@click.option("--reason", required=True, help="Why the clock is right.")
def clock_accept(by: str, reason: str) -> None:
    """Say that the clock is right, so that the worker acts again."""
    from bihuan.conf.starting import django_ready

    django_ready()
    from django.utils import timezone

    from bihuan.kernel.domain.refusal import Refused
    from bihuan.kernel.ledger import clockguard

    try:
        clockguard.clock_accept(by=by, reason=reason, at=timezone.now())
    except Refused as error:
        raise click.ClickException(error.message % error.params) from None
    click.echo("the worker acts again")
