"""One invented year of work, every step a real command through the services."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.utils import timezone

from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import Limit, local_day, start_of
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.matters.catalogue import kind_on
from bihuan.kernel.matters.clockwork import due_command
from bihuan.kernel.matters.services import act, assignment, load, party, raise_matter
from bihuan.kernel.orgs.models import Post, Unit
from bihuan.kernel.subjects.models import Subject

from .pictures import Pictures

BUREAUS = [
    "jsj",
    "cgj",
    "zgj",
    "yslj",
    "gafj",
    "jyj",
    "wjj",
    "mzj",
    "wlj",
    "scj",
    "yjj",
    "hbj",
    "rsj",
    "czj",
    "tcj",
    "gdgs",
    "zls",
    "rqgs",
    "ptgs1",
    "ptgs2",
]
BANKS = ["zgyh", "gsyh", "jsyh", "nyyh", "jtyh", "zzyh"]


@dataclass
class Case:
    """One matter under way: its number, who is in it and the time reached."""

    number: int
    lead: str
    supporting: list[str]
    verifier: str
    assigner: str
    at: datetime
    pace: float


class Year:
    """Makes matters over the last year, each walked as far as its time and its luck allow."""

    def __init__(
        self, data: dict[str, Any], subjects: dict[str, list[Subject]],
        progress: Callable[[str, int, int], None], seed: int,
    ) -> None:  # fmt: skip
        self.data, self.subjects, self.progress = data, subjects, progress
        self.random = Random(seed)  # noqa: S311  a fixed seed, no secret
        self.pictures = Pictures(Random(seed + 1))  # noqa: S311  a fixed seed, no secret
        self.now = timezone.now()
        self.people: dict[str, list[str]] = {}
        for unit, person in (
            Post.objects.exclude(person=None)
            .filter(role__in=["officer", "head"])
            .values_list("unit__code", "person__username")
        ):
            self.people.setdefault(unit, []).append(person)
        self.units = {u.code: u for u in Unit.objects.all()}

    def run(self, total: int) -> None:
        """`total` matters, oldest first, then the tasks of the year's key points."""
        r = self.random
        for i in range(total):
            if i % 40 == 0:
                self.progress("matters", i, total)
            days = 360 * (1 - i / total) ** 1.3 + r.random() * 3
            self._one(self._kind(), self.now - timedelta(days=days, minutes=r.randrange(0, 400)))
        for work in self.data["facts"]["work"]:
            subject = next(s for s in self.subjects["work"] if s.name == work["name"])
            for i, task in enumerate(work["tasks"]):
                self._one("meeting_task", self.now - timedelta(days=200 - i), subject, task)

    def _kind(self) -> str:
        kinds = {
            "hazard_general": 38,
            "hazard_serious": 10,
            "hazard_major": 2,
            "obstacle": 20,
            "demand": 8,
            "meeting_task": 6,
            "financing": 7,
            "question": 9,
        }
        return self.random.choices(list(kinds), list(kinds.values()))[0]

    def _text(self, kind: str) -> str:
        invented = self.data["invented"]
        pool = {
            "obstacle": "obstacles",
            "meeting_task": "obstacles",
            "demand": "demands",
            "financing": "gaps",
            "question": "questions",
        }
        return str(self.random.choice(invented[pool.get(kind, "hazards")]))

    def _use(self, kind: str) -> str:
        return {"financing": "financing", "question": "counselling"}.get(
            kind, "fire" if kind.startswith("hazard") else "promotion"
        )

    def _leads(self, kind: str, subject: Subject) -> list[str]:
        r = self.random
        if kind.startswith("hazard"):
            return [subject.territory.code, *r.sample(BUREAUS, r.choice([0, 0, 1]))]
        if kind == "financing":
            return [r.choice(BANKS)]
        return r.sample(
            [*BUREAUS, subject.territory.code] if subject.territory.code != "zdx" else BUREAUS, r.choice([1, 2, 2, 3])
        )

    def _one(self, kind: str, begin: datetime, subject: Subject | None = None, title: str = "") -> None:
        r = self.random
        pool = self.subjects[self._use(kind)]
        # the projects that the newspaper names come first, and more often
        subject = subject or r.choice(pool if r.random() < 0.6 else pool[:10])
        begin = self._office(begin)
        if begin > self.now:
            return
        spec = kind_on(kind, local_day(begin))
        assigner = party(spec.assigner, raiser="")
        raiser = self.units[assigner]
        if kind.startswith("hazard") and r.random() < 0.6 and subject.territory.code in self.people:
            raiser = self.units[subject.territory.code]
        text = title or self._text(kind)
        matter = raise_matter(
            actor=self._actor(raiser.code), at=begin, kind_id=kind, title=text, description=f"{subject.name}:{text}(虚构示例)",
            subject=subject, raiser=raiser,
        )  # fmt: skip
        leads = [u for u in self._leads(kind, subject) if u in self.people]
        if not leads:
            return
        state, _, _ = load(matter.number)
        parties = assignment(spec, state, leads[0])
        supporting = [u for u in leads[1:] if u != parties["verifier"]]
        case = Case(
            matter.number,
            leads[0],
            supporting,
            parties["verifier"],
            assigner,
            begin,
            r.choice([0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.3, 1.8]),
        )
        limit = (
            Limit("date", until=calendar_for().add(local_day(begin), r.randrange(5, 25))) if r.random() < 0.25 else None
        )
        if self._step(
            case,
            0.4,
            assigner,
            lambda a, t: c.Assign(
                a, t, leads[0], tuple(supporting), limit=limit, reason="会议确定" if limit else "", **parties
            ),
        ):
            self._handle(case, spec.photos + spec.files)
        clock_until(case.number, self.now)

    def go_on(self, number: int) -> None:
        """Walk a matter that was assigned elsewhere as far as its time and its luck allow."""
        state, spec, _ = load(number)
        assert state.assigned_at is not None
        pace = self.random.choice([0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.4])
        case = Case(number, state.lead, list(state.supporting), state.verifier, state.assigner, state.assigned_at, pace)
        self._handle(case, spec.photos + spec.files)
        clock_until(number, self.now)

    def _handle(self, case: Case, photos: int) -> None:
        r = self.random
        if (
            r.random() < 0.04
            and self._step(case, 0.3, case.lead, lambda a, t: c.Return(a, t, "不属于本单位职责,建议另行交办"))
            and not self._again(case)
        ):
            return
        if not self._step(case, 0.5, case.lead, lambda a, t: c.Accept(a, t)):
            return
        length = self._length(case) * case.pace
        if r.random() < 0.1 and self._step(
            case,
            length * 0.2,
            case.lead,
            lambda a, t: c.AskExtension(a, t, r.randrange(2, 6), "施工受天气影响", "节前人员不足"),
        ):
            answer = (
                (lambda a, t: c.GrantExtension(a, t))
                if r.random() < 0.7
                else (lambda a, t: c.RefuseExtension(a, t, "可以按期完成"))
            )
            self._step(case, 1, case.assigner, answer)
        if r.random() < 0.07:
            self._pause(case)
        self._step(
            case, length * 0.4, case.lead, lambda a, t: c.Report(a, t, "已制定方案,正在实施", r.choice([20, 30, 50]))
        )
        for unit in case.supporting:
            if r.random() < 0.85:
                self._step(case, 0.6, unit, lambda a, t: c.Report(a, t, "配合事项已落实"))
        self._finish(case, length * 0.5, photos)

    def _again(self, case: Case) -> bool:
        state, kind, _ = load(case.number)
        case.lead = self.random.choice([u for u in BUREAUS if u not in (case.lead, case.verifier)])
        case.supporting = []
        parties = assignment(kind, state, case.lead)
        case.verifier = parties["verifier"]
        return self._step(case, 0.6, case.assigner, lambda a, t: c.Assign(a, t, case.lead, (), **parties))

    def _pause(self, case: Case) -> None:
        _, kind, _ = load(case.number)
        reason = self.random.choice(kind.pause_reasons)
        until = local_day(case.at) + timedelta(days=self.random.randrange(4, 12))
        if self._step(case, 1, case.lead, lambda a, t: c.Pause(a, t, reason, max(until, local_day(t)))) and self._step(
            case, 0.5, case.assigner, lambda a, t: c.Pause(a, t)
        ):
            self._step(case, 5, case.assigner, lambda a, t: c.Resume(a, t))

    def _finish(self, case: Case, wait: float, photos: int) -> None:
        r = self.random
        files = self.pictures.some(max(photos, r.choice([0, 1, 2])), case.at)
        if files and not self._step(
            case,
            wait,
            case.lead,
            lambda a, t: c.Attach(a, t, tuple({"sha256": s, "name": n, "type": "image/jpeg"} for s, n in files)),
        ):
            return
        waived = dict.fromkeys(case.supporting, "经电话沟通,无需配合")
        if not self._step(case, 0.1, case.lead, lambda a, t: c.Submit(a, t, "已按要求完成,现场恢复正常", waived)):
            return
        if r.random() < 0.1 and self._step(
            case, 1.5, case.verifier, lambda a, t: c.SendBack(a, t, "现场仍有遗留,照片不清楚")
        ):
            if self._step(case, 2, case.lead, lambda a, t: c.Submit(a, t, "遗留已处理,补充说明", waived)):
                self._step(case, 1.5, case.verifier, lambda a, t: c.Verify(a, t, "再次复查合格"))
        elif not self._step(case, 1.5, case.verifier, lambda a, t: c.Verify(a, t, "现场核查属实,同意办结")):
            return
        state, kind, _ = load(case.number)
        if state.revisit_due and state.revisitor in self.people and r.random() < 0.8:
            good = r.random() < 0.9
            if (
                self._step(
                    case,
                    kind.revisit_after + 2,
                    state.revisitor,
                    lambda a, t: c.Revisit(a, t, good, "情况保持良好,满意" if good else "问题反弹,需要再办"),
                )
                and not good
                and self._step(case, 0.5, case.lead, lambda a, t: c.Accept(a, t))
            ):
                self._step(case, 2, case.lead, lambda a, t: c.Report(a, t, "第二轮整改已开始", 30))
                if r.random() < 0.85:
                    self._finish(case, 3, photos)

    def _length(self, case: Case) -> float:
        state, _, _ = load(case.number)
        return max(2.0, (state.due - case.at).days if state.due else 10.0)

    def _actor(self, unit: str) -> c.Actor:
        return c.Actor(self.random.choice(self.people[unit]), frozenset({unit}))

    def _office(self, at: datetime) -> datetime:
        day = local_day(at)
        calendar = calendar_for()
        while not calendar.is_workday(day):
            day += timedelta(days=1)
        return start_of(day) + timedelta(hours=9, minutes=self.random.randrange(0, 480))

    def _step(self, case: Case, days: float, unit: str, make: Callable[[c.Actor, datetime], c.Command]) -> bool:
        """Let days pass, let the clock do what is due, then give the command; False when its time has not come."""
        later = case.at + timedelta(days=days * self.random.uniform(0.6, 1.4))
        at = (
            self._office(later)
            if local_day(later) != local_day(case.at)
            else case.at + timedelta(minutes=self.random.randrange(3, 40))
        )
        at = max(at, case.at + timedelta(minutes=1))
        clock_until(case.number, min(at, self.now))
        if at > self.now or unit not in self.people:
            return False
        handlers = load(case.number)[0].handlers
        free = [p for p in self.people[unit] if p not in handlers] or self.people[unit]
        actor = c.Actor(free[0] if unit == case.verifier else self.random.choice(self.people[unit]), frozenset({unit}))
        try:
            act(number=case.number, command=make(actor, at))
        except Refused:
            # an invented year takes the rules as they are: what they refuse did not happen
            return False
        case.at = at
        return True


def clock_until(number: int, until: datetime) -> None:
    """Let the clock do with a matter what was due by a moment, each at its own time."""
    for _ in range(4):
        state, kind, _stream = load(number)
        if state.next_at is None or state.next_at > until:
            return
        command = due_command(state, kind, state.next_at)
        if command is None:
            return
        act(number=number, command=command)
