"""`bihuan bench kernel`: ratios of the kernel to the machine's limit, measured in one run, in a database of its own."""

from __future__ import annotations

import json
import os
import platform
import secrets
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import click

REPEATS = 3
CREATES = 1_500
INSERT = "INSERT INTO raw (number, kind, state, title, due_at, version) VALUES (?, 'obstacle', 'raised', '道路未贯通,影响设备进场', ?, 1)"


def kernel(as_json: bool, matters: int) -> None:
    """Run in a fresh SQLite database and print the figures."""
    folder = Path(tempfile.mkdtemp(prefix="bihuan-bench-"))
    os.environ.update(BIHUAN_DATA=str(folder), DATABASE_URL="", BIHUAN_SECRET_KEY=secrets.token_hex())
    from . import django_ready

    django_ready()
    try:
        answer = _measure(folder, matters)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
    else:
        for key in ("create_ratio", "list_growth", "calendar_adds_per_s"):
            click.echo(f"{key}: {answer[key]}")


def _measure(folder: Path, matters: int) -> dict[str, Any]:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    world = _World()
    rounds = [(_raw(folder), _creates(world)) for _ in range(REPEATS)]
    ratios = [create / raw for raw, create in rounds]
    small = _lists(world, 5_000)
    large = _lists(world, matters)
    adds = _adds()
    return {
        "create_ratio": round(statistics.median(ratios), 3),
        "list_growth": round(large["p95_ms"] / small["p95_ms"], 2),
        "calendar_adds_per_s": round(adds["adds_per_s"]),
        "create": {
            "per_s": round(statistics.median(c for _, c in rounds)), "raw_inserts_per_s": round(statistics.median(r for r, _ in rounds)),
            "ratios": [round(r, 3) for r in ratios], "where": _where(world),
            "of": "raise_matter with durable commit (synchronous=FULL), chain, clock, permissions table, against single-row durable inserts with two indexes",
        },
        "list": {"small": small, "large": large, "of": "first page of 50 of a filtered list as an officer or a leader sees it, count capped at 1,000"},
        "calendar": adds,
        "machine": {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version, "cores": os.cpu_count()},
    }  # fmt: skip


def _raw(folder: Path) -> float:
    """Single-row durable inserts a second, with two secondary indexes."""
    path = folder / "raw.sqlite3"
    path.unlink(missing_ok=True)
    db = sqlite3.connect(path, isolation_level=None)
    for statement in (
        "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL",
        "CREATE TABLE raw (number INTEGER PRIMARY KEY, kind TEXT, state TEXT, title TEXT, due_at TEXT, version INTEGER)",
        "CREATE INDEX raw_due ON raw (due_at, number)", "CREATE INDEX raw_kind ON raw (kind, number)",
    ):  # fmt: skip
        db.execute(statement)
    begin = time.perf_counter()
    for i in range(CREATES):
        db.execute("BEGIN IMMEDIATE")
        db.execute(INSERT, (i, f"2026-{i % 12 + 1:02d}-01"))
        db.execute("COMMIT")
    return CREATES / (time.perf_counter() - begin)


class _World:
    """A district as large as a list needs: ten townships, sixty units, three hundred subjects."""

    def __init__(self) -> None:
        from django.conf import settings
        from django.utils import timezone

        from bihuan.kernel.access.viewer import viewer_of
        from bihuan.kernel.calendars.services import notices_ship
        from bihuan.kernel.matters.filing import subject_add
        from bihuan.kernel.orgs.models import Function, Person, Post
        from bihuan.kernel.orgs.services import territory_add, unit_add

        self.now = timezone.now()
        notices_ship(folder=settings.CATALOGUE / "holidays", at=self.now)
        root = territory_add(code="root", name="示例区", level="district")
        self.places = [
            territory_add(code=f"t{i}", name=f"示例乡镇{i}", level="township", parent=root) for i in range(10)
        ]
        self.units = [unit_add(name=f"示例单位{i}", kind="bureau", code=f"u{i}") for i in range(60)]
        for name in ("promotion", "fire", "financing", "counselling"):
            Function.objects.create(name=f"coordinate.{name}", unit=self.units[0])
        for name in ("supervision", "fire_inspection"):
            Function.objects.create(name=name, unit=self.units[1])
        self.subjects = [
            subject_add(
                person="bench", unit="u0", at=self.now, entered_at=self.now, type="project" if i % 2 else "premises",
                name=f"示例对象{i}", territory=self.places[i % 10],
            )
            for i in range(300)
        ]  # fmt: skip
        people = {}
        for name, unit, scope in (
            ("leader", self.units[0], root),
            ("officer", self.units[7], None),
            ("township", self.units[8], self.places[3]),
        ):
            people[name] = Person.objects.create(username=name, name=name)
            role = "leader" if name == "leader" else "officer"
            Post.objects.create(
                unit=unit,
                title="x",
                role=role,
                person=people[name],
                scope_territory=scope,
                clearance=True,
                valid_from=date(2020, 1, 1),
            )
        self.viewers = {name: viewer_of(p, timezone.localdate()) for name, p in people.items()}
        self.made = 0


def _creates(world: _World, n: int = CREATES) -> float:
    """Durable creations a second through the service layer."""
    from bihuan.kernel.domain.commands import Actor
    from bihuan.kernel.matters.services import raise_matter

    actor = Actor("officer", frozenset({"u7"}))
    projects = [s for s in world.subjects if s.type == "project"]
    begin = time.perf_counter()
    for i in range(n):
        raise_matter(
            actor=actor, at=world.now, kind_id="obstacle", title="道路未贯通,影响设备进场", description="", subject=projects[i % len(projects)],
            raiser=world.units[7],
        )  # fmt: skip
    return n / (time.perf_counter() - begin)


def _where(world: _World) -> dict[str, float]:
    """Where the time of a creation goes, in microseconds, each part alone."""
    from django.db import connection, transaction

    from bihuan.kernel.calendars.selectors import calendar_for
    from bihuan.kernel.domain import chain
    from bihuan.kernel.domain import commands as c
    from bihuan.kernel.domain.loop import decide
    from bihuan.kernel.ledger.services import envelope
    from bihuan.kernel.matters.catalogue import kind_on

    kind, calendar = kind_on("obstacle", date(2026, 1, 5)), calendar_for()
    command = c.Raise(c.Actor("officer", frozenset({"u7"})), world.now, "道路未贯通", "", "s", "t", "u7", "u0")
    event = decide(None, command, kind, calendar)[0]

    def commit() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE orgs_unit SET name = name || 'x' WHERE id = 60")

    def hashed() -> None:
        chain.link(chain.GENESIS, chain.canonical(envelope("matter:1", 1, event, world.now)))

    return {
        "deciding_and_clock": _microseconds(lambda: decide(None, command, kind, calendar)),
        "canonical_json_and_hash": _microseconds(hashed),
        "one_durable_commit_with_one_update": _microseconds(commit, 300),
        "whole_creation": round(1e6 / _creates(world, 300), 1),
    }


def _microseconds(work: Callable[[], object], n: int = 2_000) -> float:
    begin = time.perf_counter()
    for _ in range(n):
        work()
    return round((time.perf_counter() - begin) / n * 1e6, 1)


def _fill(world: _World, total: int) -> None:
    """Rows of matters up to `total`, written straight into the projection: lists read rows, not events."""
    from django.db import connection

    from bihuan.kernel.matters.models import Involvement, Matter

    random = Random(total)  # noqa: S311  a fixed seed, no secret
    kinds = [
        ("obstacle", "promotion", "economy"),
        ("demand", "promotion", "economy"),
        ("hazard_general", "fire", "fire"),
        ("question", "counselling", "approval"),
    ]
    have = Matter.objects.count()
    while have < total:
        rows, parts = [], []
        for i in range(have + 1_000_000, have + 1_000_000 + min(20_000, total - have)):
            kind, mechanism, sector = random.choice(kinds)
            subject = random.choice(world.subjects)
            state = random.choices(["raised", "assigned", "handling", "submitted", "closed"], [1, 2, 6, 1, 90])[0]
            lead, verifier = random.sample(world.units, 2)
            owed = verifier if state == "submitted" else lead
            due = world.now + timedelta(hours=random.randrange(-2000, 900))
            is_open = state != "closed"
            rows.append(
                Matter(
                    number=i, kind=kind, edition="2019-01-01", mechanism=mechanism, sector=sector, state=state, open=is_open,
                    title=f"示例事项{i}道路未贯通", subject=subject, territory_id=subject.territory_id, raiser=world.units[0],
                    assigner=world.units[0], lead=lead, verifier=verifier, owed_by=owed if is_open else None,
                    due_at=due if is_open else None, warn_at=due - timedelta(days=3) if is_open else None, raised_at=world.now, version=1,
                )
            )  # fmt: skip
            parts += [
                Involvement(matter_id=i, unit=u, role=r)
                for u, r in ((world.units[0], "assigner"), (lead, "lead"), (verifier, "verifier"))
            ]
        Matter.objects.bulk_create(rows, batch_size=2_000)
        Involvement.objects.bulk_create(parts, batch_size=2_000)
        have += len(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _lists(world: _World, total: int) -> dict[str, Any]:
    """The 95th percentile of first pages over filters that people use, in milliseconds."""
    from django.utils import timezone

    from bihuan.kernel.matters.selectors import capped, light_q, page, visible_to

    _fill(world, total)
    now = timezone.now()
    filters: dict[str, tuple[str, dict[str, Any], str]] = {
        "all": ("-number", {}, ""), "kind": ("-number", {"kind": "obstacle"}, ""), "kind by due": ("due", {"kind": "obstacle"}, ""),
        "territory": ("-number", {"territory": world.places[3]}, ""), "state": ("-number", {"state": "handling", "open": True}, ""),
        "red": ("due", {}, "red"), "amber": ("due", {}, "amber"), "green": ("due", {}, "green"),
        "subject": ("-number", {"subject": world.subjects[5]}, ""), "owed": ("due", {"owed_by": world.units[7]}, ""), "unit": ("-number", {}, ""),
    }  # fmt: skip
    times: list[float] = []
    by: dict[str, float] = {}
    for who, viewer in world.viewers.items():
        for name, (order, wanted, light) in filters.items():
            own = []
            for _ in range(12):
                rows = visible_to(viewer).filter(**wanted)
                rows = rows.filter(light_q(light, now)) if light else rows
                begin = time.perf_counter()
                page(rows, order, unit=world.units[9].pk if name == "unit" else None)
                own.append((time.perf_counter() - begin) * 1000)
            times += own[2:]
            by[f"{who}: {name}"] = round(statistics.median(own[2:]), 2)
            capped(rows)
    times.sort()
    slowest = dict(sorted(by.items(), key=lambda kv: -kv[1])[:5])
    return {
        "matters": total,
        "p50_ms": round(statistics.median(times), 2),
        "p95_ms": round(times[int(len(times) * 0.95)], 2),
        "slowest": slowest,
    }


def _adds() -> dict[str, Any]:
    """Working-day additions a second, with the loop over a library as the peer where it is installed."""
    from bihuan.kernel.calendars.selectors import calendar_for

    calendar = calendar_for()
    start, n = date(2024, 5, 1), 400_000
    begin = time.perf_counter()
    for _ in range(n):
        calendar.add(start, 20)
    rate = n / (time.perf_counter() - begin)
    found: dict[str, Any] = {"adds_per_s": round(rate)}
    try:
        import chinese_calendar
    except ImportError:
        return found

    def peer() -> None:
        day, left = start, 20
        while left:
            day += timedelta(days=1)
            left -= chinese_calendar.is_workday(day)

    found["peer_chinesecalendar_adds_per_s"] = round(1e6 / _microseconds(peer, 300))
    return found
