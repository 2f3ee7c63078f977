"""The demonstration district: facts of one newspaper page, and one invented year of work driven through the real services."""

from __future__ import annotations

import secrets
import tomllib
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from bihuan.instruments.administration import structure
from bihuan.instruments.notices.services import gather
from bihuan.instruments.plans.services import plan_make
from bihuan.kernel.access.viewer import viewer_of
from bihuan.kernel.calendars.services import notices_ship
from bihuan.kernel.domain.clocks import start_of
from bihuan.kernel.files.filing import subject_add
from bihuan.kernel.ledger import checkpoints
from bihuan.kernel.ledger.services import entered_as_happened
from bihuan.kernel.matters import finding
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.orgs.models import Person, Post, Territory, Unit
from bihuan.kernel.orgs.services import territory_add, unit_add
from bihuan.kernel.subjects.models import Subject

from .counselling import Counselling
from .financing import Financing
from .fire import Fire
from .projects import Promotion
from .responsibility import Responsibility
from .year import Year, clock_until

SEED = 20240424
ORIGIN = "bihuan.zhengdong.example/ledger"
"""What the demonstration's log is called where no setting says otherwise."""
HEADED = (Unit.Kind.BUREAU, Unit.Kind.TOWNSHIP, Unit.Kind.UTILITY, Unit.Kind.PLATFORM)
"""Kinds of unit whose head signs letters."""
Progress = Callable[[str, int, int], None]


def accounts_file() -> Path:
    """Where the demonstration accounts and their password stand; made at loading, never part of the source."""
    return Path(settings.DATA_DIR) / "demo-accounts.txt"


def loaded() -> bool:
    """Whether this database holds the district."""
    return Territory.objects.exists()


def load(*, progress: Progress, matters: int = 640) -> None:
    """Load everything in one transaction: an interrupted load leaves nothing behind."""
    data = tomllib.loads((settings.BASE_DIR / "demo" / "district.toml").read_text("utf-8"))
    password = secrets.token_urlsafe(9)
    with transaction.atomic(), entered_as_happened():
        district = _District(data, Random(SEED), progress)  # noqa: S311  a fixed seed, no secret
        district.organisation(password)
        district.subjects()
        year = Year(data, district.subjects_by_use, progress, SEED)
        year.run(matters)
        Promotion(data, district.subjects_by_use["promotion"], year, progress, Random(SEED + 2)).run()  # noqa: S311  a fixed seed, no secret
        Counselling(district.subjects_by_use["counselling"], progress, Random(SEED + 5)).run()  # noqa: S311  a fixed seed, no secret
        Financing(district.subjects_by_use["financing"], progress, Random(SEED + 6)).run()  # noqa: S311  a fixed seed, no secret
        Fire(district.subjects_by_use["fire"], progress, Random(SEED + 3)).run()  # noqa: S311  a fixed seed, no secret
        Responsibility(district.subjects_by_use["fire"], year, progress, Random(SEED + 4)).run()  # noqa: S311  a fixed seed, no secret
        _plans(data)
        _clock()
    _after()
    lines = [f"{p.username}\t{p.posts.first()}" for p in Person.objects.order_by("pk").prefetch_related("posts__unit")]
    accounts_file().write_text(f"password\t{password}\n" + "\n".join(lines) + "\n", "utf-8")
    accounts_file().chmod(0o600)


def _plans(data: dict[str, Any]) -> None:
    """Two promises that come again."""
    now, today = timezone.now(), timezone.localdate()
    for made, lead, work, title in (("xab", "xfdd", 0, "月度消防安全分析"), ("jfj", "dcs", 1, "重点项目月度督查")):
        subject = Subject.objects.get(name=data["facts"]["work"][min(work, len(data["facts"]["work"]) - 1)]["name"])
        person = Person.objects.filter(posts__unit__code=made, posts__role="officer").first()
        assert person is not None
        plan_make(
            viewer=viewer_of(person, today), at=now, unit=Unit.objects.get(code=made), lead=Unit.objects.get(code=lead), subject=subject,
            kind="meeting_task", title=title, every="month", day=31, start=today,
        )  # fmt: skip


def _clock() -> None:
    """What came due while the year was told, each at its own time: at a month's end that is more than nothing."""
    now = timezone.now()
    for number in list(Matter.objects.filter(next_at__lte=now).order_by("next_at").values_list("number", flat=True)):
        clock_until(number, now)


def _after() -> None:
    """What the worker would do in its first minutes: sign, index, tell."""
    now = timezone.now()
    checkpoints.make(at=now, origin=ORIGIN)
    while finding.settle():
        pass
    while gather(at=now):
        pass


class _District:
    def __init__(self, data: dict[str, Any], random: Random, progress: Progress) -> None:
        self.data, self.random, self.progress = data, random, progress
        self.now = timezone.now()
        self.born = start_of(date(2023, 12, 1))
        self.places: list[Territory] = []
        self.subjects_by_use: dict[str, list[Subject]] = {
            "fire": [],
            "promotion": [],
            "counselling": [],
            "financing": [],
            "work": [],
        }

    def organisation(self, password: str) -> None:
        """Territories, units, functions, people with posts; the holiday notices; a few pictures."""
        notices_ship(folder=settings.CATALOGUE / "holidays", at=self.born)
        d = self.data["district"]
        self.root = territory_add(code=d["code"], name=d["name"], level="district")
        townships = {"商都路办事处": "sdl", "如意湖办事处": "ryh", "祭城路办事处": "jcl", "龙子湖办事处": "lzh", "龙湖办事处": "lh", "博学路办事处": "bxl", "金光路办事处": "jgl", "豫兴路办事处": "yxl", "圃田乡": "pt", "杨桥办事处": "yq"}  # fmt: skip
        for t in self.data["township"]:
            code = townships[t["name"]]
            place = territory_add(code=code, name=t["name"], level="township", parent=self.root)
            self.places.append(place)
            unit_add(name=t["name"], kind="township", sector="", territory=place, code=code)
            short = t["name"].removesuffix("办事处")
            unit_add(name=f"{short}消防安全服务中心", kind="centre", sector="fire", territory=place, code=f"{code}zx")
        for name, (code, kind, sector, *functions) in self.data["units"].items():
            home = self.root if kind in ("bureau", "brigade", "centre") else None
            unit = unit_add(name=name, kind=kind, sector=sector, territory=home, code=code)
            for function in functions:
                structure.function_give(name=function, unit=unit, by="demonstration", at=self.born)
        self._people(password)
        self._told()

    def _told(self) -> None:
        """The district enters its structure: an event each."""
        by: dict[str, Any] = {"by": "demonstration", "at": self.born}
        for territory in Territory.objects.select_related("parent"):
            structure.territory_told(territory=territory, **by)
        for unit in Unit.objects.select_related("territory"):
            structure.unit_told(unit=unit, **by)
        for person in Person.objects.all():
            structure.person_told(person=person, **by)
        for post in Post.objects.select_related("unit", "person", "scope_territory"):
            structure.post_told(post=post, **by)

    def _people(self, password: str) -> None:
        template = Person(username="x")
        template.set_password(password)
        listed: dict[str, list[list[str]]] = self.data["accounts"]
        for unit in Unit.objects.select_related("territory"):
            rows = listed.get(unit.code, [[f"{unit.code}01", "officer", "经办"]] if unit.kind != "company" else [])
            if (unit.kind in HEADED or (unit.kind == Unit.Kind.CENTRE and unit.sector != "fire")) and not any(
                role == "head" for _name, role, _title in rows
            ):
                rows = [*rows, [f"{unit.code}00", "head", "负责人"]]
            for username, role, title in rows:
                name = f"示例员{username}"
                person = Person.objects.create(username=username, name=name, password=template.password)
                scope = (
                    unit.territory
                    if unit.kind in ("township", "centre")
                    else self.root
                    if self._wide(unit, role)
                    else None
                )
                sector = (
                    ""
                    if role in ("leader", "auditor") or unit.kind in ("township", "centre") or unit.code == "dcs"
                    else unit.sector
                )
                Post.objects.create(
                    unit=unit, title=title, role=role, person=person, scope_territory=scope, scope_sector=sector,
                    clearance=role == "leader", valid_from=date(2024, 1, 1),
                )  # fmt: skip
        Post.objects.create(
            unit=Unit.objects.get(code="lzhzx"),
            title="网格巡查",
            role="officer",
            valid_from=timezone.localdate() - timedelta(days=9),
        )

    @staticmethod
    def _wide(unit: Unit, role: str) -> bool:
        return role in ("leader", "auditor") or unit.code in ("dcs", "xab", "xfdd", "jfj", "zwj", "rzb")

    def subjects(self) -> None:
        """Named projects first, then invented ones that say so."""
        facts, invented = self.data["facts"], self.data["invented"]
        r = self.random
        for work in facts["work"]:
            self.subjects_by_use["work"].append(
                self._project(work["name"], self.root, work["lead"], ["专项工作"], work["about"])
            )
        for name in facts["promotion"]["projects"]:
            self.subjects_by_use["promotion"].append(
                self._project(name, r.choice(self.places), "jfj", ["重点项目", facts["promotion"]["label"]])
            )
        for name in [*facts["counselling"]["projects"], *facts["counselling"]["invented"]]:
            extra = [invented["label"]] if name in facts["counselling"]["invented"] else []
            self.subjects_by_use["counselling"].append(
                self._project(name, r.choice(self.places), "zwj", ["重点项目", facts["counselling"]["label"], *extra])
            )
        for name in facts["whitelist"]["projects"]:
            self.subjects_by_use["financing"].append(
                self._project(
                    name,
                    r.choice(self.places),
                    "rzb",
                    ["房地产", facts["whitelist"]["label"]],
                    facts["whitelist"]["about"],
                )
            )
        for name in facts["whitelist"]["invented"]:
            self.subjects_by_use["financing"].append(
                self._project(name, r.choice(self.places), "rzb", ["房地产", invented["label"]])
            )
        for i in range(invented["projects"] - 2):
            name = f"示例{r.choice(['产业园', '研发中心', '安置房', '道路工程', '学校', '标准厂房'])}项目{i + 1:02d}"
            about = {
                "总投资(万元)": str(r.randrange(3000, 120000, 500)),
                "年度计划(万元)": str(r.randrange(500, 9000, 100)),
            }
            self.subjects_by_use["promotion"].append(
                self._project(name, r.choice(self.places), "jfj", ["重点项目", invented["label"]], about)
            )
        total = invented["premises"]
        for i in range(total):
            if i % 50 == 0:
                self.progress("premises", i, total)
            kind, label = r.choice(invented["premises_kinds"])
            place = r.choice(self.places)
            short = place.name.removesuffix("办事处")
            subject = subject_add(
                person="示范数据", unit=place.code, at=self.born, entered_at=self.born, type="premises",
                name=f"{short}示例{kind}{i + 1:03d}", territory=place, owner=Unit.objects.get(code=place.code),
                address=f"{r.choice(invented['roads'])}{r.randrange(1, 200)}号", labels={label, invented["label"]},
            )  # fmt: skip
            self.subjects_by_use["fire"].append(subject)

    def _project(
        self, name: str, place: Territory, lead: str, labels: list[str], about: dict[str, str] | None = None
    ) -> Subject:
        return subject_add(
            person="示范数据", unit=lead, at=self.born, entered_at=self.born, type="project", name=name, territory=place,
            owner=Unit.objects.get(code=lead), labels=labels, facts=about or {},
        )  # fmt: skip
