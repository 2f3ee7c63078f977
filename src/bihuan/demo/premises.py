"""Invented files of premises: facts, places, tenants, posts, facilities."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from django.conf import settings
from django.utils import timezone

from bihuan.instruments.premises.services import relabel
from bihuan.kernel.files.filing import Entry, file_entries
from bihuan.kernel.subjects.models import Subject

USES: dict[str, tuple[str, dict[str, Any]]] = {
    "商场": ("mall", {"area": (3000, 40000), "floors": (3, 6), "facilities": 1}), "写字楼": ("office", {"area": (8000, 60000), "floors": (12, 32), "height": (45, 130), "facilities": 1, "control_room": 1}),
    "公寓": ("hotel", {"area": (3000, 20000), "rooms": (30, 200), "beds": (40, 260), "height": (24, 90), "facilities": 1}), "幼儿园": ("kindergarten", {"area": (800, 4000), "pupils": (60, 360)}),
    "餐饮店": ("restaurant", {"area": (60, 900), "seats": (20, 260), "gas": 1}), "宾馆": ("hotel", {"area": (1500, 20000), "rooms": (20, 180), "beds": (30, 240), "facilities": 1}),
    "仓库": ("warehouse", {"area": (800, 20000)}), "小超市": ("shop", {"area": (60, 280)}), "医院": ("hospital", {"area": (4000, 60000), "beds": (40, 600), "facilities": 1, "control_room": 1}),
    "养老院": ("elderly", {"area": (800, 9000), "beds": (30, 240), "facilities": 1}), "培训机构": ("training", {"area": (150, 1200), "pupils": (30, 300)}), "工地": ("site", {"staff": (30, 600)}),
    "住宅小区": ("residential", {"floors": (11, 33), "height": (33, 100), "ebike": 1}), "加油站": ("petrol", {"area": (300, 1200)}), "网吧": ("netcafe", {"area": (150, 600)}),
}  # fmt: skip
HOURS = {
    "mall": "09:30-22:00",
    "restaurant": "10:00-23:00",
    "shop": "08:00-22:00",
    "netcafe": "00:00-24:00",
    "hotel": "00:00-24:00",
}
SECTORS = {
    "hospital": "wjj", "kindergarten": "jyj", "training": "jyj", "elderly": "mzj", "mall": "scj", "netcafe": "wlj", "site": "jsj", "residential": "jsj",
}  # fmt: skip
TENANTS = ["示例茶饮", "示例便利店", "示例健身", "示例剧本馆", "示例托管班", "示例维修部"]


def middles() -> dict[str, tuple[float, float]]:
    """The middle of each township on the schematic map."""
    shapes = json.loads((settings.BASE_DIR / "demo" / "map.geojson").read_text("utf-8"))
    found = {}
    for f in shapes["features"]:
        ring = f["geometry"]["coordinates"][0][:-1]
        found[f["properties"]["code"]] = (sum(p[0] for p in ring) / len(ring), sum(p[1] for p in ring) / len(ring))
    return found


class Files:
    """Files for premises that are there already."""

    def __init__(self, subjects: list[Subject], progress: Callable[[str, int, int], None], random: Random) -> None:
        self.subjects, self.progress, self.random = subjects, progress, random
        self.now, self.today, self.middles = timezone.now(), timezone.localdate(), middles()

    def run(self) -> None:
        """All of them, with the labels that their facts give."""
        r, entries = self.random, []
        born = self.now - timedelta(days=480)
        for s in self.subjects:
            use, spans = USES[next(k for k in USES if f"示例{k}" in s.name)]
            facts: dict[str, Any] = {"use": use, "hours": HOURS.get(use)}
            facts |= {k: (bool(r.random() < 0.8) or None) if v == 1 else r.randrange(*v) for k, v in spans.items()}
            if r.random() < 0.85:
                facts["manager"] = f"示例管理人{r.randrange(1, 90)}"
            middle = self.middles[s.territory.code]
            place = {"lon": f"{middle[0] + r.gauss(0, 0.006):.6f}", "lat": f"{middle[1] + r.gauss(0, 0.005):.6f}"}
            entries.append(Entry(s, "facts", "main", {k: v for k, v in facts.items() if v is not None}))
            entries.append(Entry(s, "place", "main", place))
            if use in SECTORS and r.random() < 0.9:
                entries.append(Entry(s, "parties", "sector", {"unit": SECTORS[use]}))
            entries += self._people(s, use)
        file_entries(entries=entries, person="示范数据", unit="xab", at=born)
        fresh = Subject.objects.select_related("file", "unit").in_bulk([s.pk for s in self.subjects])
        for i, s in enumerate(fresh.values()):
            if i % 50 == 0:
                self.progress("premises files", i, len(fresh))
            relabel(s, "示范数据", "xab", born)

    def _people(self, s: Subject, use: str) -> list[Entry]:
        r, found = self.random, []
        if use in ("mall", "office", "residential"):
            for i in range(r.choice([0, 1, 2])):
                since = self.today - timedelta(days=r.randrange(3, 300))
                seen = (
                    since + timedelta(days=6) if r.random() < 0.6 and since + timedelta(days=6) <= self.today else None
                )
                values = {
                    "name": r.choice(TENANTS),
                    "use": "shop",
                    "floor": f"{i + 1}层",
                    "since": since.isoformat(),
                    "seen": seen.isoformat() if seen else None,
                }
                found.append(Entry(s, "tenant", f"t{i}", values))
        if use in ("hospital", "hotel", "office", "elderly"):
            empty = r.random() < 0.12
            day = (self.today - timedelta(days=r.randrange(8, 60))).isoformat()
            values = {"vacant": day} if empty else {"name": f"示例值班员{r.randrange(1, 60)}", "since": day}
            found.append(Entry(s, "post", "消防控制室值班", values))
            if r.random() < 0.08:
                out = (self.today - timedelta(days=r.randrange(1, 20))).isoformat()
                found.append(Entry(s, "facility", r.choice(["alarm", "sprinkler", "smoke"]), {"out": out}))
        return found
