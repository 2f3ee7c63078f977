"""One project from its registration to the call-back ninety days after its permit: a session, a gap notice, a pause, a promise
kept late, a question that was not solved after all."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from bihuan.instruments.meetings import services as meetings
from bihuan.kernel.access.viewer import viewer_of
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import start_of
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.services import act
from bihuan.kernel.subjects.models import Subject
from bihuan.mechanisms.counselling import exchange, figures, followup, rules, services, sessions
from bihuan.mechanisms.counselling.models import Application
from bihuan.mechanisms.counselling.paths import path_of, standing

from ..support import District, differences

pytestmark = pytest.mark.django_db
EARLY = ("P01", "P04", "P05", "P06", "P07")


def day(text: str, hour: int = 10) -> time_machine.travel:
    return time_machine.travel(start_of(date.fromisoformat(text)) + timedelta(hours=hour), tick=False)


class Project:
    """The project as the office at the window sees it."""

    def __init__(self, d: District) -> None:
        self.d = d

    @property
    def office(self):
        return viewer_of(self.d.people["zwj1"], timezone.localdate())

    @property
    def subject(self) -> Subject:
        return Subject.objects.select_related("file", "territory", "unit").get(pk=self.d.project.pk)

    def receive(self, item: str) -> Application:
        return services.receive(
            viewer=self.office, subject=self.subject, item=item, day=timezone.localdate(), at=timezone.now()
        )

    def step(self, a: Application, code: int, **kw) -> Application:
        services.record(
            viewer=self.office, application=a, told=services.Told(code, timezone.localdate(), **kw), at=timezone.now()
        )
        return Application.objects.get(pk=a.pk)

    def grant(self, *items: str) -> None:
        for item in items:
            self.step(self.receive(item), rules.GRANTED)

    def state(self, item: str) -> str:
        return path_of(self.subject, timezone.localdate()).steps[item].state


def test_from_registration_to_the_ninetieth_day() -> None:
    with day("2024-03-04"):
        d = District()
        p = Project(d)
        services.describe(
            viewer=p.office,
            subject=p.subject,
            at=timezone.now(),
            told={"type": "CT", "facts": {"eia": "form", "fire_special": False}},
        )
        services.suppose(
            viewer=p.office, subject=p.subject, at=timezone.now(), key="done", values=dict.fromkeys(EARLY, "2024-03-01")
        )
        assert p.state("A04") == "ready"
        assert p.state("C14") == "waiting"
        first = path_of(p.subject, timezone.localdate(), goal="C14")
        assert first.critical[-1] == "C14"

    with day("2024-03-12"):  # the session before approval
        meeting = meetings.prepare(
            viewer=p.office, at=timezone.now(), host=d.units["zwj"], kind="counselling", title="{year}年第{n}次辅导会", chair="负责人",
            starts_at=timezone.now() + timedelta(hours=1), place="二楼",
        )  # fmt: skip
        session = sessions.begin(viewer=p.office, meeting=meeting, at=timezone.now(), phase="before", minutes=10)
        sessions.choose(viewer=p.office, session=session, at=timezone.now(), subjects=[p.subject])
        made = sessions.arrange(viewer=p.office, session=session, at=timezone.now())
        assert made.proven
        meetings.call(viewer=p.office, meeting=meeting, at=timezone.now())
        q = sessions.ask(
            viewer=p.office,
            subject=p.subject,
            unit=d.units["gdgs"],
            text="临时用电何时接通",
            at=timezone.now(),
            item="M02",
            session=session,
        )
        q = sessions.answer(
            viewer=p.office, question=q, kind="taken", said="踏勘后答复", at=timezone.now(), due=date(2024, 3, 19)
        )
        told = sessions.ask(
            viewer=p.office,
            subject=p.subject,
            unit=d.units["yslj"],
            text="水土保持能否承诺",
            at=timezone.now(),
            item="A11",
            session=session,
        )
        sessions.answer(viewer=p.office, question=told, kind="now", said="可以告知承诺", at=timezone.now())
        meeting.refresh_from_db()
        session.meeting.refresh_from_db()
        meetings.close(viewer=p.office, meeting=session.meeting, at=timezone.now())
        promise = Matter.objects.get(pk=q.matter_id)

    with day("2024-03-13"):  # a gap notice, told once
        p.grant("A04", "A07", "A08")
        design = p.step(p.receive("B01"), rules.GAP, opinion="缺日照分析、缺指标表")
    with day("2024-03-18"):
        design = p.step(design, rules.FILLED)
        design = p.step(design, rules.ACCEPTED)
        assert design.gaps == 1
        assert design.due == date(2024, 4, 16), "20 working days; 4 and 5 April are off, 7 April is worked"

    with day("2024-03-21"):  # the clock stops for the experts
        with pytest.raises(Exception, match="list"):
            p.step(design, rules.PAUSED, reason="领导外出", notice="1", until=date(2024, 3, 28))
        design = p.step(design, rules.PAUSED, reason="experts", notice="评审告知1号", until=date(2024, 3, 28))
        assert design.due is None

    with day("2024-03-22"):  # the promise of the session is kept three days late
        act(number=promise.number, command=c.Accept(d.actor("gdgs1"), timezone.now()))
        act(number=promise.number, command=c.Submit(d.actor("gdgs1"), timezone.now(), "四月中旬接通"))
    with day("2024-03-25"):
        act(number=promise.number, command=c.Verify(d.actor("zwj2"), timezone.now(), "企业知悉"))
        promise.refresh_from_db()
        assert (promise.state, promise.late) == ("closed", 3)

    with day("2024-03-28"):
        design = p.step(design, rules.RESUMED)
        assert design.due == date(2024, 4, 23), "five working days later"
    with day("2024-04-10"):
        p.step(design, rules.GRANTED)
        p.grant("B07", "C01", "C05", "C06", "C07", "A11", "B02", "B09", "C09")
        p.grant("C02", "A09")
        assert p.state("C14") == "ready"
    with day("2024-04-15"):
        permit = p.step(p.receive("C14"), rules.GRANTED)
        assert p.state("START") == "ready"
        assert standing(permit, timezone.localdate()).first_pass

    for when, after in (("2024-04-22", 7), ("2024-05-15", 30), ("2024-07-14", 90)):
        with day(when):
            due = [
                x
                for x in followup.due(p.office, timezone.localdate())
                if x.application.item == "C14" and x.day <= timezone.localdate()
            ]
            assert [x.after for x in due] == [after]
            solved = after != 30
            followup.revisit(
                viewer=p.office, application=permit, after=after, at=timezone.now(), answers={"started": "是"}, solved=solved,
                satisfaction=5 if solved else 2, said="" if solved else "临时用电仍未接通", again=[] if solved else [promise],
            )  # fmt: skip
            promise.refresh_from_db()
            if not solved:
                assert (promise.state, promise.round) == ("assigned", 2), "what was not solved is open again"

    with day("2024-07-15"):
        found = figures.year_figures(p.office, 2024, timezone.localdate())
        assert (found.sessions, found.projects) == (1, 1)
        assert found.on_the_spot == (1, 2)
        assert found.kept == (0, 1)
        assert found.revisits == (2, 3)
        assert found.satisfaction == 4.0
        assert found.first_pass[0] == found.first_pass[1] - 1
        lapse = [x for x in followup.lapses(p.office, timezone.localdate()) if x.permit.id == "works"]
        assert [x.left for x in lapse] == [0], "three months after the permit, works not begun"
        assert differences() == []
        assert len(list(exchange.rows_out(p.office))) > 30
