"""`bihuan bench pages`: pages through the real server, with as many processes as cores, beside a bare answer of the same bytes."""

from __future__ import annotations

import http.client
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .ports import free_port
from .world import World, fill

if TYPE_CHECKING:
    from django.test import Client

LOOKS = 40
"""Requests by one client for the median of a page."""
CLIENTS = 16
SECONDS = 6.0
"""How long the clients together ask for a page."""


def measure(folder: Path, matters: int) -> dict[str, Any]:
    """{pages: {NAME: {officer: {p50_ms, p95_ms, queries, bytes, per_s}, leader: {…}}}, floor_ms, …}, in a fresh database."""
    from django.conf import settings
    from django.db import connection

    world = World()
    fill(world, matters)
    paths = _paths(world)
    people = {name: _signed_in(name) for name in ("officer", "leader")}
    queries = {who: {page: _queries(client, path) for page, path in paths.items()} for who, client in people.items()}
    connection.close()
    pages: dict[str, dict[str, Any]] = {page: {} for page in paths}
    with _served(["-m", "bihuan", "serve", "--no-worker", "--port"], "/healthz") as port:
        for who, client in people.items():
            cookie = f"sessionid={client.cookies['sessionid'].value}"
            for page, path in paths.items():
                times, size = _looks(port, path, cookie)
                pages[page][who] = {
                    **_spread(times), "queries": queries[who][page], "bytes": size, "per_s": _rate(port, path, cookie),
                }  # fmt: skip
    sizes = [found["bytes"] for by in pages.values() for found in by.values()]
    middle = int(statistics.median(sizes))
    with _served(["-m", "bihuan.bench.floor"], "/1", str(settings.PROCESSES), str(settings.THREADS)) as port:
        times, _size = _looks(port, f"/{middle}", "")
        floor = _spread(times)["p50_ms"]
        bare = _rate(port, f"/{middle}", "")
    medians = [found["p50_ms"] for by in pages.values() for found in by.values()]
    return {
        "matters": matters, "median_p50_ms": round(statistics.median(medians), 1), "floor_ms": floor, "floor_per_s": bare,
        "ratio": round(statistics.median(medians) / floor, 1), "processes": settings.PROCESSES, "clients": CLIENTS, "pages": pages,
    }  # fmt: skip


def _paths(world: World) -> dict[str, str]:
    from bihuan.kernel.domain.commands import Actor
    from bihuan.kernel.matters.selectors import subjects_visible_to
    from bihuan.kernel.matters.services import raise_matter

    number = raise_matter(
        actor=Actor("officer", frozenset({"u7"})), at=world.now, kind_id="obstacle", title="道路未贯通,影响设备进场", description="",
        subject=next(s for s in world.subjects if s.type == "project"), raiser=world.units[7],
    ).number  # fmt: skip
    seen = subjects_visible_to(world.viewers["officer"])
    codes = {t: seen.filter(type=t).values_list("code", flat=True)[0] for t in ("premises", "project")}
    return {
        "matters": "/matters/", "matters_filtered": "/matters/?state=handling&order=due", "desk": "/", "matter": f"/matters/{number}/",
        "premises": f"/subjects/{codes['premises']}/", "project": f"/subjects/{codes['project']}/", "fire": "/m/fire/",
        "search": "/matters/?text=%E9%81%93%E8%B7%AF",
    }  # fmt: skip


def _signed_in(name: str) -> Client:
    from django.conf import settings
    from django.test import Client

    from bihuan.kernel.orgs.models import Person

    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(Person.objects.get(username=name), backend=settings.AUTHENTICATION_BACKENDS[1])
    return client


def _queries(client: Client, path: str) -> int:
    """Queries of a second look."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(path)
    with CaptureQueriesContext(connection) as caught:
        answer = client.get(path)
    if answer.status_code != 200:
        raise click.ClickException(f"{path} answers {answer.status_code}")
    return len(caught)


@contextmanager
def _served(command: Sequence[str], up: str, *more: str) -> Iterator[int]:
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, *command, str(port), *more],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(port, up)
        yield port
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)


def _wait(port: int, path: str) -> None:
    for _ in range(300):
        try:
            if _get(_open(port), path, "")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise click.ClickException("The server did not answer.")


def _open(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=30)


def _get(connection: http.client.HTTPConnection, path: str, cookie: str) -> tuple[int, int]:
    connection.request("GET", path, headers={"Cookie": cookie, "Accept-Language": "zh-CN"})
    answer = connection.getresponse()
    return answer.status, len(answer.read())


def _looks(port: int, path: str, cookie: str) -> tuple[list[float], int]:
    """Milliseconds of each look of one client, and the bytes of the answer; the first looks of each process do not count."""
    connection = _open(port)
    times, size = [], 0
    for i in range(LOOKS + 8):
        begin = time.perf_counter()
        status, size = _get(connection, path, cookie)
        if status != 200:
            raise click.ClickException(f"{path} answers {status}")
        if i >= 8:
            times.append((time.perf_counter() - begin) * 1000)
    return times, size


def _spread(times: list[float]) -> dict[str, float]:
    found = sorted(times)
    return {"p50_ms": round(statistics.median(found), 1), "p95_ms": round(found[int(len(found) * 0.95)], 1)}


def _rate(port: int, path: str, cookie: str) -> float:
    """Answers a second to all clients together."""
    done, until = [0] * CLIENTS, time.monotonic() + SECONDS

    def ask(i: int) -> None:
        connection = _open(port)
        while time.monotonic() < until:
            status, _size = _get(connection, path, cookie)
            done[i] += status == 200

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(CLIENTS)]
    begin = time.monotonic()
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return round(sum(done) / (time.monotonic() - begin), 1)
