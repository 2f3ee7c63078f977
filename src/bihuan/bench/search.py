"""`bihuan bench search`: Chinese words over many matters, against a substring scan of the same rows."""

from __future__ import annotations

import statistics
import time
from random import Random
from typing import Any

from .world import World, fill

PLACES = "金水东路 商都路 龙湖外环 如意河 通泰路 东风南路 心怡路 康平路 普惠路 明理路 博学路 平安大道 郑开大道 前程路 白沙园区".split()
THINGS = "消防通道 喷淋系统 应急照明 疏散楼梯 防火门 电动自行车 燃气管道 消火栓 配电箱 排烟风机 施工许可 供电方案 污水管网 征收补偿 项目贷款".split()
FAULTS = (
    "堵塞 瘫痪 损坏 缺失 未贯通 未办理 未到位 超期 锁闭 私拉乱接 资金缺口 设计变更 待审批 已整改 复查不合格".split()
)
RARE = "䶮 𠮷 A12-3 壬寅 丙-07".split()


def measure(matters: int) -> dict[str, Any]:
    """The figures."""
    from bihuan.kernel.matters.finding import MATTERS, newest, reindex, settle
    from bihuan.kernel.matters.models import Matter
    from bihuan.kernel.matters.selectors import visible_to
    from bihuan.kernel.search.grams import words

    world = World()
    fill(world, matters)
    _titles(matters)
    begin = time.perf_counter()
    reindex(Matter.objects.all())
    while settle():
        pass
    built = time.perf_counter() - begin
    queries = sorted({w[i : i + 2] for w in PLACES + THINGS + FAULTS for i in range(len(w) - 1)}) + RARE
    more = ["消防 堵塞", "商都路 消防通道 损坏", "电动自行车", "施工许可 龙湖外环", "A12-3 消防", "无此文字", "消"]
    by: dict[str, list[float]] = {"two characters": [], "other": []}
    pages: list[tuple[Any, str, list[int]]] = []
    slow = []
    for who, viewer in world.viewers.items():
        rows = visible_to(viewer).select_related("subject", "territory", "lead", "owed_by")
        for query in queries + more:
            begin = time.perf_counter()
            found = newest(rows, query, 51)
            spent = (time.perf_counter() - begin) * 1000
            by["two characters" if len(query) == 2 else "other"].append(spent)
            slow.append((round(spent, 1), f"{who}: {query}"))
            pages.append((viewer, query, [m.pk for m in found]))
    scans = []
    for query in queries[:10]:
        begin = time.perf_counter()
        list(Matter.objects.filter(title__contains=query).order_by("-number")[:51])
        scans.append((time.perf_counter() - begin) * 1000)
    wrong = sum(found != _scan(viewer, words(query)) for viewer, query, found in pages)
    recall = _recall(MATTERS, queries + more)
    two = sorted(by["two characters"])
    return {
        "p95_ms": round(two[int(len(two) * 0.95)], 2), "p50_ms": round(statistics.median(two), 2), "recall": recall,
        "wrong_first_pages": wrong, "matters": matters, "queries": len(two) + len(by["other"]),
        "other_p95_ms": round(sorted(by["other"])[int(len(by["other"]) * 0.95)], 2), "slowest": sorted(slow)[-5:],
        "like_scan_p50_ms": round(statistics.median(scans), 2), "index_documents_per_s": round(matters / built),
        "of": "first page of 50 as a leader, an officer and a township see it; recall and wrong pages against a substring scan",
    }  # fmt: skip


def _titles(total: int) -> None:
    """Give the matters titles of invented words, some rare ones among them."""
    from bihuan.kernel.matters.models import Matter

    random = Random(7)  # noqa: S311  a fixed seed, no secret
    batch: list[Matter] = []
    for n, matter in enumerate(Matter.objects.only("number", "title").order_by("number").iterator(5_000)):
        rare = random.choice(RARE) if n % 997 == 0 else ""
        matter.title = (
            f"{random.choice(PLACES)}{random.randrange(400)}号{random.choice(THINGS)}{rare}{random.choice(FAULTS)}"
        )
        batch.append(matter)
        if len(batch) == 5_000:
            Matter.objects.bulk_update(batch, ["title"], batch_size=500)
            batch = []
    Matter.objects.bulk_update(batch, ["title"], batch_size=500)


def _texts() -> dict[int, str]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT id, text FROM search_matter")
        return dict(cursor.fetchall())


def _scan(viewer: Any, wanted: list[str]) -> list[int]:
    """What a scan of all documents gives as the first page."""
    from bihuan.kernel.matters.selectors import visible_to

    key = id(viewer)
    if key not in _SEEN:
        texts = _texts()
        numbers = visible_to(viewer).order_by("-number").values_list("number", flat=True)
        _SEEN[key] = [(n, texts[n]) for n in numbers.iterator(5_000)]
    found = []
    for number, text in _SEEN[key]:
        if all(w in text for w in wanted):
            found.append(number)
            if len(found) == 51:
                break
    return found


_SEEN: dict[int, list[tuple[int, str]]] = {}


def _recall(index: Any, queries: list[str]) -> float:
    """The share of a scan's hits that the index gives, over all queries; its own extra hits count as missing."""
    from django.db import connection

    from bihuan.kernel.search.grams import words

    texts = _texts()
    hits = good = 0
    for query in queries:
        wanted = words(query)
        truth = {n for n, text in texts.items() if all(w in text for w in wanted)}
        sql, params = index.query(wanted)
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            found = {row[0] for row in cursor.fetchall()}
        hits += len(truth | found)
        good += len(truth & found)
    return round(good / hits, 6)
