"""`bihuan plan …`: the approval path of a project."""

from __future__ import annotations

import json
import sys
import time
from datetime import date, datetime
from pathlib import Path

import click

from bihuan.kernel.domain.clocks import ZONE
from bihuan.kernel.domain.kinds import BadCatalogue
from bihuan.kernel.domain.refusal import Refused

from .common import ROOT, IsoDate, shipped_calendar

FOLDER = ROOT / "catalogue" / "approvals"


@click.group()
def plan() -> None:
    """Approvals: the path of a project, and the catalogue behind it."""


@plan.command("check")
@click.option("--folder", type=click.Path(exists=True, file_okay=False, path_type=Path), default=FOLDER)
def check(folder: Path) -> None:
    """Check the catalogue of approvals: names that nothing has, groups that never apply, circles. Exits 1 when one is found."""
    from bihuan.engines.approvals.catalogue import catalogue

    try:
        found = catalogue(folder)
    except BadCatalogue as error:
        raise click.ClickException(str(error)) from None
    marks = [i.mark for i in found.approvals]
    click.echo(
        f"{found.edition}: {len(marks)} items, {marks.count('confirmed')} confirmed, {len(found.milestones)} milestones"
    )


@plan.command("path")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--goal", default=None, help="START, FINISH or an item; FINISH when not given.")
@click.option("--as-of", type=IsoDate(), default=None, help="First day; today when neither this nor the file says it.")
def path(file: Path, as_json: bool, goal: str | None, as_of: date | None) -> None:
    """The path of the project in FILE (JSON): what applies and why, what it waits for, when. Exits 1 when FILE cannot be read."""
    from bihuan.engines.approvals import path as engine
    from bihuan.engines.approvals.catalogue import catalogue
    from bihuan.engines.approvals.telling import facts_of, path_data, situation_of

    c = catalogue(FOLDER)
    calendar = shipped_calendar()
    try:
        data = json.loads(file.read_text("utf-8"))
        if not isinstance(data, dict):
            raise click.ClickException(f"{file.name}: an object with type, facts and done is expected")
        if as_of is not None:
            data["as_of"] = as_of.isoformat()
        facts, situation = facts_of(data, c), situation_of(data, datetime.now(ZONE).date())
        towards = goal or data.get("goal", engine.FINISH)
        found = engine.plan(c, facts, situation, calendar, towards)
        told = path_data(found, engine.gains(found, calendar))
    except json.JSONDecodeError as error:
        raise click.ClickException(f"{file.name}: {error}") from None
    except Refused as error:
        raise click.ClickException(f"{file.name}, {error.field}: {error}") from None
    if as_json:
        json.dump(told, sys.stdout, ensure_ascii=False, indent=1)
        sys.stdout.write("\n")
        return
    click.echo(
        f"{c.types[facts.type].name} · {len(told['applicable'])} 项 · {told['goal']} {told['end'] or '✓'} ({told['workdays']} 个工作日)"
    )
    for step in found.left():
        item = c.items[step.id]
        mark = "●" if step.critical else " "
        waits = f" ← {'、'.join(step.missing)}" if step.missing else ""
        click.echo(f"{mark} {step.id} {item.name}  {step.start} – {step.end}  {step.days}日 宽裕{step.slack}日{waits}")
    click.echo("关键线路 " + " → ".join(found.critical))
    for won in told["matters_most"][:3]:
        click.echo(f"  {won['id']} {c.items[won['id']].name}: 现在办结可提前 {won['days']} 个工作日")


@plan.command("waits")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def waits(file: Path, as_json: bool) -> None:
    """Waits by step and group in a process log (CSV, also gzipped), and what ended after its plan."""
    from dataclasses import asdict

    from bihuan.engines.eventlog import read

    begun = time.perf_counter()
    try:
        log = read(file)
    except Refused as error:
        raise click.ClickException(f"{file.name}: {error}") from None
    told = {**asdict(log), "seconds": round(time.perf_counter() - begun, 3)}
    if as_json:
        json.dump(told, sys.stdout, ensure_ascii=False, indent=1)
        sys.stdout.write("\n")
        return
    click.echo(f"{log.cases} 件 · {log.events} 步 · 超过计划 {log.late}/{log.planned} 件 · {told['seconds']} 秒")
    for name, found in sorted({**log.steps}.items(), key=lambda x: -x[1].most):
        click.echo(f"  {name}: {found.n} 次,中位 {found.median} 天,八成 {found.most} 天")
    for name, found in sorted({**log.groups}.items(), key=lambda x: -x[1].most):
        click.echo(f"  [{name or '—'}] {found.n} 次,中位 {found.median} 天,八成 {found.most} 天")
