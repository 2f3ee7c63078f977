"""The `bihuan` command. Parts that need no database start without Django."""

from __future__ import annotations

import click

from bihuan import __version__
from bihuan.bench import chaos
from bihuan.bench.command import bench

from . import assess, calendar, financing, fire, operations, papers, people, planning, record, registers, start, streams


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Bihuan 闭环: every promise of a district has an owner, a clock and proof."""


for command in (
    start.worker, start.serve, start.demo, start.manage, people.administrator, registers.registers, calendar.calendar, papers.papers,
    fire.fire, financing.financing, planning.plan, assess.assess, operations.clock, operations.health, operations.prove,
    record.verify, record.checkpoint, record.receipt, streams.adopt, streams.rebuild, streams.streams, bench, chaos.chaos,
):  # fmt: skip
    main.add_command(command)
