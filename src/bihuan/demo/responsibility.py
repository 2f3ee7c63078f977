"""Two invented responsibility years through the real services: 2024 from its letters to the commendation, and this year as it runs."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from bihuan.instruments.assessment import services
from bihuan.instruments.assessment.models import Assessment
from bihuan.instruments.assessment.reckoning import quarters_done
from bihuan.instruments.letters import services as letters
from bihuan.instruments.letters.catalogue import templates
from bihuan.instruments.letters.selectors import audience
from bihuan.instruments.meetings import services as meetings
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import local_day, start_of
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.services import act
from bihuan.kernel.orgs.models import Unit
from bihuan.mechanisms.fire import incidents, papers
from bihuan.mechanisms.fire.entered import Entered
from bihuan.mechanisms.fire.grades import Casualty
from bihuan.mechanisms.fire.inspections import enter

from .fire import Fire
from .results import DEPARTMENT, FIRST, TOWNSHIP, Results


class Responsibility(Results):
    """Letters, meetings, fires, scores, results, commendation."""

    def run(self) -> None:
        """2024 whole, this year as far as it has come, fires in between."""
        self._fires()
        self._letters(FIRST, date(FIRST, 4, 24))
        self._meetings(FIRST)
        self._tasks()
        self._work()
        self._results()
        begin = date(self.today.year, 3, 20)
        if begin < self.today:
            self._letters(self.today.year, begin)
            self._meetings(self.today.year)
            self._tasks()
            for quarter in range(1, quarters_done(self.today.year, self.now) + 1):
                services.take(
                    year=self.today.year,
                    quarter=quarter,
                    at=self._at(date(self.today.year, quarter * 3, 28) + timedelta(days=6)),
                )
        services.follow(at=self.now)

    def _fires(self) -> None:
        """Fires since 2023; their causes, hours and places roughly as national figures are."""
        r, viewer = self.random, self._viewer("xf01")
        begin, day = date(2023, 1, 1), date(2023, 1, 1)
        while day < self.today:
            place = r.random()
            subject = r.choice(self.subjects) if place < 0.45 else None
            at = start_of(day) + timedelta(
                hours=r.choices(range(24), [2, 2, 2, 1, 1, 2, 3, 4, 5, 6, 6, 6, 6, 5, 5, 5, 6, 7, 7, 6, 5, 4, 3, 2])[0],
                minutes=r.randrange(60),
            )
            hurt = tuple(
                [Casualty(True, local_day(at) + timedelta(days=r.randrange(3)))]
                if r.random() < 0.008
                else [Casualty(False)]
                if r.random() < 0.05
                else []
            )
            told = incidents.Told(
                at, subject.territory if subject else r.choice(self.subjects).territory, subject.address if subject else f"示例路{r.randrange(1, 300)}号", r.choices(["city", "village", "zone"], [6, 3, 1])[0],
                r.choices(["building", "outdoor", "vehicle", "waste"], [43, 30, 12, 15])[0] if subject is None else "building",
                r.choices(["dwelling", "crowded", "plant_store", "other"], [70, 10, 6, 14])[0], r.choices(["010101", "010103", "010200", "030000", "040000", "100000", "990000", "020000"], [15, 9, 9, 22, 15, 15, 11, 4])[0],
                hurt, r.choice([5_000, 20_000, 80_000, 300_000, 1_500_000, 6_000_000]), 0, "虚构示例", subject,
            )  # fmt: skip
            row = incidents.register(viewer=viewer, told=told, at=min(at + timedelta(hours=5), self.now))
            later = incidents.review_from(row)
            if later < self.today - timedelta(days=40):
                incidents.review(
                    viewer=viewer, incident=row, findings="未发现失职情形(虚构示例)", failed=[], at=self._at(later)
                )
            day += timedelta(days=r.randrange(2, 9))
        self.progress("fires", (day - begin).days, (day - begin).days)

    def _letters(self, year: int, day: date) -> None:
        """All letters of a year, signed that day or soon after; townships go on to the level below."""
        office, at, made = self._viewer("xab01"), self._at(day), []
        for name in (TOWNSHIP, DEPARTMENT):
            kind = templates()[name]
            begins, ends = kind.days(year)
            batch = letters.draft(
                viewer=office, template=name, year=year, title=kind.title.replace("{year}", str(year)), issuer=Unit.objects.get(code="xab"), body=kind.wording(year), begins=begins,
                ends=ends, copies=2, parties=list(audience(kind)), work=f"{year}年度全区消防工作", at=at - timedelta(days=20),
            )  # fmt: skip
            made += list(batch.letters.select_related("party"))
        letters.offer(viewer=office, letters=made, at=at - timedelta(days=10))
        for i, letter in enumerate(made):
            if i % 10 == 0:
                self.progress("letters", i, len(made))
            assert letter.party is not None
            if letter.party.code == "jrb" and year != FIRST:
                continue  # one that is still to be signed
            for who in ("xab00", f"{letter.party.code}00"):
                letters.sign(
                    viewer=self._viewer(who), letter=letter, digest=letter.digest, at=at + timedelta(minutes=i)
                )
        for key, kinds in (
            (TOWNSHIP, [Unit.Kind.TOWNSHIP]),
            (DEPARTMENT, [k for k in Unit.Kind if k != Unit.Kind.TOWNSHIP]),
        ):
            units = [x.party for x in made if x.party and x.party.kind in kinds]
            services.open_year(viewer=office, key=key, year=year, units=units, at=at + timedelta(days=1))
        self._down(year, day + timedelta(days=20))

    def _down(self, year: int, day: date) -> None:
        kind = templates()["fire.unit"]
        begins, ends = kind.days(year)
        for unit in Unit.objects.filter(kind=Unit.Kind.TOWNSHIP).order_by("code")[:8]:
            at, viewer = self._at(day), self._viewer(f"{unit.code}01")
            short = unit.name.removesuffix("办事处")
            batch = letters.draft(
                viewer=viewer, template="fire.unit", year=year, title=f"{unit.name}{year}年度消防安全责任书", issuer=unit, body=kind.wording(year), begins=begins, ends=ends, copies=2,
                parties=[], names=[f"{short}示例社区一", f"{short}示例社区二"], work=f"{year}年度全区消防工作", at=at,
            )  # fmt: skip
            for letter in batch.letters.all()[: 2 if self.random.random() < 0.8 else 1]:
                letters.scanned(
                    viewer=viewer,
                    letter=letter,
                    file=self._staged(f"{unit.code}01", at),
                    names="主任、社区负责人",
                    at=at + timedelta(days=2),
                )

    def _work(self) -> None:
        """Hazards and inspections of 2024, brought to their end in the months after."""
        r, end = self.random, datetime(FIRST + 1, 3, 1, 9, tzinfo=self.now.tzinfo)
        self.year.now = end
        for i in range(130):
            if i % 30 == 0:
                self.progress("work of 2024", i, 130)
            day = date(FIRST, 1, 8) + timedelta(days=round(340 * i / 130))
            self.year._one(
                r.choices(["hazard_general", "hazard_serious", "hazard_major"], [30, 8, 1])[0], self._at(day)
            )
        fire = Fire(self.subjects, self.progress, Random(15))  # noqa: S311  a fixed seed, no secret
        fire.now, fire.today = self._at(date(FIRST, 12, 30)), date(FIRST, 12, 30)
        fire._inspections(170)
        self.year.now = self.now
        for s in r.sample(self.subjects, 80):
            told = Entered(
                fire._uuid(),
                r.choice(["training", "drill"]),
                self._at(date(FIRST, r.randrange(1, 13), 10), 15),
                note="示例记录",
                people=("示例协查员",),
            )
            enter(viewer=self._viewer(f"{s.territory.code}zx01"), subject=s, entered=told)
        for unit in Unit.objects.filter(kind=Unit.Kind.TOWNSHIP):
            for month in (3, 9)[: r.choice([0, 1, 2, 2, 2])]:
                own = [s for s in self.subjects if s.territory_id == unit.territory_id]
                fire._inspect(
                    self._viewer(f"{unit.code}00"),
                    r.choice(own),
                    f"{unit.code}00",
                    self._at(date(FIRST, month, 12)),
                    night=False,
                )
        for number in Matter.objects.filter(
            mechanism="fire", open=True, raised_at__lt=start_of(date(FIRST + 1, 1, 1))
        ).values_list("number", flat=True):
            self._end(number, self._at(date(FIRST + 1, 1, 10) + timedelta(days=r.randrange(40))))

    def _tasks(self) -> None:
        """Tasks of letters, most of them in time."""
        r = self.random
        for m in Matter.objects.filter(kind="letter_task", state="assigned").select_related("lead"):
            assert m.lead is not None
            assert m.due_at is not None
            at = self._at(local_day(m.due_at) - timedelta(days=r.choice([20, 12, 8, 5, 3, -6])), 10)
            if at >= self.now:
                continue
            act(
                number=m.number,
                command=c.Accept(
                    c.Actor(f"{m.lead.code}01", frozenset({m.lead.code})), m.raised_at + timedelta(days=1)
                ),
            )
            self._hand_in(m.number, m.lead.code, at)
            if at + timedelta(days=2) < self.now:
                act(
                    number=m.number,
                    command=c.Verify(c.Actor("xab00", frozenset({"xab"})), at + timedelta(days=2), "材料属实"),
                )

    def _meetings(self, year: int) -> None:
        """The annual meeting and one a quarter; townships hold their own."""
        r, office = self.random, Unit.objects.get(code="xab")
        members = list(Unit.objects.filter(pk__in=Assessment.objects.filter(year=year).values("unit")))
        days = [(date(year, 4, 24), "annual", f"{year}年度全区消防工作会议")] + [
            (date(year, m, 15), "work", f"{year}年第{n}季度区消防安全委员会会议")
            for n, m in (("一", 3), ("二", 6), ("三", 9), ("四", 12))
        ]
        for day, kind, title in days:
            if day < self.today:
                self._meet(
                    "xab00",
                    office,
                    kind,
                    title,
                    day,
                    members,
                    papers.agenda(year, 1, ["消防救援大队"]) if kind == "annual" else [],
                )
        for unit in members:
            if unit.kind == Unit.Kind.TOWNSHIP:
                for month in (2, 5, 8, 11)[: r.choice([2, 3, 4, 4])]:
                    if date(year, month, 18) < self.today:
                        self._meet(
                            f"{unit.code}00",
                            unit,
                            "work",
                            f"{unit.name}消防工作会议",
                            date(year, month, 18),
                            [Unit.objects.get(code=f"{unit.code}zx")],
                            [],
                        )

    def _meet(
        self, who: str, host: Unit, kind: str, title: str, day: date, guests: list[Unit], points: list[Any]
    ) -> None:
        viewer, at = self._viewer(who), self._at(day, 9)
        row = meetings.prepare(
            viewer=viewer,
            at=at - timedelta(days=5),
            host=host,
            kind=kind,
            title=title,
            chair="负责人",
            starts_at=at,
            place="会议室",
        )
        meetings.agenda_set(
            viewer=viewer,
            meeting=row,
            at=at - timedelta(days=5),
            points=points or [meetings.Point("消防安全形势分析", "added"), meetings.Point("重点工作安排", "added")],
        )
        meetings.invite(viewer=viewer, meeting=row, at=at - timedelta(days=5), units=guests)
        meetings.call(viewer=viewer, meeting=row, at=at - timedelta(days=4))
        row.refresh_from_db()
        for unit in guests:
            if self.random.random() < 0.93:
                meetings.sign_in(meeting=row, at=at, unit=unit, name="示例代表")
        meetings.close(viewer=viewer, meeting=row, at=at + timedelta(hours=2))
