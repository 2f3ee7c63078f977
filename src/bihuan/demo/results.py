"""January and after, invented: self-review, results, an appeal, whom to commend, what to put right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random

from django.db.models import Q
from django.utils import timezone

from bihuan.instruments.accountability import services as accountability
from bihuan.instruments.assessment import appeals, services
from bihuan.instruments.assessment.models import Assessment
from bihuan.instruments.commendation import services as commendation
from bihuan.instruments.letters import services as letters
from bihuan.kernel.access.viewer import Viewer, viewer_of
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import start_of
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.evidence.models import Staged, StoredFile
from bihuan.kernel.matters.services import act, assignment, load
from bihuan.kernel.orgs.models import Person, Unit
from bihuan.kernel.subjects.models import Subject

from .pictures import Pictures
from .year import Year

FIRST = 2024
"""The year that is told whole."""
TOWNSHIP, DEPARTMENT = "fire.township", "fire.department"


class Results:
    """What the end of a year needs, and the hands that both halves use."""

    def __init__(
        self, subjects: list[Subject], year: Year, progress: Callable[[str, int, int], None], random: Random
    ) -> None:
        self.subjects, self.year, self.progress, self.random = subjects, year, progress, random
        self.now, self.today = timezone.now(), timezone.localdate()
        self.pictures = Pictures(Random(12))  # noqa: S311  a fixed seed, no secret
        self.viewers: dict[str, Viewer] = {}

    def _viewer(self, username: str) -> Viewer:
        if username not in self.viewers:
            self.viewers[username] = viewer_of(Person.objects.get(username=username), self.today)
        return self.viewers[username]

    def _at(self, day: date, hour: int = 9) -> datetime:
        return min(start_of(day) + timedelta(hours=hour, minutes=self.random.randrange(50)), self.now)

    def _staged(self, who: str, at: datetime) -> Staged:
        sha, name = self.pictures.some(1, at)[0]
        return Staged.objects.create(
            owner=self._viewer(who).person, file=StoredFile.objects.get(pk=sha), name=name, staged_at=at
        )

    def _end(self, number: int, at: datetime) -> None:
        """Bring an old matter to its end, step by step."""
        for hours in range(6):
            state, kind, _ = load(number)
            moment = at + timedelta(hours=hours)
            if not state.open:
                return
            try:
                if state.paused:
                    act(number=number, command=c.Resume(c.Actor("xab01", frozenset({state.assigner})), moment))
                elif state.state == "raised":
                    lead = state.territory if state.territory not in state.returned else "jsj"
                    act(
                        number=number,
                        command=c.Assign(
                            c.Actor("xab01", frozenset({state.assigner})),
                            moment,
                            lead,
                            (),
                            **assignment(kind, state, lead),
                        ),
                    )
                elif state.state == "assigned":
                    act(number=number, command=c.Accept(c.Actor(f"{state.lead}01", frozenset({state.lead})), moment))
                elif state.state == "handling":
                    self._hand_in(number, state.lead, moment, dict.fromkeys(state.supporting, "无需配合"))
                else:
                    act(
                        number=number,
                        command=c.Verify(
                            c.Actor(f"{state.verifier}00", frozenset({state.verifier})), moment, "复查合格"
                        ),
                    )
            except Refused:
                return  # as in the invented year: what the rules refuse did not happen

    def _hand_in(self, number: int, lead: str, at: datetime, waived: dict[str, str] | None = None) -> None:
        actor = c.Actor(f"{lead}01", frozenset({lead}))
        files = tuple({"sha256": sha, "name": name, "type": "image/jpeg"} for sha, name in self.pictures.some(1, at))
        act(number=number, command=c.Attach(actor, at, files))
        act(number=number, command=c.Submit(actor, at + timedelta(minutes=5), "已完成", waived or {}))

    def _results(self) -> None:
        """Self-review, January, an appeal, the results, whom to commend, what to put right."""
        xab, after = self._viewer("xab01"), FIRST + 1
        for quarter in range(1, 5):
            services.take(year=FIRST, quarter=quarter, at=self._at(date(FIRST, quarter * 3, 28) + timedelta(days=6)))
        for key in (TOWNSHIP, DEPARTMENT):
            services.begin_review(viewer=xab, key=key, year=FIRST, at=self._at(date(FIRST, 12, 16)))
        at = self._at(date(FIRST, 12, 25))
        rows = list(Assessment.objects.filter(year=FIRST, key__in=(TOWNSHIP, DEPARTMENT)).select_related("unit"))
        first = next(a for a in rows if a.key == TOWNSHIP and a.unit.code == "lzh")
        services.mark(
            viewer=self._viewer("lzh00"), a=first, side="self", item="meetings", points=150, text="另有一次现场会未录入", files=[self._staged("lzh00", at)], at=at,
        )  # fmt: skip
        for a in rows:
            services.reviewed(viewer=self._viewer(f"{a.unit.code}00"), a=a, at=at)
        other = next(a for a in rows if a.unit.code == "pt")
        services.mark(
            viewer=xab, a=other, side="assessor", item="trained", points=-100, text="抽查两处场所,培训记录与实际不符", files=[self._staged("xab01", at)], at=self._at(date(after, 1, 8)),
        )  # fmt: skip
        for key in (TOWNSHIP, DEPARTMENT):
            services.announce(viewer=xab, key=key, year=FIRST, at=self._at(date(after, 1, 15)))
        self._appeal(first)
        for key in (TOWNSHIP, DEPARTMENT):
            services.finish(viewer=xab, key=key, year=FIRST, at=self._at(date(after, 2, 6)))
        self._commend()
        self._account()

    def _appeal(self, a: Assessment) -> None:
        at = self._at(date(FIRST + 1, 1, 17))
        lost = appeals.lost_of(a, at)
        item = "meetings" if "meetings" in lost else next(iter(lost))
        made = appeals.appeal(
            viewer=self._viewer("lzh00"),
            a=a,
            item=item,
            text="现场会有签到和照片,应予认定",
            files=[self._staged("lzh00", at)],
            at=at,
        )
        appeals.decide(
            viewer=self._viewer("dcs00"),
            appeal=made,
            upheld=True,
            points=min(150, lost[item]),
            answer="核实属实",
            at=at + timedelta(days=4),
        )

    def _commend(self) -> None:
        """A round of 2024: notices, reviews, approval."""
        year = FIRST + 1
        xab, dcs, leader = self._viewer("xab00"), self._viewer("dcs00"), self._viewer("leader")
        day = date(year, 2, 10)
        round_ = commendation.open_round(
            viewer=xab, mechanism="fire", year=FIRST, title=f"{FIRST}年度消防工作先进单位和先进个人", units=4, people=2, level="good", notice_days=5, at=self._at(day),
        )  # fmt: skip
        best = (
            Assessment.objects.filter(year=FIRST, state="final")
            .exclude(Q(level="fail") | Q(level="pass"))
            .order_by("-total")
            .select_related("unit")
        )
        done = 0
        for a in best[:8]:
            try:
                n = commendation.nominate(
                    viewer=xab,
                    round_=round_,
                    unit=a.unit,
                    name="",
                    post="",
                    reason="年度考核优秀(虚构示例)",
                    by=round_.office,
                    at=self._at(day + timedelta(days=3)),
                )
            except Refused:
                continue  # the record does not allow it
            step = day + timedelta(days=5)
            for stage in ("notice", "review", "notice", "review", "notice"):
                at = self._at(step)
                if stage == "notice":
                    commendation.post_notice(viewer=xab, nominee=n, at=at)
                    step += timedelta(days=10)
                else:
                    commendation.review(
                        viewer=xab if commendation.next_stage(n) == "review1" else dcs,
                        nominee=n,
                        passed=True,
                        text="材料属实",
                        at=at,
                    )
                    step += timedelta(days=1)
                n.refresh_from_db()
            commendation.commend(viewer=leader, nominee=n, at=self._at(step))
            done += 1
            if done == 3:
                return

    def _account(self) -> None:
        """The weakest township gets a list to put right."""
        worst = Assessment.objects.filter(year=FIRST, key=TOWNSHIP).order_by("total").select_related("unit").first()
        assert worst is not None
        day = date(FIRST + 1, 2, 12)
        made = accountability.propose(
            viewer=self._viewer("xab01"), mechanism="fire", kind="rectify", unit=worst.unit, basis=f"{FIRST}年度消防工作考核结果", text="得分偏低,限期整改(虚构示例)",
            points=[accountability.Wanted("补齐服务中心岗位", day + timedelta(days=60), "centre"), accountability.Wanted("提高场所检查覆盖", day + timedelta(days=90), "covered")],
            assessment=worst, at=self._at(day),
        )  # fmt: skip
        subject = letters.work_of(f"{FIRST + 1}年度全区消防工作", Unit.objects.get(code="xab"), "xab01", self._at(day))
        accountability.decide(
            viewer=self._viewer("leader"),
            measure=made,
            approve=True,
            answer="",
            subject=subject,
            at=self._at(day + timedelta(days=2)),
        )
        for point in made.points.select_related("matter"):
            assert point.matter is not None
            self._end(point.matter.number, self._at(point.due - timedelta(days=5)))
