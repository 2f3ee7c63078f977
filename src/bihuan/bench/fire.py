"""`bihuan bench fire`: importing 50,000 premises, the blind-spot page over them, a plan of visits among 5,000.

Peers in the same run: the import against reading the sheet with calamine and inserting as many bare rows; the page against
counting the bare rows; the plan's travel against the best of ten greedy runs on the same visits.
"""

from __future__ import annotations

import io
import time
from datetime import date, timedelta
from random import Random
from typing import Any

from .promotion import timed
from .world import World

PREMISES, PLANNED = 50_000, 5_000
USES = ("商店", "餐饮", "宾馆", "幼儿园", "诊所", "网吧", "养老院", "写字楼", "小区", "小作坊", "商场", "医院")


def measure(premises: int = PREMISES, planned: int = PLANNED) -> dict[str, Any]:
    """The figures."""
    from bihuan.kernel.access.viewer import viewer_of
    from bihuan.kernel.orgs.models import Person, Post

    world = World()
    person = Person.objects.create(username="office", name="office")
    root = world.places[0].parent
    Post.objects.create(
        unit=world.units[0], title="x", role="officer", person=person, scope_territory=root, valid_from=date(2020, 1, 1)
    )
    office = viewer_of(person, date.today())  # noqa: DTZ011  the machine's day
    data = _sheet(premises)
    return {**_import(world, office, data, premises), **_page(world, person, premises), **_plan(planned)}


def _sheet(n: int) -> bytes:
    from bihuan.adapters.excel import Column, xlsx

    r = Random(5)  # noqa: S311  a fixed seed, no secret
    heads = [
        "序号",
        "场所名称",
        "所属乡镇办",
        "地址",
        "用途",
        "建筑面积",
        "层数",
        "床位",
        "座位",
        "营业时间",
        "消防安全管理人",
        "经度",
        "纬度",
    ]
    middles = [(113.65 + r.random() * 0.25, 34.70 + r.random() * 0.15) for _ in range(10)]

    def row(i: int) -> list[str]:
        lon, lat = middles[i % 10]
        return [
            str(i + 1), f"示例场所{i:06d}", f"示例乡镇{i % 10}", f"示例路{i}号", r.choice(USES), str(r.randrange(20, 6000)), str(r.randrange(1, 30)),
            str(r.randrange(0, 200)), str(r.randrange(0, 300)), "09:00-22:00", "示例管理人" if r.random() < 0.8 else "",
            f"{lon + r.gauss(0, 0.01):.6f}", f"{lat + r.gauss(0, 0.008):.6f}",
        ]  # fmt: skip

    return xlsx("场所清单", [Column(h, width=12) for h in heads], [row(i) for i in range(n)])


def _import(world: World, office: Any, data: bytes, n: int) -> dict[str, Any]:
    import python_calamine
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.db import connection, transaction

    from bihuan.instruments.premises import imports
    from bihuan.kernel.ledger.models import Event
    from bihuan.mechanisms.fire.standing import follow

    before = Event.objects.count()
    told: list[int] = []

    def whole() -> dict[str, int]:
        made = imports.take(
            viewer=office, unit=world.units[0], upload=SimpleUploadedFile("清单.xlsx", data), at=world.now
        )
        imports.confirm(imported=made, at=world.now)
        return imports.write(imported=made, at=world.now)

    seconds, counts = timed(whole)
    events = Event.objects.count() - before

    def bare() -> None:
        python_calamine.load_workbook(io.BytesIO(data)).get_sheet_by_index(0).to_python()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("CREATE TABLE bare (id integer primary key, stream text, seq integer, body text, hash text)")
            rows = [(f"subject:{i}", 1, "x" * 400, "0" * 64) for i in range(n)]
            cursor.executemany("INSERT INTO bare (stream, seq, body, hash) VALUES (%s, %s, %s, %s)", rows)

    peer, _ = timed(bare)

    def reckon() -> None:
        while follow(now=world.now + timedelta(seconds=1)):
            told.append(1)

    reckoned, _ = timed(reckon)
    return {
        "import_seconds": round(seconds, 2), "import_premises": counts.get("new", 0), "import_events": events,
        "import_of_bare_read_and_insert": round(seconds / peer, 1), "standings_seconds": round(reckoned, 2),
    }  # fmt: skip


def _page(world: World, person: Any, n: int) -> dict[str, Any]:
    from django.db import connection
    from django.test import Client

    from bihuan.mechanisms.fire.models import Standing

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    bare, _ = timed(lambda: list(Standing.objects.values_list("pk", "watch_due")))
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    times = []
    for name in ("", "never", "late", "night", "sectorless"):
        begin = time.perf_counter()
        answer = client.get("/fire/blind/", {"spot": name} if name else {})
        times.append(time.perf_counter() - begin)
        if answer.status_code != 200:
            raise RuntimeError(f"the page of blind spots answers {answer.status_code}")
    return {
        "blind_page_seconds": round(max(times[1:]), 3), "blind_first_seconds": round(times[0], 3), "blind_of_bare_reading": round(max(times[1:]) / bare, 2),
        "standings": Standing.objects.count(),
    }  # fmt: skip


def _plan(planned: int) -> dict[str, Any]:
    """A day in December: among invented premises some whose period ends each day of the plan."""
    from bihuan.engines.visits import Site
    from bihuan.engines.visits_measured import proposed

    r = Random(1)  # noqa: S311  a fixed seed, no secret
    middles = [(113.65 + r.random() * 0.25, 34.70 + r.random() * 0.15) for _ in range(40)]
    found = []
    for i in range(planned):
        m = r.randrange(40)
        last = r.choice([-9, 0, 1, 2, 3, 4]) if r.random() < 0.05 else None
        place = (middles[m][0] + r.gauss(0, 0.008), middles[m][1] + r.gauss(0, 0.006))
        found.append(Site(f"s{i:05d}", place, last, r.randrange(1, 6), str(m % 10)))
    told = proposed(found, (113.77, 34.77), 8, 5, 20, "bench", 20)
    return {f"plan_{k}": v for k, v in told.items() if k not in ("visits", "drawn", "areas", "seed")}
