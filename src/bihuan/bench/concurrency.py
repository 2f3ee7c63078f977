"""`bihuan bench concurrency`: eight offices write at once on PostgreSQL, against what the database can do at all."""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any

from .postgres import programs
from .world import World

WRITERS = 8
SECONDS = 6
REPEATS = 3
TABLE = (
    "CREATE TABLE IF NOT EXISTS bench_raw (id bigserial PRIMARY KEY, kind text, state text, title text, due_at timestamptz, version int);"
    "CREATE INDEX IF NOT EXISTS bench_due ON bench_raw (due_at, id); CREATE INDEX IF NOT EXISTS bench_kind ON bench_raw (kind, id);"
)
INSERT = "INSERT INTO bench_raw (kind, state, title, due_at, version) VALUES ('obstacle', 'raised', '道路未贯通,影响设备进场', now(), 1);"


def measure(url: str) -> dict[str, Any]:
    """The figures, in the database at `url`."""
    from bihuan.kernel.ledger import proving
    from bihuan.kernel.ledger.verifying import Broken, verify

    world = World()
    numbers = _matters(world, 1_600)
    rounds = [(_pgbench(url), _writers("single", numbers), _writers("bulk", numbers)) for _ in range(REPEATS)]
    races = _races(numbers[-40:])
    acknowledged = sum(single["done"] + bulk["done"] for _, single, bulk in rounds) + races["won"]
    recorded = _reports()
    single = [w["per_s"] / raw for raw, w, _ in rounds]
    bulk = [w["per_s"] / raw for raw, _, w in rounds]
    return {
        "bulk_ratio": round(statistics.median(bulk), 3), "single_ratio": round(statistics.median(single), 3),
        "lost": max(0, acknowledged - recorded), "duplicate": max(0, recorded - acknowledged),
        "bulk_per_s": round(statistics.median(w["per_s"] for _, _, w in rounds)),
        "single_per_s": round(statistics.median(w["per_s"] for _, w, _ in rounds)),
        "pgbench_inserts_per_s": round(statistics.median(raw for raw, _, _ in rounds)),
        "bulk_ratios": [round(r, 3) for r in bulk], "single_ratios": [round(r, 3) for r in single],
        "acknowledged": acknowledged, "races": races,
        "broken": [str(b) for b in verify() if isinstance(b, Broken)], "differences": [str(d) for d in proving.differences("matter")],
        "of": "durable transitions a second of eight processes through the service layer, single: one a transaction, bulk: 25 matters "
        "a transaction as the list's bulk action does, against pgbench single-row inserts with two more indexes, eight clients",
    }  # fmt: skip


def _pgbench(url: str) -> float:
    """Single-row durable inserts a second of eight clients."""
    folder = programs()
    assert folder is not None
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(TABLE)
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(INSERT)
        script.flush()
        command: list[Any] = [
            folder / "pgbench",
            "-n",
            "-M",
            "prepared",
            "-c",
            WRITERS,
            "-j",
            2,
            "-T",
            SECONDS,
            "-f",
            script.name,
            url,
        ]
        out = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=True).stdout
    found = re.search(r"tps = ([\d.]+)", out)
    assert found is not None, out
    return float(found[1])


def _matters(world: World, n: int) -> list[int]:
    """Matters that are being handled, by one unit."""
    from bihuan.kernel.domain import commands as c
    from bihuan.kernel.matters.services import act, assignment, load, raise_matter

    projects = [s for s in world.subjects if s.type == "project"]
    office, lead = c.Actor("officer", frozenset({"u0"})), c.Actor("officer", frozenset({"u7"}))
    numbers = []
    for i in range(n):
        matter = raise_matter(
            actor=office, at=world.now, kind_id="obstacle", title="道路未贯通", description="", subject=projects[i % len(projects)], raiser=world.units[2],
        )  # fmt: skip
        state, kind, _ = load(matter.number)
        act(
            number=matter.number,
            command=c.Assign(office, world.now, "u7", (), limit=kind.limit, reason="", **assignment(kind, state, "u7")),
        )
        act(number=matter.number, command=c.Accept(lead, world.now))
        numbers.append(matter.number)
    return numbers


def _writers(how: str, numbers: list[int]) -> dict[str, Any]:
    """Transitions a second of eight processes, each on its own matters."""
    parts = [numbers[i::WRITERS] for i in range(WRITERS)]
    command = [sys.executable, "-m", "bihuan.bench.writer"]
    running = [
        subprocess.Popen([*command, how, str(SECONDS), *map(str, part)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for part in parts
    ]  # fmt: skip
    for p in running:
        assert p.stdout is not None
        assert p.stdout.readline() == "ready\n"
    for p in running:
        assert p.stdin is not None
        p.stdin.write("go\n")
        p.stdin.flush()
    done = spent = 0.0
    for p in running:
        out = p.communicate()[0]
        count, seconds = out.split()
        done, spent = done + int(count), max(spent, float(seconds))
    return {"done": int(done), "per_s": done / spent}


def _races(numbers: list[int]) -> dict[str, int]:
    """Eight processes give the same command to the same matters at the same version: one wins each, seven are told."""
    from bihuan.kernel.matters.services import load

    wanted = {n: load(n)[2].seq for n in numbers}
    words = [f"{n}:{v}" for n, v in wanted.items()]
    command = [sys.executable, "-m", "bihuan.bench.writer", "race", *words]
    begin = str(time.time() + 2.5)
    running = [subprocess.Popen([*command, begin], stdout=subprocess.PIPE, text=True) for _ in range(WRITERS)]
    won = told = 0
    for p in running:
        a, b = map(int, p.communicate()[0].split())
        won, told = won + a, told + b
    return {"matters": len(numbers), "won": won, "told": told}


def _reports() -> int:
    """How many transitions the ledger holds."""
    from bihuan.kernel.ledger.models import Event

    return Event.objects.filter(type__in=["Progressed", "Submitted"]).count()
