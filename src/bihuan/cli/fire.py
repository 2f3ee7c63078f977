"""Fire safety in the shell: judge a case, plan inspections, load tables."""

from __future__ import annotations

import json
import sys
import tomllib
from datetime import date, timedelta
from pathlib import Path

import click

from bihuan.conf.starting import django_ready

from .common import ROOT, IsoDate


@click.group()
def fire() -> None:
    """Fire safety: judge a case, plan inspections."""


@fire.command("determine")
@click.argument("case", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--table",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A loaded table (TOML) beside the shipped ones.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def determine(case: Path, table: Path | None, as_json: bool) -> None:
    """Judge CASE (JSON: day, place, direct, items, measures, traits, excluded) under the edition in force on its day."""
    from bihuan.kernel.domain.kinds import BadCatalogue
    from bihuan.kernel.domain.refusal import Refused
    from bihuan.mechanisms.fire import judgement

    try:
        found = list(judgement.shipped(ROOT / "catalogue" / "fire" / "judgement.toml"))
        if table is not None:
            loaded = judgement.editions(tomllib.loads(table.read_text("utf-8"))["edition"], table.name)
            found = [e for e in found if e.id not in {x.id for x in loaded}] + list(loaded)
        judged = judgement.determine(judgement.case_of(json.loads(case.read_text("utf-8"))), found)
    except (json.JSONDecodeError, tomllib.TOMLDecodeError, BadCatalogue) as error:
        raise click.ClickException(f"{case.name}: {error}") from None
    except Refused as error:
        raise click.ClickException(error.message % error.params if error.params else error.message) from None
    told = judgement.as_data(judged)
    if as_json:
        json.dump(told, sys.stdout, ensure_ascii=False, indent=1)
        sys.stdout.write("\n")
        return
    click.echo(f"{judged.edition.name}: {'重大火灾隐患' if judged.major else '不构成重大火灾隐患'} ({judged.how})")
    for c in judged.direct:
        click.echo(f"  {c.id} {c.text}")
    for t in told["comprehensive"]["thresholds"]:
        click.echo(f"  {t['n']}/{t['least']}: {', '.join(t['counted']) or '—'}{'' if t['confirmed'] else ' (待核对)'}")


@fire.command("plan")
@click.option("--teams", type=click.IntRange(1, 40), default=4, show_default=True)
@click.option("--days", type=click.IntRange(1, 20), default=5, show_default=True)
@click.option("--from", "begins", type=IsoDate(), default=None, help="First day; tomorrow when not given.")
@click.option("--share", type=click.IntRange(0, 100), default=20, show_default=True, help="Hundredths drawn by lot.")
@click.option("--seed", default="", help="Seed of the lot; the record's last event when not given.")
@click.option("--seconds", type=click.FloatRange(0.5, 600), default=12, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def plan(teams: int, days: int, begins: date | None, share: int, seed: str, seconds: float, as_json: bool) -> None:
    """Propose who visits which premises on which day, and hold its travel against ten greedy runs. Writes nothing."""
    django_ready()
    from django.utils import timezone

    from bihuan.engines.visits_measured import proposed
    from bihuan.kernel.ledger.selectors import public_seed
    from bihuan.mechanisms.fire.models import Standing
    from bihuan.mechanisms.fire.planning import sites, workdays
    from bihuan.mechanisms.fire.standing import follow

    while follow(now=timezone.now()):
        pass
    on = workdays(begins or timezone.localdate() + timedelta(days=1), days)
    found, base = sites(Standing.objects.order_by("pk"), on)
    told = proposed(found, base, teams, days, share, seed or public_seed("visits:shell"), seconds)
    told["on"] = [d.isoformat() for d in on]
    if as_json:
        json.dump(told, sys.stdout, ensure_ascii=False, indent=1)
        sys.stdout.write("\n")
        return
    click.echo(f"{told['planned']} of {told['premises']} premises, {told['kilometres']} km, {told['seconds']} s")
    click.echo(
        f"legal periods: {told['legal_kept']} kept, {told['legal_missed']} without room; travel {told['travel_ratio']} of greedy"
    )
