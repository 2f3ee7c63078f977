"""Invented fire-safety work of a year through the real services: files of premises, inspections, a major hazard, complaints,
a campaign and a plan of visits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.utils import timezone

from bihuan.instruments.premises.selectors import premises_of
from bihuan.kernel.access.viewer import Viewer, viewer_of
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import local_day, start_of
from bihuan.kernel.evidence.models import Staged, StoredFile
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.services import act, assignment, do, load
from bihuan.kernel.orgs.models import Person, Unit
from bihuan.kernel.subjects.models import Subject
from bihuan.mechanisms.fire import campaigns, cases, complaints, planning
from bihuan.mechanisms.fire.entered import Entered, Found
from bihuan.mechanisms.fire.inspections import enter
from bihuan.mechanisms.fire.models import Campaign
from bihuan.mechanisms.fire.selectors import checklist
from bihuan.mechanisms.fire.standing import refresh

from .pictures import Pictures
from .premises import Files, middles
from .year import clock_until

TAKEN = [
    ("exits", "楼梯间堆放杂物,出口打不开"),
    ("facilities", "楼内消火栓没有水"),
    ("ebike", "楼道里停放电动自行车充电"),
    ("other", "餐馆气瓶摆在通道边"),
]


class Fire:
    """Files, records, cases."""

    def __init__(self, subjects: list[Subject], progress: Callable[[str, int, int], None], random: Random) -> None:
        self.subjects, self.progress, self.random = subjects, progress, random
        self.now, self.today = timezone.now(), timezone.localdate()
        self.pictures = Pictures(Random(11))  # noqa: S311  a fixed seed, no secret
        self.middles = middles()

    def _viewer(self, username: str) -> Viewer:
        return viewer_of(Person.objects.get(username=username), self.today)

    def run(self) -> None:
        """Everything, oldest first."""
        Files(self.subjects, self.progress, self.random).run()
        self._inspections()
        self._own()
        self._major()
        self._complaints()
        self._campaign()
        for number in Matter.objects.filter(mechanism="fire", next_at__lte=self.now).values_list("number", flat=True):
            clock_until(number, self.now)
        refresh([s.pk for s in self.subjects], self.now)
        plan = planning.make(
            viewer=self._viewer("xf01"), unit=Unit.objects.get(code="xfdd"), title="双随机抽查(示例)", begins=self.today, days=5,
            teams=["第一组", "第二组"], minutes=360, visit=40, share=20, at=self.now,
        )  # fmt: skip
        planning.propose(plan=plan, at=self.now, seconds=2)

    def _uuid(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)

    def _staged(self, person: Person, at: datetime) -> str:
        sha, name = self.pictures.some(1, at)[0]
        Staged.objects.create(owner=person, file=StoredFile.objects.get(pk=sha), name=name, staged_at=at)
        return sha

    def _inspections(self, n: int = 420) -> None:
        """Townships, centres and the brigade over a year; most find something small."""
        r = self.random
        viewers = {
            u: self._viewer(u)
            for u in ("xf01", *(f"{code}01" for code in self.middles), *(f"{code}zx01" for code in self.middles))
        }
        for i in range(n):
            if i % 40 == 0:
                self.progress("inspections", i, n)
            s = r.choice(self.subjects[: len(self.subjects) * 4 // 5])
            who = r.choice(["xf01", f"{s.territory.code}01", f"{s.territory.code}01", f"{s.territory.code}zx01"])
            at = start_of(self.today - timedelta(days=int(360 * (1 - i / n)))) + timedelta(
                hours=9 + r.randrange(0, 8), minutes=r.randrange(60)
            )
            night = r.random() < 0.06
            at = min(at + timedelta(hours=12) if night else at, self.now)
            self._inspect(
                viewers[who], Subject.objects.select_related("file", "territory", "unit").get(pk=s.pk), who, at, night
            )

    def _inspect(self, viewer: Viewer, s: Subject, who: str, at: datetime, night: bool) -> None:
        r = self.random
        premises = premises_of(s)
        items = checklist(s, premises)
        told = {i.id: "ok" for i in items}
        found = []
        for item in r.sample(items, min(len(items), r.choice([0, 0, 1, 1, 2]))):
            told[item.id] = "bad"
            spot = item.spot and r.random() < 0.6
            grade = r.choices(["general", "serious"], [5, 1])[0]
            photos = (self._staged(viewer.person, at),) if r.random() < 0.5 else ()
            found.append(
                Found(
                    item.id,
                    place=r.choice(["一层", "二层", "地下室", "楼梯间", "后厨"]),
                    spot=spot,
                    grade=grade,
                    photos=photos,
                    measured="0.05" if item.measure else "",
                )
            )
        kind = (
            "night"
            if night
            else {"xf": "double_random"}.get(who[:2], r.choice(["township", "township", "special", "holiday"]))
        )
        place = premises.place
        entered = Entered(
            self._uuid(), "inspection", at, kind=kind, device_at=at, people=(f"示例员{who}", "示例协查员"), items=told, findings=tuple(found),
            place=(place[0] + r.gauss(0, 0.0003), place[1] + r.gauss(0, 0.0003)) if place else None, tenants=tuple(t.key for t in premises.unseen[:1]),
        )  # fmt: skip
        record = enter(viewer=viewer, subject=s, entered=entered)
        for finding in record.findings.exclude(matter=None):
            if finding.matter is not None and not finding.again:
                self._handle(finding.matter, viewer, who, at)

    def _handle(self, matter: Matter, viewer: Viewer, who: str, at: datetime) -> None:
        """The notice where the brigade found it, then the loop, as far as its time and luck allow."""
        r = self.random
        step = at + timedelta(days=1 + r.randrange(0, 2), hours=1)
        if who.startswith("xf") and step < self.now:
            served = local_day(step)
            cases.step(
                viewer=viewer, matter=matter, run=1, name="notice", at=step,
                values={"number": f"示例责改字〔{served.year}〕第{matter.pk}号", "served": served, "deadline": served + timedelta(days=15)},
            )  # fmt: skip
        if r.random() < 0.12 or step >= self.now:
            return
        state, kind, _ = load(matter.number)
        lead = matter.territory.code
        office = c.Actor("xab01", frozenset({"xab"}))
        act(number=matter.number, command=c.Assign(office, step, lead, (), **assignment(kind, state, lead)))
        mine = c.Actor(f"{lead}01", frozenset({lead}))
        times = [
            step + timedelta(hours=5),
            step + timedelta(days=r.choice([3, 5, 6, 9])),
            step + timedelta(days=r.choice([10, 11, 12])),
        ]
        if times[0] < self.now:
            act(number=matter.number, command=c.Accept(mine, times[0]))
        if times[1] < self.now and r.random() < 0.9:
            files = tuple(
                {"sha256": sha, "name": name, "type": "image/jpeg"} for sha, name in self.pictures.some(1, times[1])
            )
            act(number=matter.number, command=c.Attach(mine, times[1], files))
            act(number=matter.number, command=c.Submit(mine, times[1] + timedelta(minutes=9), "已整改,现场恢复正常"))
            if times[2] < self.now:
                act(number=matter.number, command=c.Verify(c.Actor("xf02", frozenset({"xfdd"})), times[2], "复查合格"))

    def _own(self) -> None:
        """What premises do themselves, entered for them by the township: drills, trainings, maintenance."""
        r = self.random
        for s in self.subjects[:60]:
            viewer = self._viewer(f"{s.territory.code}zx01")
            for what in r.sample(["training", "drill", "urging", "patrol"], 2):
                at = self.now - timedelta(days=r.randrange(1, 80))
                enter(
                    viewer=viewer,
                    subject=s,
                    entered=Entered(self._uuid(), what, at, note="示例记录", people=("示例协查员",)),
                )

    def _major(self) -> None:
        """A case of last year from suspicion to striking-off, and one of today under the edition that is not filled."""
        s = next(x for x in self.subjects if "示例商场" in x.name)
        xf, at = self._viewer("xf01"), datetime(2025, 8, 4, 2, 0, tzinfo=self.now.tzinfo)
        at = max(at, self.now - timedelta(days=470))
        matter = self._suspected(s, xf, at)
        run = 1

        def record(
            viewer: Viewer, name: str, days: float, values: dict[str, Any], files: tuple[Staged, ...] = ()
        ) -> None:
            cases.step(
                viewer=viewer,
                matter=matter,
                run=run,
                name=name,
                at=at + timedelta(days=days),
                values=values,
                files=files,
            )

        def day(n: float) -> date:
            return local_day(at + timedelta(days=n))

        record(xf, "report", 1, {"text": "自动喷水灭火系统未按规定设置,疑似重大火灾隐患", "number": "示例报1号"})
        people = [f"示例监督员{n}" for n in range(1, 4)]
        record(
            xf,
            "discussion",
            2,
            {
                "people": people,
                "outcome": "determined",
                "findings": "符合直接判定条件",
                "place": "crowded",
                "direct": ["6.6"],
                "deadline": day(90),
            },
        )
        record(xf, "notice", 3, {"number": "示例重改字1号", "served": day(3), "deadline": day(90)})
        record(xf, "proposal", 4, {"number": "示例请1号", "day": day(4), "ask": "list"})
        xab = self._viewer("xab01")
        record(xab, "decision", 8, {"outcome": "list", "number": "示例督1号", "day": day(8)})
        record(
            xab,
            "listing",
            9,
            {
                "level": "county",
                "unit": "区消防安全委员会",
                "person": "示例责任人",
                "until": day(90),
                "number": "示例挂1号",
            },
        )
        state, kind, _ = load(matter.number)
        lead = matter.territory.code
        do(
            viewer=xab,
            number=matter.number,
            command=c.Assign(xab.actor(), at + timedelta(days=9), lead, (), **assignment(kind, state, lead)),
        )
        mine = self._viewer(f"{lead}01")
        do(viewer=mine, number=matter.number, command=c.Accept(mine.actor(), at + timedelta(days=10)))
        record(
            mine,
            "plan",
            11,
            {
                "measure": "增设自动喷水系统",
                "person": "示例责任人",
                "money": "120万元",
                "until": day(80),
                "protection": "停用三层,增加巡查",
            },
        )
        when = at + timedelta(days=70)
        files = tuple({"sha256": sha, "name": name, "type": "image/jpeg"} for sha, name in self.pictures.some(2, when))
        do(viewer=mine, number=matter.number, command=c.Submit(mine.actor(), when, "系统已安装调试"), files=files)
        xf2 = self._viewer("xf02")
        do(viewer=xf2, number=matter.number, command=c.Verify(xf2.actor(), when + timedelta(days=2), "验收合格"))
        sha = self._staged(xab.person, when)
        proof = Staged.objects.filter(owner=xab.person, file_id=sha).first()
        assert proof is not None
        record(
            xab, "strike_off", 74, {"number": "示例销1号", "day": day(74), "findings": "资料齐全,现场属实"}, (proof,)
        )
        record(xf, "plaque", 76, {"day": day(76)})
        other = next(x for x in self.subjects if "示例养老院" in x.name)
        self._suspected(other, xf, self.now - timedelta(days=1, hours=2))

    def _suspected(self, s: Subject, viewer: Viewer, at: datetime) -> Matter:
        found = Found(
            "sprinkler",
            text="未按规定设置自动喷水灭火系统",
            place="全楼",
            grade="major",
            photos=(self._staged(viewer.person, at),),
        )
        told = Entered(
            self._uuid(),
            "inspection",
            at,
            kind="special",
            people=("示例监督员1", "示例监督员2"),
            items={"sprinkler": "bad"},
            findings=(found,),
        )
        row = enter(viewer=viewer, subject=s, entered=told).findings.get()
        assert row.matter is not None
        return row.matter

    def _complaints(self) -> None:
        r = self.random
        for i in range(14):
            s = r.choice(self.subjects[:40]) if i % 3 else self.subjects[0]
            about, text = TAKEN[i % len(TAKEN)]
            at = self.now - timedelta(days=r.randrange(0, 40) if i else 0, hours=2 + i)
            viewer = self._viewer(f"{s.territory.code}01")
            complaints.take(
                viewer=viewer, subject=s, about=about, title=text, text="", source="12345", name=f"示例群众{i}", phone="", at=at,
            )  # fmt: skip

    def _campaign(self) -> None:
        xab = self._viewer("xab01")
        campaigns.save(
            viewer=xab, at=self.now,
            campaign=Campaign(
                name="消防安全治本攻坚三年行动(2024—2026)", begins=date(2024, 1, 1), ends=date(2026, 12, 31), stock_day=date(2023, 12, 31),
                about="目标与数字为示例,待核对",
                targets=[
                    {"name": "2023年底前存量重大隐患清零", "metric": "major_stock", "value": 0, "until": "2024-12-31"},
                    {"name": "隐患按期整改", "metric": "in_time", "value": 95, "until": "2026-12-31"},
                    {"name": "场所排查覆盖", "metric": "covered", "value": 100, "until": "2026-12-31"},
                    {"name": "负责人培训三年全覆盖", "metric": "trained", "value": None, "until": "2026-12-31"},
                ],
                points="一条主线、四个提升(内容由本区填写)\n  责任体系\n  隐患动态清零\n一业一策\n  明白人培训",
            ),
        )  # fmt: skip
