"""`bihuan financing …`: lead banks, the lists at any day, statements."""

from __future__ import annotations

import json
import sys
import time
from datetime import date
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import click

from bihuan.conf.starting import django_ready

from .common import IsoDate

if TYPE_CHECKING:
    from bihuan.engines.matching import Problem

YI = 10_000_000_000
"""1亿元 in fen."""


@click.group()
def financing() -> None:
    """The financing white list: lead banks, lists, statements."""


def invented(needs: int, banks: int, seed: int) -> Problem:
    """Projects and banks of the sizes that a city has; room for all of them is tight."""
    from bihuan.engines.matching import Bank, Need, Problem

    r = Random(seed)  # noqa: S311  a fixed seed, no secret
    names = [f"银行{i + 1:02}" for i in range(banks)]
    made = []
    for i in range(needs):
        lenders = {b: r.randint(20, 400) * YI // 100 for b in r.sample(names, r.choice((0, 0, 1, 1, 2, 3)))}
        owner = r.choice(sorted(lenders)) if lenders and r.random() < 0.7 else ""
        tags = frozenset({r.choice(("normal", "normal", "trouble")), f"区{r.randint(1, 12)}"})
        made.append(
            Need(
                f"项目{i + 1:03}",
                r.randint(20, 900) * YI // 100,
                f"集团{r.randint(1, max(needs // 4, 1))}",
                lenders,
                owner,
                owner,
                tags,
            )
        )
    total = sum(n.amount for n in made)
    rough = [r.uniform(0.5, 1.8) for _ in names]
    return Problem(
        tuple(made),
        tuple(
            Bank(
                b, int(total * 1.08 * w / sum(rough)) // 1_000_000 * 1_000_000, max(int(1.3 * needs * w / sum(rough)), 1), r.choice((0, 30)) * YI // 100, r.choice((None, 700)) and 7 * YI,
                r.choice((15, 20, 30)), {"trouble": -r.randint(0, 40), f"区{r.randint(1, 12)}": r.randint(5, 30)}, frozenset(),
            )
            for b, w in zip(names, rough, strict=True)
        ),
    )  # fmt: skip


def read_problem(path: Path) -> Problem:
    """A problem as JSON: needs, banks, fixed; money in fen. ClickException for anything else, with its place."""
    from bihuan.engines.matching import Bank, Need, Problem, Weights

    try:
        data = json.loads(path.read_text("utf-8"))
        needs = tuple(
            Need(**{**n, "tags": frozenset(n.get("tags", ())), "barred": frozenset(n.get("barred", ()))})
            for n in data["needs"]
        )
        banks = tuple(Bank(**{**b, "never": frozenset(b.get("never", ()))}) for b in data["banks"])
        return Problem(needs, banks, Weights(**data.get("weights", {})), data.get("fixed", {}))
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise click.ClickException(f"{path.name}: {error}") from None


@financing.command("match")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--seconds", type=click.FloatRange(0.1, 600), default=15.0)
@click.option(
    "--invent",
    default="",
    metavar="NEEDSxBANKS",
    help="Invented projects and banks, such as 500x20, instead of the district's.",
)
@click.option("--seed", type=int, default=1)
def match(file: Path | None, as_json: bool, seconds: float, invent: str, seed: int) -> None:
    """Lead banks for the files that wait for one (or those in FILE, or invented ones): proposal, reasons, bound."""
    from bihuan.engines import matching as engine

    if file is not None:
        problem = read_problem(file)
    elif invent:
        left, _, right = invent.partition("x")
        if not (left.isdigit() and right.isdigit() and 1 <= int(left) <= 5_000 and 1 <= int(right) <= 200):
            raise click.ClickException(f"{invent}: write it as 500x20")
        problem = invented(int(left), int(right), seed)
    else:
        problem = _district()
    begun = time.perf_counter()
    first = engine.first(problem)
    took_first = time.perf_counter() - begun
    found = engine.match(problem, seconds, seed=seed)
    took = time.perf_counter() - begun
    told = {
        "needs": len(problem.needs), "banks": len(problem.banks), "matched": len(found.pairs), "seconds": round(took, 2),
        "first": {"matched": len(first), "value": engine.value(problem, first), "seconds": round(took_first, 4)}, **engine.data_of(found),
    }  # fmt: skip
    if as_json:
        json.dump(told, sys.stdout, ensure_ascii=False, indent=1)
        sys.stdout.write("\n")
        return
    click.echo(
        f"{told['matched']}/{told['needs']} 个项目 · 得分 {found.value},上界 {found.bound}(差 {told['gap_pct']}%) · {told['seconds']} 秒"
    )
    for x in found.pairs:
        click.echo(f"  {x.need} → {x.bank}  {x.points}" + ("  (人工)" if x.fixed else ""))


def _district() -> Problem:
    """What waits in the district's own record."""
    django_ready()
    from django.utils import timezone

    from bihuan.kernel.access.viewer import viewer_of
    from bihuan.kernel.orgs.models import Person
    from bihuan.kernel.orgs.selectors import carriers
    from bihuan.mechanisms.financing import leading
    from bihuan.mechanisms.financing.selectors import OFFICE

    person = (
        Person.objects.filter(posts__unit__code__in=carriers(OFFICE), posts__role__in=("officer", "head"))
        .order_by("username")
        .first()
    )
    if person is None:
        raise click.ClickException("Nobody holds a post in the coordinating office of financing.")
    return leading.problem(viewer_of(person, timezone.localdate()))


@financing.command("lists")
@click.option("--as-of", type=IsoDate(), default=None, help="End of this day; today when not given.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def lists_command(as_of: date | None, as_json: bool) -> None:
    """The published figures and the three lists at the end of a day, and the same out of the ledger alone. Exits 1 when they differ."""
    django_ready()
    from dataclasses import asdict

    from django.utils import timezone

    from bihuan.mechanisms.financing import lists

    today = timezone.localdate()
    day = as_of or today
    found = lists.whole(day, today)
    by_ledger = lists.by_ledger(day)
    told = {**lists.data_of(found), "ledger": asdict(by_ledger), "reconciled": by_ledger == found.figures}
    if as_json:
        json.dump(told, sys.stdout, ensure_ascii=False, indent=1)
        sys.stdout.write("\n")
    else:
        f = found.figures
        click.echo(f"{day} 推送 {f.pushed} · 纳入 {f.listed} · 授信 {f.credited} · 投放 {f.drawn} · 未纳入 {f.lists['unlisted']} 未授信 {f.lists['uncredited']} 未投放 {f.lists['undrawn']} · 与存证{'一致' if told['reconciled'] else '不一致'}")  # fmt: skip
    sys.exit(0 if told["reconciled"] else 1)


@financing.command("statement")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def statement(file: Path, as_json: bool) -> None:
    """How a bank statement is read: lines, in and out, what could not be read. Nothing is written. Exits 1 when it is none."""
    from bihuan.engines import registers as engine
    from bihuan.engines.registers.statements import read

    django_ready()
    from bihuan.mechanisms.financing.catalogue import heads

    begun = time.perf_counter()
    try:
        found = read(file, heads())
    except engine.Unreadable as error:
        raise click.ClickException(f"{file.name}: {error}") from None
    told: dict[str, Any] = {
        "lines": len(found.movements), "in_fen": sum(m.amount for m in found.movements if m.amount > 0), "out_fen": -sum(m.amount for m in found.movements if m.amount < 0),
        "failed": [[n, message % params] for n, message, params in found.failed], "seconds": round(time.perf_counter() - begun, 2),
    }  # fmt: skip
    if as_json:
        json.dump(told, sys.stdout, ensure_ascii=False, indent=1)
        sys.stdout.write("\n")
        return
    click.echo(f"{told['lines']} 行 · 收入 {told['in_fen']} 分 · 支出 {told['out_fen']} 分 · {told['seconds']} 秒")
    for _n, why in told["failed"]:
        click.echo(f"  {why}")
