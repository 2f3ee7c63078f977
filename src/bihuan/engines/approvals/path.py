"""A project's own path through the approvals: what applies and why, what it waits for, when, and what matters most. Pure.

Time runs in working days from `as_of` (the first working day from there is day 0). A step that begins on day s and takes n ends
on day s + n, the start day not counted; what follows may begin the same day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.domain.workdays import Workdays

from .applying import Facts, Why, applies
from .catalogue import Catalogue, Need
from .situations import Situation, checked, days_of

START, FINISH = "START", "FINISH"


@dataclass(frozen=True, slots=True)
class Step:
    """An item within the plan. Dates are None for what does not apply or is done.

    `state`: none (does not apply), done, passed (everything that waits for it is settled, so it must have been), running, ready,
    waiting or open (an optional way not taken). `missing`: the groups it
    waits for. `slack`: working days it may slip without moving the goal. `given`: where its days come from.
    """

    id: str
    applies: bool
    why: Why
    state: str
    missing: tuple[str, ...] = ()
    days: int = 0
    given: str = ""
    mode: str = ""
    start: date | None = None
    end: date | None = None
    latest_start: date | None = None
    latest_end: date | None = None
    slack: int = 0
    critical: bool = False
    provisional: bool = False
    after: tuple[str, ...] = ()
    """What decides its start: the members that are waited for."""
    waits: tuple[str, ...] = ()
    """Of every group, the member that is expected first."""


@dataclass(frozen=True)
class Path:
    """The plan towards `goal`. `critical`: the chain that decides its day, first to last."""

    catalogue: Catalogue
    facts: Facts
    situation: Situation
    goal: str
    steps: Mapping[str, Step]
    critical: tuple[str, ...]
    length: int
    """Working days from `as_of` to the goal."""

    @property
    def end(self) -> date | None:
        """The day of the goal; None when it is reached already."""
        return self.steps[self.goal].end

    def left(self) -> list[Step]:
        """The approvals still to be obtained, by their start."""
        found = [s for s in self.steps.values() if s.start and not self.catalogue.items[s.id].milestone]
        return sorted(found, key=lambda s: (s.start, s.end, s.id))

    def this_week(self) -> list[Step]:
        """What can be handed in before the week of `as_of` ends."""
        until = self.situation.as_of + timedelta(days=6 - self.situation.as_of.weekday())
        return [s for s in self.left() if s.state in ("ready", "waiting") and s.start and s.start <= until]


@dataclass
class _Net:
    """The plan in day numbers."""

    c: Catalogue
    facts: Facts
    s: Situation
    day: Callable[[date], int]
    on: dict[str, bool] = field(default_factory=dict)
    why: dict[str, Why] = field(default_factory=dict)
    groups: dict[str, list[tuple[Need, tuple[str, ...]]]] = field(default_factory=dict)
    days: dict[str, tuple[int, str]] = field(default_factory=dict)
    inner: dict[str, list[str]] = field(default_factory=dict)
    """By item: those that are settled within it."""
    passed: set[str] = field(default_factory=set)

    def settle(self) -> None:
        """What applies, the groups that bind, the days."""
        for item in self.c.items.values():
            on, why = applies(item, self.facts, self.c)
            if item.id in self.s.waived:
                on, why = (
                    False,
                    Why(N_("waived: %(reason)s"), {"reason": (self.s.waived[item.id], self.s.waived[item.id])}),
                )
            elif on and item.optional and self.s.modes.get(item.id) != "staged" and item.id not in self.s.done:
                on, why = False, Why(N_("another way that may be chosen"))
            self.on[item.id], self.why[item.id] = on, why
        for item in self.c.items.values():
            found = []
            for need in item.needs:
                ids = tuple(m for m in need.ids(self.facts.type) if self.on[m])
                if ids and not (need.later and any(self.s.modes.get(m) == "promise" for m in ids)):
                    found.append((need, ids))
            self.groups[item.id] = found
            self.days[item.id] = days_of(item, self.facts, self.s, self.c)
            if item.within and self.on[item.id]:
                self.inner.setdefault(item.within, []).append(item.id)
        waiting: dict[str, set[str]] = {}
        for id_, groups in self.groups.items():
            for member in [*(m for _, ids in groups for m in ids), *self.inner.get(id_, ())]:
                waiting.setdefault(member, set()).add(id_)
        for id_ in reversed(self.c.order):
            behind = {x for x in waiting.get(id_, ()) if self.on[x]}
            if behind and id_ not in self.s.ends and all(x in self.s.done or x in self.passed for x in behind):
                self.passed.add(id_)

    def settled(self, id_: str) -> bool:
        """Whether it is known to be behind the project, or not to concern it: then it ended on day 0."""
        return not self.on[id_] or id_ in self.s.done or id_ in self.passed

    def forward(self, days: Mapping[str, int]) -> tuple[dict[str, int], dict[str, int], dict[str, tuple[str, ...]]]:
        """Earliest starts and ends, and what decides each start. `days` by item."""
        begin: dict[str, int] = {}
        end: dict[str, int] = {}
        review: dict[str, int] = {}
        after: dict[str, tuple[str, ...]] = {}
        for id_ in self.c.order:
            if self.settled(id_):
                begin[id_] = end[id_] = review[id_] = 0
                continue
            floor = max(0, self.day(self.s.ready[id_] - timedelta(days=1)) + 1) if id_ in self.s.ready else 0
            if id_ in self.s.ends:
                begin[id_] = 0
                end[id_] = review[id_] = max(0, self.day(self.s.ends[id_]))
            else:
                binding = [min((end[m], m) for m in ids) for _, ids in self.groups[id_]]
                hold = max((e for e, _ in binding), default=0)
                if self.s.modes.get(id_) == "mock":
                    mocked = [review[m] for _, ids in self.groups[id_] for m in ids if self.s.modes.get(m) == "mock"]
                    begin[id_] = max([floor, *mocked])
                    review[id_] = begin[id_] + days[id_]
                    end[id_] = max(review[id_], hold)
                else:
                    begin[id_] = max(floor, hold)
                    end[id_] = review[id_] = begin[id_] + days[id_]
                after[id_] = tuple(m for e, m in binding if e == hold and e > 0 and e >= floor)
            held = [(end[m], m) for m in self.inner.get(id_, ()) if end[m] > end[id_]]
            if held:  # it ends with what is settled within it
                end[id_] = max(held)[0]
                after[id_] = (max(held)[1],)
            if id_ in self.s.late:
                end[id_] = max(end[id_], self.day(self.s.late[id_]))
        return begin, end, after

    def backward(self, goal: str, end: Mapping[str, int], days: Mapping[str, int]) -> dict[str, int]:
        """Latest ends that leave the goal where it is; items that the goal never waits for may end when everything does."""
        horizon = max(end.values())
        last = dict.fromkeys(self.c.order, horizon)
        last[goal] = end[goal]
        for id_ in reversed(self.c.order):
            for m in self.inner.get(id_, ()):
                last[m] = min(last[m], last[id_])
            if self.settled(id_) or id_ in self.s.ends:
                continue
            own = 0 if self.s.modes.get(id_) == "mock" else days[id_]
            for _, ids in self.groups[id_]:
                # of an OR-group only the member that is waited for binds
                member = min(ids, key=lambda m: (end[m], m))
                last[member] = min(last[member], last[id_] - own)
        return last


def _base(s: Situation, calendar: Workdays) -> date:
    """Day 0."""
    return s.as_of if calendar.is_workday(s.as_of) else calendar.add(s.as_of, 1)


def _net(c: Catalogue, facts: Facts, s: Situation, calendar: Workdays) -> _Net:
    base = _base(s, calendar)
    net = _Net(c, facts, s, lambda d: calendar.count(base, d))
    net.settle()
    return net


def plan(c: Catalogue, facts: Facts, s: Situation, calendar: Workdays, goal: str = FINISH) -> Path:
    """The path of a project towards a goal (a milestone or an item). Refused for what the catalogue does not know."""
    checked(facts, s, c)
    if goal not in c.items:
        raise Refused(N_("%(item)s is no item of the catalogue."), field="goal", item=goal)
    base = _base(s, calendar)
    net = _net(c, facts, s, calendar)
    days = {i: n for i, (n, _) in net.days.items()}
    begin, end, after = net.forward(days)
    last = net.backward(goal, end, days)
    critical = _chain(goal, after)
    steps = {}
    for id_ in c.items:
        state, missing = _state(net, id_)
        step = Step(
            id_, net.on[id_], net.why[id_], state, missing, days[id_], net.days[id_][1], s.modes.get(id_, ""), after=after.get(id_, ()),
            waits=tuple(min(ids, key=lambda m: (end[m], m)) for _, ids in net.groups[id_]),
        )  # fmt: skip
        if state not in ("none", "open", "done", "passed"):
            own = 0 if id_ in s.ends else days[id_]
            first, until, latest = (calendar.add(base, n) for n in (begin[id_], end[id_], max(last[id_], end[id_])))
            step = replace(
                step, start=first, end=until, latest_end=latest, latest_start=calendar.add(base, max(last[id_] - own, begin[id_])),
                slack=max(last[id_] - end[id_], 0), critical=id_ in critical, provisional=calendar.is_provisional(until),
            )  # fmt: skip
        steps[id_] = step
    return Path(c, facts, s, goal, steps, critical, end[goal])


def _state(net: _Net, id_: str) -> tuple[str, tuple[str, ...]]:
    """The state of an item as of now, and the groups it waits for. A mocked item waits for nothing to be reviewed."""
    if id_ in net.s.done:
        return "done", ()
    if not net.on[id_]:
        return ("open" if net.c.items[id_].optional and id_ not in net.s.waived else "none"), ()
    if id_ in net.passed:
        return "passed", ()
    if id_ in net.s.ends:
        return "running", ()
    missing = tuple(
        str(need) for need, ids in net.groups[id_] if not any(m in net.s.done or m in net.passed for m in ids)
    )
    return ("waiting" if missing else "ready"), missing


def _chain(goal: str, after: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The chain behind the goal: always what is waited for, the first of the catalogue where several end together."""
    found = [goal]
    while after.get(found[-1]):
        found.append(after[found[-1]][0])
    return tuple(reversed(found))


def gains(found: Path, calendar: Workdays) -> list[tuple[str, int]]:
    """For every item on the critical path, the working days that the goal would win did it take no time; most first."""
    c, s = found.catalogue, found.situation
    net = _net(c, found.facts, s, calendar)
    days = {i: n for i, (n, _) in net.days.items()}
    won = []
    for id_ in found.critical:
        if not c.items[id_].milestone:
            ends = {k: s.as_of if k == id_ else v for k, v in s.ends.items()}
            late = {k: v for k, v in s.late.items() if k != id_}
            quick = replace(net, s=replace(s, ends=ends, late=late))
            won.append((id_, found.length - quick.forward({**days, id_: 0})[1][found.goal]))
    return sorted((w for w in won if w[1] > 0), key=lambda w: (-w[1], c.order.index(w[0])))
