"""`bihuan bench kernel`: ratios of the kernel to the machine's limit, measured in one run, in a database of its own."""

from __future__ import annotations

import sqlite3
import statistics
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from .world import World, fill, microseconds

REPEATS = 3
CREATES = 1_500
INSERT = "INSERT INTO raw (number, kind, state, title, due_at, version) VALUES (?, 'obstacle', 'raised', '道路未贯通,影响设备进场', ?, 1)"


def measure(folder: Path, matters: int) -> dict[str, Any]:
    """The figures, in a fresh SQLite database."""
    world = World()
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


def _creates(world: World, n: int = CREATES) -> float:
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


def _where(world: World) -> dict[str, float]:
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
        "deciding_and_clock": microseconds(lambda: decide(None, command, kind, calendar)),
        "canonical_json_and_hash": microseconds(hashed),
        "one_durable_commit_with_one_update": microseconds(commit, 300),
        "whole_creation": round(1e6 / _creates(world, 300), 1),
    }


def _lists(world: World, total: int) -> dict[str, Any]:
    """The 95th percentile of first pages over filters that people use, in milliseconds."""
    from django.utils import timezone

    from bihuan.kernel.matters.selectors import capped, light_q, page, visible_to

    fill(world, total)
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

    found["peer_chinesecalendar_adds_per_s"] = round(1e6 / microseconds(peer, 300))
    return found
