"""Invented files of the key projects and a year of promotion meetings, through the real services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from django.utils import timezone

from bihuan.instruments.documents import services as documents
from bihuan.instruments.meetings import papers, services
from bihuan.instruments.meetings.models import Item, Meeting
from bihuan.instruments.projects.selectors import project_of, words
from bihuan.instruments.projects.services import photos_add
from bihuan.instruments.supervision.services import draw
from bihuan.kernel.access.viewer import Viewer, viewer_of
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain.clocks import ZONE, start_of
from bihuan.kernel.domain.money import FEN_OF_WAN
from bihuan.kernel.domain.months import first_day, month_before, months_later
from bihuan.kernel.files.filing import Entry, file_entries
from bihuan.kernel.orgs.models import Person, Unit
from bihuan.kernel.subjects.models import Subject
from bihuan.mechanisms.promotion.agenda import propose
from bihuan.mechanisms.promotion.papers import shown
from bihuan.mechanisms.promotion.selectors import report_month
from bihuan.mechanisms.promotion.services import link_make

from .pictures import Pictures
from .year import Year

TASKS = [
    "打通项目周边断头路",
    "办结施工许可",
    "完成临时用电接入",
    "明确污水接入点",
    "完成管线迁改方案审定",
    "落实绿化补偿",
    "协调金融机构对接",
    "完成征迁清表扫尾",
]
WORKS = [
    "桩基施工",
    "基坑开挖",
    "地下室主体施工",
    "主体结构施工",
    "二次结构砌筑",
    "幕墙及安装",
    "室外管网及道路",
    "设备进场调试",
]


class Promotion:
    """Files, months, meetings."""

    def __init__(
        self,
        data: dict[str, Any],
        subjects: list[Subject],
        year: Year,
        progress: Callable[[str, int, int], None],
        random: Random,
    ) -> None:
        self.data, self.subjects, self.year, self.progress, self.random = data, subjects, year, progress, random
        self.now, self.today = timezone.now(), timezone.localdate()
        self.units = {u.code: u for u in Unit.objects.all()}
        self.pictures = Pictures(Random(7))  # noqa: S311  a fixed seed, no secret
        self.office = self._viewer("jfj01")

    def _viewer(self, username: str) -> Viewer:
        return viewer_of(Person.objects.get(username=username), self.today)

    def run(self) -> None:
        """Everything, oldest first."""
        self._files()
        self._months()
        self._meetings()
        self._minutes()
        month = month_before(f"{self.today:%Y-%m}")
        draw(viewer=self._viewer("dcs01"), mechanism="promotion", month=month, percent=10, at=self.now)
        link_make(
            viewer=self.office, subject=self.subjects[0], unit=self.units["qy1"], at=self.now - timedelta(days=30)
        )

    def _files(self) -> None:
        r, catalogue = self.random, words()
        born = start_of(date(self.today.year, 1, 1)) - timedelta(days=20)
        for i, subject in enumerate(self.subjects):
            if i % 10 == 0:
                self.progress("projects", i, len(self.subjects))
            plan = r.randrange(3000, 30000, 100)
            entries = [
                Entry(subject, "identity", "main", {
                    "code": f"示例-{i + 1:03d}", "level": r.choice(catalogue.levels), "industry": r.choice(catalogue.industries[:5]),
                    "batch": f"第{r.choice('七八九十')}期", "total": plan * r.randrange(2, 6) * FEN_OF_WAN, "since": f"{self.today.year}-01",
                }),
                Entry(subject, "year", str(self.today.year), {"plan": plan * FEN_OF_WAN}),
                Entry(subject, "parties", "owner", {"unit": f"qy{i % 3 + 1}"}),
                Entry(subject, "parties", "leader", {"unit": "gwh", "title": "分管领导"}),
                Entry(subject, "parties", "officer", {"unit": "jfj", "title": "经办"}),
            ]  # fmt: skip
            entries += self._nodes(subject)
            for word in catalogue.elements:
                if r.random() < 0.5:
                    state = r.choices(["done", "open", "blocked"], [6, 3, 1])[0]
                    entries.append(Entry(subject, "element", word.id, {"state": state}))
            file_entries(entries=entries, person="示范数据", unit="jfj", at=born)

    def _nodes(self, subject: Subject) -> list[Entry]:
        """A plan over three years, reached as far as a project of its luck has come; forecasts slip for some."""
        r = self.random
        begin = self.today - timedelta(days=r.randrange(60, 900))
        gaps = [0, 25, 60, 30, 45, 40, 20, 150, 150, 200, 90, 200]
        slow = r.choices([0, 6, 45], [8, 2, 1])[0]
        entries, day = [], begin
        for word, gap in zip(words().nodes, gaps, strict=True):
            day += timedelta(days=round(gap * r.uniform(0.8, 1.2)))
            real = day + timedelta(days=round(slow * r.uniform(0.6, 1)) + r.randrange(-8, 3))
            told: dict[str, Any] = {"planned": day.isoformat()}
            if real <= self.today:
                told["actual"] = real.isoformat()
            elif slow:
                told["forecast"] = real.isoformat()
            entries.append(Entry(subject, "node", word.id, told))
        started = next((e for e in entries if e.key == "start"), None)
        if started and started.values and "actual" in started.values and r.random() < 0.95:
            entries.append(Entry(subject, "identity", "main", {"statistics": started.values["actual"]}))
        if started and started.values and "actual" not in started.values:
            granted = self.today - timedelta(days=r.randrange(20, 340))
            entries.append(
                Entry(subject, "permit", f"land_plan-{granted:%Y%m%d}", {
                    "id": "land_plan", "granted": granted.isoformat(), "lapses": (granted + timedelta(days=365)).isoformat(),
                })
            )  # fmt: skip
        return entries

    def _months(self) -> None:
        """The months of this year up to the last one due; a few are missing."""
        r, last = self.random, report_month(self.today)
        months = [f"{self.today.year}-{n:02}" for n in range(1, 13) if f"{self.today.year}-{n:02}" <= last]
        luck = {s.pk: r.choices([1.08, 1.0, 0.84, 0.58], [6, 5, 2, 1])[0] for s in self.subjects}
        silent = {s.pk: r.choices([0, 1, 2], [30, 3, 1])[0] for s in self.subjects}
        plans = {
            s.pk: project_of(s).year_plan(self.today.year)
            for s in Subject.objects.filter(pk__in=luck).select_related("file")
        }
        for n, month in enumerate(months):
            entries = []
            for subject in self.subjects:
                if n >= len(months) - silent[subject.pk]:
                    continue
                plan = plans[subject.pk]
                wan = max(round(plan / 12 * luck[subject.pk] * r.uniform(0.7, 1.3) / FEN_OF_WAN), 1)
                told: dict[str, Any] = {
                    "actual": wan * FEN_OF_WAN, "progress": f"{r.choice(WORKS)},完成{r.randrange(20, 98)}%(虚构示例)",
                    "reported": self._reported(month).isoformat(),
                }  # fmt: skip
                if r.random() < 0.12:
                    told["problem"] = r.choice(self.data["invented"]["obstacles"])
                entries.append(Entry(subject, "month", month, told))
            at = min(start_of(self._reported(month)) + timedelta(hours=9), self.now)
            file_entries(entries=entries, person="示范数据", unit="jfj", at=at)
        for subject in self.subjects[:6]:
            at = self.now - timedelta(days=9)
            photos_add(
                subject=subject, month=last, photos=self.pictures.some(2, at), person="示范数据", unit="jfj", at=at
            )

    def _reported(self, month: str) -> date:
        return months_later(first_day(month), 1).replace(day=self.random.randrange(2, 5))

    def _meetings(self) -> None:
        """Nine meetings that were held, and the next one, called for the coming week with the six named projects."""
        named = self.subjects[:6]
        for k in range(9, 0, -1):
            self._held(self.today - timedelta(days=33 * k - 20), k)
        day = calendar_for().add(self.today, 4)
        meeting = self._prepared(day, self.now - timedelta(days=1))
        now = self.now
        services.agenda_set(viewer=self.office, meeting=meeting, at=now, points=propose(self.office, meeting, now)[:14])
        points = [services.Point(s.name, Item.Why.ADDED, s) for s in named]
        services.agenda_set(viewer=self.office, meeting=meeting, at=now, points=points)
        services.invite(viewer=self.office, meeting=meeting, at=now, units=self._guests())
        services.call(viewer=self.office, meeting=meeting, at=now)
        context = papers.context(meeting, shown(named, now), now)
        for kind, name in (("meeting_notice", "通知"), ("agenda", "议程")):
            documents.ask(
                viewer=self.office, at=now, unit=meeting.host, kind_id=kind, title=f"{meeting.title}{name}", context=context,
                about=f"meeting:{meeting.pk}", readers=self._guests(),
            )  # fmt: skip

    def _minutes(self) -> None:
        """The minutes of the last meeting, issued by the head of the office."""
        last = Meeting.objects.filter(state=Meeting.State.HELD).order_by("-starts_at").first()
        assert last is not None
        at = last.starts_at + timedelta(hours=6)
        subjects = [i.subject for i in last.items.select_related("subject__territory", "subject__file") if i.subject]
        made = documents.ask(
            viewer=self.office, at=at, unit=last.host, kind_id="minutes", title=f"{last.title}纪要", about=f"meeting:{last.pk}",
            context=papers.context(last, shown(subjects, self.now), self.now), readers=self._guests(),
        )  # fmt: skip
        documents.written(paper_id=made.pk, at=at)
        documents.issue(viewer=self._viewer("jfj00"), paper=made, at=at + timedelta(hours=20))

    def _guests(self) -> list[Unit]:
        codes = [
            "tcj",
            "jsj",
            "cgj",
            "ptgs1",
            "ptgs2",
            "qy1",
            "qy2",
            *(t.code for t in Unit.objects.filter(kind="township")),
        ]
        return [self.units[c] for c in codes]

    def _prepared(self, day: date, at: datetime) -> Meeting:
        return services.prepare(
            viewer=self.office, at=at, host=self.units["jfj"], kind="promotion", title="{year}年第{n}次项目推进会", chair="分管领导",
            starts_at=datetime.combine(day, time(9, 30), ZONE), place="管委会第一会议室(示例)", branches=["各乡(镇)办事处"],
        )  # fmt: skip

    def _held(self, wanted: date, k: int) -> None:
        r = self.random
        day = wanted if calendar_for().is_workday(wanted) else calendar_for().add(wanted, 1)
        before = start_of(day) - timedelta(days=3) + timedelta(hours=10)
        meeting = self._prepared(day, before)
        chosen = r.sample(self.subjects, 5)
        points = [services.Point(s.name, Item.Why.ADDED, s) for s in chosen]
        services.agenda_set(viewer=self.office, meeting=meeting, at=before, points=points)
        guests = self._guests()
        services.invite(viewer=self.office, meeting=meeting, at=before, units=guests)
        services.call(viewer=self.office, meeting=meeting, at=before)
        for i, unit in enumerate(guests[:-1]):
            at = meeting.starts_at - timedelta(minutes=20 - i)
            services.sign_in(meeting=meeting, at=at, unit=unit, name=f"示例员{unit.code}")
        at = meeting.starts_at + timedelta(minutes=40)
        for item in meeting.items.all():
            if item.subject is None or r.random() < 0.2:
                continue
            lead = self.units[r.choice(["jsj", "cgj", "zgj", "gdgs", "zls", "yslj"])]
            decision = services.decide(
                viewer=self.office, meeting=meeting, at=at, subject=item.subject, lead=lead, task=r.choice(TASKS), item=item,
                due=calendar_for().add(day, r.randrange(5, 22)),
            )  # fmt: skip
            matter = services.confirm(viewer=self.office, decision=decision, at=at)
            at += timedelta(minutes=6)
            self.year.go_on(matter.number)
        services.close(viewer=self.office, meeting=meeting, at=meeting.starts_at + timedelta(hours=2))
        self.progress("meetings", 10 - k, 9)
