"""Invented paths of the counselled projects and a year of sessions, through the real services."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import partial
from random import Random
from typing import Any

from django.utils import timezone

from bihuan.instruments.meetings import services as meetings
from bihuan.kernel.access.viewer import Viewer, viewer_of
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import ZONE
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.services import act
from bihuan.kernel.orgs.models import Person, Unit
from bihuan.kernel.subjects.models import Subject
from bihuan.mechanisms.counselling import followup, rules, services, sessions
from bihuan.mechanisms.counselling.catalogue import approvals, unit_of, words
from bihuan.mechanisms.counselling.models import Application, Question
from bihuan.mechanisms.counselling.paths import path_of

KINDS: list[dict[str, Any]] = [
    {"type": "GL", "facts": {"eia": "form", "trees": True, "fire_special": False, "civil_building": False}},
    {
        "type": "CT",
        "flags": ["IND"],
        "region": ["soil", "geology"],
        "facts": {"eia": "report", "energy_tce": 1200, "takes_water": False},
    },
    {"type": "CT", "facts": {"eia": "registration", "power_wan_kwh": 900, "fire_special": True, "height_m": 98}},
    {"type": "CT", "facts": {"eia": "form", "fire_special": False, "traffic_large": True}},
    {"type": "CF", "flags": ["IND"], "region": ["soil", "geology", "relics"], "facts": {"eia": "form"}},
    {"type": "CT", "flags": ["IND"], "facts": {"eia": "report", "explosive": True}},
    {"type": "SL", "facts": {"eia": "registration", "fire_special": False}},
    {"type": "GA", "facts": {"eia": "form", "public_place": True, "stability_major": True}},
]
ASKED = [
    ("施工许可能否分阶段办理", "C13", "可以,基坑和±0.00以下先行办理,承诺补齐其余材料"), ("方案审查能否在土地合同签订前启动", "B01", "可以模拟审批,土地手续办结后转为正式意见"),
    ("节能审查要不要做", "A10", "年综合能耗不足1000吨标准煤且用电不足500万千瓦时的免办"), ("水土保持能否承诺", "A11", "区域评估覆盖的免办,其余可以告知承诺"),
    ("临时用电何时接通", "M02", "现场踏勘后确定接入点"), ("联合验收需要哪些前置", "D10", "规划核实、消防、人防、档案、五方验收和绿化意见"),
    ("工资专户在哪里开", "C07", "任一商业银行开立,报建设局备案"), ("占道施工如何申请", "C10", "城市管理局受理,交警同步出具意见"),
]  # fmt: skip
LIMIT_DAYS = 290
SITTINGS = 27
"""Sessions before the large one; with it 28, and 54 times a project was coached."""


class Counselling:
    """Facts, approvals as they go, sessions, call-backs."""

    def __init__(self, subjects: list[Subject], progress: Callable[[str, int, int], None], random: Random) -> None:
        self.subjects, self.progress, self.random = subjects, progress, random
        self.now, self.today = timezone.now(), timezone.localdate()
        self.office: Viewer = viewer_of(Person.objects.get(username="zwj01"), self.today)
        self.calendar = calendar_for()
        self.begins = self.today - timedelta(days=LIMIT_DAYS)
        self.count = 0
        self.coming: list[tuple[date, int, Callable[[date], None]]] = []

    def run(self) -> None:
        """Day by day, as it would have come: papers handed in, answers, sessions; then call-backs."""
        for n, subject in enumerate(self.subjects):
            self._describe(n, subject)
            self._on(self.begins + timedelta(days=34 * n), partial(self._tick, subject))
        self._sessions()
        n = 0
        while self.coming and self.coming[0][0] <= self.today:
            day, _, act = heapq.heappop(self.coming)
            n += 1
            if n % 50 == 0:
                self.progress("approvals", (day - self.begins).days, LIMIT_DAYS)
            act(day)
        self._calls()

    def _on(self, day: date, act: Callable[[date], None]) -> None:
        """Do this when the day comes."""
        self.count += 1
        heapq.heappush(self.coming, (day, self.count, act))

    def _at(self, day: date, hour: int = 10) -> datetime:
        return min(datetime.combine(day, time(hour), ZONE), self.now)

    def _fresh(self, subject: Subject) -> Subject:
        found: Subject = Subject.objects.select_related("file", "territory", "unit").get(pk=subject.pk)
        return found

    def _describe(self, n: int, subject: Subject) -> None:
        told = {"flags": [], "region": [], **KINDS[n % len(KINDS)]}
        at = self._at(self.begins)
        services.describe(viewer=self.office, subject=subject, at=at, told=told)
        services.suppose(viewer=self.office, subject=subject, at=at, key="own", values={"works": 240 + 20 * n})
        early = {i.id: self.begins.isoformat() for i in approvals().approvals if i.stage == "0"}
        services.suppose(viewer=self.office, subject=subject, at=at, key="done", values=early)

    def _tick(self, subject: Subject, day: date) -> None:
        """Every second week what is ready is handed in."""
        self._on(day + timedelta(days=14 + self.random.randrange(5)), partial(self._tick, subject))
        if not self.calendar.is_workday(day) or day >= self.today:
            return
        subject = self._fresh(subject)
        for step in [s for s in path_of(subject, day).left() if s.state == "ready"][:3]:
            self._case(subject, step.id, max(step.days, 1), day)

    def _case(self, subject: Subject, item: str, usual: int, day: date) -> None:
        r, add = self.random, self.calendar.add
        a = services.receive(viewer=self.office, subject=subject, item=item, day=day, at=self._at(day))
        if r.random() < 0.15:
            day = self._step(a, services.Told(rules.GAP, add(day, 2), opinion="缺一份盖章件、一份承诺书"))
            day = self._step(a, services.Told(rules.FILLED, add(day, 3)))
        day = self._step(a, services.Told(rules.ACCEPTED, add(day, 1)))
        takes = max(round(usual * r.uniform(0.5, 1.2)), 1)
        if usual >= 7 and r.random() < 0.15:
            begin = add(day, 1)
            day = self._step(
                a, services.Told(rules.PAUSED, begin, reason="experts", notice=f"评审告知{a.pk}号", until=add(begin, 6))
            )
            day = self._step(a, services.Told(rules.RESUMED, add(day, 5)))
        last = add(day, takes)
        later = 4 if r.random() < 0.08 else 0
        if r.random() < 0.06:
            self._step(a, services.Told(rules.GRANTED_LATER, last, opinion="容缺办理", until=add(last, 10)), later)
        else:
            self._step(a, services.Told(rules.GRANTED, last), later)

    def _step(self, a: Application, told: services.Told, later: int = 0) -> date:
        """A step on its day, entered so many working days later."""

        def act(day: date) -> None:
            services.record(viewer=self.office, application=a, told=told, at=self._at(day, 15))

        self._on(self.calendar.add(told.day, later), act)
        return told.day

    def _sessions(self) -> None:
        """28 sessions: small ones through the year, the large one of sixteen units and eight projects a week ago, one to come."""
        r = self.random
        step = (LIMIT_DAYS - 40) / SITTINGS
        for n in range(SITTINGS):
            few = r.sample(self.subjects, 2 if n < 46 - SITTINGS else 1)
            phase = ("before", "during", "before", "after")[n % 4] if n > 8 else "before"
            self._on(self.begins + timedelta(days=round(12 + n * step)), partial(self._session, few, phase))
        self._on(self.today - timedelta(days=7), partial(self._session, self.subjects[:8], "before"))
        self._on(
            self.today, lambda day: self._session(self.subjects[:4], "before", day + timedelta(days=6), held=False)
        )

    def _session(self, subjects: list[Subject], phase: str, day: date, held: bool = True) -> None:
        day = self.calendar.add(day - timedelta(days=1), 1)
        starts = datetime.combine(day, time(9, 30), ZONE)
        made = min(starts - timedelta(days=2), self.now)
        meeting = meetings.prepare(
            viewer=self.office, at=made, host=Unit.objects.get(code="zwj"), kind="counselling", title="{year}年第{n}次联审联批专题辅导会",
            chair="政务服务局负责人", starts_at=starts, place="先进制造业开发区综合服务中心",
        )  # fmt: skip
        session = sessions.begin(viewer=self.office, meeting=meeting, at=made, phase=phase, minutes=10)
        chosen = [self._fresh(s) for s in subjects]
        if not sessions.choose(viewer=self.office, session=session, at=made, subjects=chosen):
            session = sessions.begin(viewer=self.office, meeting=meeting, at=made, phase="before", minutes=10)
            sessions.choose(viewer=self.office, session=session, at=made, subjects=chosen)
        sessions.arrange(viewer=self.office, session=session, at=made, seconds=0.3)
        meetings.call(viewer=self.office, meeting=meeting, at=made)
        if not held:
            return
        at = min(starts + timedelta(hours=1), self.now)
        self._asked(session, subjects, at)
        session.meeting.refresh_from_db()
        meetings.close(viewer=self.office, meeting=session.meeting, at=at)

    def _asked(self, session: Any, subjects: list[Subject], at: datetime) -> None:
        r = self.random
        for subject in subjects:
            units = {s.unit.code: s.unit for s in session.sittings.filter(subject=subject).select_related("unit")}
            able = [x for x in ASKED if unit_of(approvals().items[x[1]]) in units]
            if not able:
                continue
            text, item, said = r.choice(able)
            unit = units[unit_of(approvals().items[item])]
            q = sessions.ask(
                viewer=self.office,
                subject=self._fresh(subject),
                unit=unit,
                text=text,
                at=at,
                item=item,
                session=session,
            )
            if r.random() < 0.72:
                q = sessions.answer(viewer=self.office, question=q, kind="now", said=said, at=at)
                if r.random() < 0.4 and not Question.objects.filter(text=text, knowledge__isnull=False).exists():
                    followup.publish(
                        viewer=self.office,
                        question=q,
                        at=at,
                        asked=text,
                        said=said,
                        basis=approvals().items[item].basis,
                    )
            else:
                due = self.calendar.add(timezone.localdate(at), 5)
                q = sessions.answer(viewer=self.office, question=q, kind="taken", said="带回研究", at=at, due=due)
                assert q.matter is not None
                self._kept(q.matter, unit, self.calendar.add(timezone.localdate(at), 4 if r.random() < 0.9 else 8))

    def _kept(self, matter: Matter, unit: Unit, day: date) -> None:
        """The unit answers on this day, and the office confirms it the next."""
        person = Person.objects.filter(posts__unit=unit, posts__role="officer").first()
        if person is None or day >= self.today - timedelta(days=2):
            return
        lead, office = c.Actor(person.username, frozenset({unit.code})), c.Actor("zwj02", frozenset({"zwj"}))
        at = self._at(day)
        self._on(
            day,
            lambda _day: self._close(
                matter.number,
                [
                    c.Accept(lead, at),
                    c.Submit(lead, at, "已书面答复企业"),
                    c.Verify(office, at + timedelta(hours=5), "企业认可"),
                ],
            ),
        )

    def _close(self, number: int, given: list[c.Command]) -> None:
        for command in given:
            act(number=number, command=command)

    def _calls(self) -> None:
        """Most call-backs that were due have been made."""
        for due in followup.due(self.office, self.today):
            if due.day < self.today - timedelta(days=3):
                asked = {q.id: "是" if q.id != "obstacles" else "否" for q in words().questions}
                followup.revisit(
                    viewer=self.office, application=due.application, after=due.after, at=self._at(due.day, 16), answers=asked,
                    solved=True, satisfaction=self.random.choice((5, 5, 4)),
                )  # fmt: skip
