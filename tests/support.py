"""A small district for tests: units, posts, personas, subjects, and short ways to walk a matter."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from bihuan.cli.working import run_tasks
from bihuan.instruments.administration import structure
from bihuan.kernel.access.viewer import Viewer, viewer_of
from bihuan.kernel.calendars.services import notices_ship
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import ZONE
from bihuan.kernel.evidence.models import Staged
from bihuan.kernel.evidence.services import stage
from bihuan.kernel.files.filing import subject_add
from bihuan.kernel.ledger import proving
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.services import act, assignment, do, load, raise_matter
from bihuan.kernel.orgs.models import Person, Post, Unit
from bihuan.kernel.orgs.services import territory_add, unit_add

DATA = Path(__file__).parent / "data"
UNITS = {
    "jfj": ("经济发展局", "bureau", "economy"), "cgj": ("城市管理局", "bureau", "city"), "jsj": ("建设局", "bureau", "housing"),
    "dcs": ("督查室", "bureau", ""), "xab": ("区消防安全委员会办公室", "bureau", "fire"),
    "xfdd": ("消防救援大队", "brigade", "fire"), "rzb": ("房地产融资协调机制办公室", "bureau", "housing"),
    "zwj": ("政务服务局", "bureau", "approval"), "yslj": ("园林水务局", "bureau", "land"), "zgyh": ("中国银行", "bank", ""),
    "gsyh": ("工商银行", "bank", ""), "jsyh": ("建设银行", "bank", ""), "gdgs": ("供电公司", "utility", ""),
    "gwh": ("管委会办公室", "bureau", ""), "qy": ("示例建设单位", "company", ""),
}  # fmt: skip
FUNCTIONS = {
    "coordinate.promotion": "jfj", "coordinate.fire": "xab", "coordinate.financing": "rzb", "coordinate.counselling": "zwj",
    "supervision": "dcs", "fire_inspection": "xfdd", "approve.economy": "jfj", "approve.housing": "jsj", "approve.city": "cgj",
    "approve.water": "yslj", "approve.power": "gdgs",
}  # fmt: skip
PASSWORD = "a long test password"


def differences(*kinds: str) -> list[str]:
    """Where rows of these kinds of streams, all without, differ from their events."""
    return [str(d) for kind in kinds or (None,) for d in proving.differences(kind)]


class District:
    """Township A leads, township B is the stranger, the fire brigade verifies, the leader reads."""

    def __init__(self) -> None:
        self.now = timezone.now()
        notices_ship(folder=settings.CATALOGUE / "holidays", at=self.now)
        self.root = territory_add(code="zdx", name="郑东新区", level="district")
        self.a = territory_add(code="lzh", name="龙子湖办事处", level="township", parent=self.root)
        self.b = territory_add(code="jcl", name="祭城路办事处", level="township", parent=self.root)
        self.units: dict[str, Unit] = {}
        for place in (self.a, self.b):
            self.units[place.code] = unit_add(name=place.name, kind="township", territory=place, code=place.code)
        for code, (name, kind, sector) in UNITS.items():
            self.units[code] = unit_add(name=name, kind=kind, sector=sector, code=code)
        for name, code in FUNCTIONS.items():
            structure.function_give(name=name, unit=self.units[code], by="test", at=self.now)
        self.people: dict[str, Person] = {}
        wide = {"jfj", "dcs", "xab", "xfdd"}
        for code in (*UNITS, "lzh", "jcl"):
            scope = self.root if code in wide else {"lzh": self.a, "jcl": self.b}.get(code)
            sector = "" if code in ("dcs", "lzh", "jcl") else self.units[code].sector
            for i in (1, 2):
                self._person(f"{code}{i}", code, "officer", scope, sector)
        self._person("leader", "gwh", "leader", self.root, "")
        self._person("audit", "gwh", "auditor", self.root, "")
        self._person("admin", "gwh", "system", None, "")
        self._person("security", "gwh", "security", None, "")
        self._person("logs", "gwh", "audit", None, "")
        self._told()
        self.project = self.subject("东微电子", "project", self.a)
        self.premises = self.subject("丙仓储", "premises", self.a)
        self.far = self.subject("远处场所", "premises", self.b)

    def _told(self) -> None:
        """The structure is in the record, as administrators would have entered it."""
        told = {"by": "test", "at": self.now}
        for territory in (self.root, self.a, self.b):
            structure.territory_told(territory=territory, **told)
        for unit in self.units.values():
            structure.unit_told(unit=unit, **told)
        for person in self.people.values():
            structure.person_told(person=person, **told)
        for post in Post.objects.select_related("unit", "person", "scope_territory"):
            structure.post_told(post=post, **told)

    def _person(self, username: str, unit: str, role: str, scope, sector: str) -> None:
        person = Person.objects.create(username=username, name=f"测试{username}")
        Post.objects.create(
            unit=self.units[unit], title="经办", role=role, person=person, scope_territory=scope, scope_sector=sector,
            clearance=role == "leader", valid_from=date(2020, 1, 1),
        )  # fmt: skip
        self.people[username] = person

    def subject(self, name: str, kind: str, place):
        return subject_add(
            person="test",
            unit="gwh",
            at=self.now - timedelta(days=400),
            entered_at=self.now,
            type=kind,
            name=name,
            territory=place,
        )

    def viewer(self, username: str) -> Viewer:
        return viewer_of(self.people[username], timezone.localdate())

    def actor(self, username: str) -> c.Actor:
        return c.Actor(username, self.viewer(username).acting)

    def raised(
        self,
        kind: str = "obstacle",
        *,
        by: str = "jfj1",
        at: datetime | None = None,
        title: str = "道路未贯通",
        subject=None,
        **kw,
    ) -> Matter:
        subject = subject or (self.premises if kind.startswith("hazard") else self.project)
        unit = self.units[by.rstrip("12")]
        return raise_matter(
            actor=self.actor(by),
            at=at or self.now,
            kind_id=kind,
            title=title,
            description="",
            subject=subject,
            raiser=unit,
            **kw,
        )

    def assigned(
        self, kind: str = "obstacle", lead: str = "cgj", supporting: tuple[str, ...] = (), limit=None, **kw
    ) -> Matter:
        matter = self.raised(kind, **kw)
        state, spec, _ = load(matter.number)
        parties = assignment(spec, state, lead)
        who = {"jfj": "jfj1", "xab": "xab1", "rzb": "rzb1", "zwj": "zwj1"}[state.assigner]
        command = c.Assign(
            self.actor(who), kw.get("at") or self.now, lead, supporting, limit=limit, reason="test", **parties
        )
        return act(number=matter.number, command=command)

    def handling(self, kind: str = "obstacle", lead: str = "cgj", **kw) -> Matter:
        matter = self.assigned(kind, lead, **kw)
        return act(number=matter.number, command=c.Accept(self.actor(f"{lead}1"), kw.get("at") or self.now))

    def submitted(self, kind: str = "obstacle", lead: str = "cgj", **kw) -> Matter:
        matter = self.handling(kind, lead, **kw)
        return act(number=matter.number, command=c.Submit(self.actor(f"{lead}1"), kw.get("at") or self.now, "已办完"))

    def closed(self, **kw) -> Matter:
        matter = self.submitted(**kw)
        return self.do("jfj2", matter, c.Verify, "核查属实", at=kw.get("at"))

    def do(self, who: str, matter: Matter, command: type[c.Command], *args, at: datetime | None = None, **kw) -> Matter:
        viewer = self.viewer(who)
        return do(viewer=viewer, number=matter.number, command=command(viewer.actor(), at or self.now, *args), **kw)

    def photo(self, who: str = "cgj1", name: str = "现场.jpg", colour: int = 90) -> Staged:
        return stage(upload=upload(name, jpeg(colour)), owner=self.people[who], at=self.now)


def work_off() -> None:
    """Do what waits in the queue of tasks, within the transaction of the test."""
    run_tasks()


def jpeg(colour: int = 90) -> bytes:
    """A tiny real picture."""
    out = io.BytesIO()
    Image.new("RGB", (24, 16), (colour, 120, 60)).save(out, "JPEG")
    return out.getvalue()


def upload(name: str, data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def ledger_file(name: str) -> SimpleUploadedFile:
    return upload(name, (DATA / name).read_bytes())


def local(*args: int) -> datetime:
    """A moment in Asia/Shanghai."""
    return datetime(*args, tzinfo=ZONE)
