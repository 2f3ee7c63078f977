"""Whatever happens, in whatever order, and however time passes: facts reckoned incrementally are those reckoned at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random
from uuid import uuid4

import pytest
import time_machine

from bihuan.instruments.administration import structure
from bihuan.instruments.assessment import services
from bihuan.instruments.assessment.reckoning import known, measured, refresh
from bihuan.instruments.letters import services as letters
from bihuan.instruments.letters.catalogue import templates
from bihuan.instruments.letters.models import Letter
from bihuan.instruments.meetings import services as meetings
from bihuan.instruments.meetings.models import Meeting
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import ZONE
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.files.filing import Entry, file_entries, subject_change
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.services import act, assignment, load, raise_matter
from bihuan.kernel.orgs.models import Post
from bihuan.mechanisms.fire.incidents import Told, register
from bihuan.mechanisms.fire.inspections import Entered, enter
from bihuan.mechanisms.fire.late import decide_record
from bihuan.mechanisms.fire.models import Record

from ..support import District

pytestmark = pytest.mark.django_db
YEAR = 2025
TOWNS = ("lzh", "jcl")


class Chance:
    """Random work of a district; what the rules refuse did not happen."""

    def __init__(self, d: District, seed: int) -> None:
        self.d, self.random = d, Random(seed)

    def step(self, at: datetime) -> None:
        acts: list[Callable[[datetime], None]] = [
            self.hazard,
            self.move,
            self.move,
            self.move,
            self.record,
            self.record,
            self.second,
            self.fire,
            self.meeting,
            self.letter,
            self.post,
            self.file,
        ]
        try:
            self.random.choice(acts)(at)
        except Refused:
            return

    def _town(self) -> str:
        return self.random.choice(TOWNS)

    def hazard(self, at: datetime) -> None:
        d = self.d
        matter = raise_matter(
            actor=d.actor("xab1"), at=at, kind_id=self.random.choice(["hazard_general", "hazard_serious", "complaint"]), title="堵塞", description="",
            subject=self.random.choice([d.premises, d.far]), raiser=d.units["xab"],
        )  # fmt: skip
        state, kind, _ = load(matter.number)
        lead = self._town()
        act(
            number=matter.number,
            command=c.Assign(
                d.actor("xab1"), at, lead, (), limit=kind.limit, reason="x", **assignment(kind, state, lead)
            ),
        )

    def move(self, at: datetime) -> None:
        """Take some matter one step on, or to another unit."""
        d = self.d
        open_ = list(Matter.objects.filter(mechanism="fire").order_by("number"))
        if not open_:
            return
        number = self.random.choice(open_).number
        state, _, _ = load(number)
        lead = d.actor(f"{state.lead}1")
        photo = d.photo(f"{state.lead}1", colour=self.random.randrange(250))
        files = ({"sha256": photo.file_id, "name": photo.name, "type": "image/jpeg"},)
        steps: dict[str, list[c.Command]] = {
            "assigned": [c.Accept(lead, at), c.Transfer(d.actor("xab1"), at, self._town(), "划转")],
            "handling": [c.Attach(lead, at, files), c.Submit(lead, at, "已改"), c.Submit(lead, at, "已改"), c.Transfer(d.actor("xab1"), at, self._town(), "划转")],
            "submitted": [c.Verify(d.actor("xfdd1"), at, "合格"), c.SendBack(d.actor("xfdd1"), at, "不合格")],
            "closed": [c.Reopen(d.actor("xfdd1"), at, "反弹")],
        }  # fmt: skip
        if state.state in steps:
            act(number=number, command=self.random.choice(steps[state.state]))

    def record(self, at: datetime) -> None:
        d, town = self.d, self._town()
        subject = {"lzh": d.premises, "jcl": d.far}[town]
        what = self.random.choice(["inspection", "training"])
        when = at - timedelta(days=self.random.choice([0, 0, 6]))
        kind = "township" if what == "inspection" else ""
        told = Entered(uuid4(), what, when, kind=kind, people=("甲某", "乙某"), items={}, reason="补录")
        enter(viewer=d.viewer(f"{town}{self.random.choice('12')}"), subject=subject, entered=told)

    def second(self, at: datetime) -> None:
        """The office says of a record that came late whether it counts, or says otherwise than before."""
        rows = list(Record.objects.exclude(late="").order_by("pk"))
        if rows:
            late = self.random.choice(rows)
            counts = late.late != "confirmed"
            decide_record(viewer=self.d.viewer("xab1"), record=late, counts=counts, words="核实", at=at)

    def fire(self, at: datetime) -> None:
        d = self.d
        told = Told(
            at,
            self.random.choice([d.a, d.b]),
            "示例路1号",
            "city",
            "building",
            "dwelling",
            "010101",
            subject=self.random.choice([None, d.premises]),
        )
        register(viewer=d.viewer("xfdd1"), told=told, at=at)

    def meeting(self, at: datetime) -> None:
        """Called for an hour ahead, and closed early as often as not."""
        host = self.random.choice([*TOWNS, "xab"])
        viewer = self.d.viewer(f"{host}1")
        row = meetings.prepare(
            viewer=viewer,
            at=at,
            host=self.d.units[host],
            kind="work",
            title="例会",
            chair="主任",
            starts_at=at + timedelta(hours=1),
            place="室",
        )
        meetings.agenda_set(viewer=viewer, meeting=row, at=at, points=[meetings.Point("形势", "added")])
        meetings.invite(viewer=viewer, meeting=row, at=at, units=[self.d.units[t] for t in TOWNS if t != host])
        meetings.call(viewer=viewer, meeting=row, at=at)
        row = Meeting.objects.get(pk=row.pk)
        if self.random.random() < 0.6:
            meetings.sign_in(meeting=row, at=at, unit=self.d.units[next(t for t in TOWNS if t != host)], name="代表")
        meetings.close(viewer=viewer, meeting=row, at=at)

    def letter(self, at: datetime) -> None:
        waiting = Letter.objects.filter(state="offered").first()
        if waiting is not None:
            letters.scanned(
                viewer=self.d.viewer("xab1"), letter=waiting, file=self.d.photo("xab1"), names="主任", at=at
            )
            return
        kind = templates()["fire.township"]
        batch = letters.draft(
            viewer=self.d.viewer("xab1"), template=kind.id, year=YEAR, title="责任书", issuer=self.d.units["xab"], body={**kind.wording(YEAR), "tasks": [{"text": "任务", "due": [f"{YEAR}-08-01"]}]},
            begins=date(YEAR, 1, 1), ends=date(YEAR, 12, 31), copies=2, parties=[self.d.units[t] for t in TOWNS], work="年度工作", at=at,
        )  # fmt: skip
        letters.offer(viewer=self.d.viewer("xab1"), letters=list(batch.letters.all()), at=at)

    def post(self, at: datetime) -> None:
        post = Post.objects.create(
            unit=self.d.units[self._town()],
            title="网格",
            role="officer",
            valid_from=at.astimezone(ZONE).date() + timedelta(days=self.random.randrange(5)),
        )
        structure.post_told(post=post, by="security", at=at)

    def file(self, at: datetime) -> None:
        d = self.d
        if self.random.random() < 0.5:
            subject_change(
                subject=d.premises,
                person="x",
                unit="lzh",
                at=at,
                entered_at=at,
                changes={"unit": self.random.choice(["qy", "lzh"])},
            )
        else:
            file_entries(
                entries=[Entry(d.far, "parties", "sector", {"unit": self.random.choice(["jsj", "cgj"])})],
                person="x",
                unit="jcl",
                at=at,
            )


@pytest.mark.parametrize("seed", range(4))
def test_incremental_is_what_a_full_reckoning_gives(db, seed: int) -> None:
    at = datetime(YEAR, 2, 3, 9, tzinfo=ZONE)
    with time_machine.travel(at, tick=False):
        d = District()
        services.open_year(
            viewer=d.viewer("xab1"), key="fire.township", year=YEAR, units=[d.units[t] for t in TOWNS], at=at
        )
    chance = Chance(d, seed)
    for _ in range(45):
        at += timedelta(hours=chance.random.choice([0, 1, 7, 30, 150]))
        with time_machine.travel(at, tick=False):
            for _n in range(chance.random.randrange(3)):
                chance.step(at)
            done = refresh(YEAR, at)
            kept, whole = known(YEAR), measured(YEAR, 4, at)
            assert {u: f for u, f in kept.items() if f} == {u: f for u, f in whole.items() if f}, (at, done)
