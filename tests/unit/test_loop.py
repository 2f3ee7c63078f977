"""The loop by its behaviour, and by what must not be possible."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import Limit
from bihuan.kernel.domain.kinds import BadCatalogue, Kind, parse
from bihuan.kernel.domain.loop import available, decide, relations
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.domain.rules import RULES
from bihuan.kernel.domain.state import CHANGES, STATES, Event, State, evolve, fold
from bihuan.kernel.domain.steps import STEPS

from ..support import local
from .test_workdays import CALENDAR

KINDS = Path(__file__).resolve().parents[2] / "catalogue/kinds"


def kind(name: str = "obstacle", **changes: object) -> Kind:
    text = (KINDS / f"{name}.toml").read_text("utf-8")
    return replace(parse(tomllib.loads(text), name)[-1][2], **changes)


KIND = kind()
T = local(2026, 3, 2, 9)
PEOPLE = {
    "office": c.Actor("o1", frozenset({"office"})), "lead": c.Actor("l1", frozenset({"lead"})),
    "help": c.Actor("h1", frozenset({"help"})), "check": c.Actor("c1", frozenset({"check"})),
    "other": c.Actor("x1", frozenset({"other"})), "boss": c.Actor("b1", frozenset(), superior=True),
}  # fmt: skip
PHOTO = ({"sha256": "a" * 64, "name": "p.jpg", "type": "image/jpeg"},)


class Walk:
    """A matter walked by hand."""

    def __init__(self, k: Kind = KIND) -> None:
        self.kind, self.events, self.at = k, [], T
        self.give(None, c.Raise, "道路未贯通", "", "s", "t", "office", "office", by="office")

    @property
    def state(self) -> State:
        found = fold(self.events)
        assert found
        return found

    def give(
        self, before: object, command: type[c.Command], *args: object, by: str, days: float = 0, **kw: object
    ) -> Walk:
        self.at += timedelta(days=days)
        state = fold(self.events)
        actor = c.CLOCK if by == "clock" else PEOPLE[by]
        self.events += decide(state, command(actor, self.at, *args, **kw), self.kind, CALENDAR)
        return self

    def do(self, command: type[c.Command], *args: object, by: str, days: float = 0, **kw: object) -> Walk:
        return self.give(self.state, command, *args, by=by, days=days, **kw)

    def assign(self, supporting: tuple[str, ...] = ("help",), **kw: object) -> Walk:
        return self.do(c.Assign, "lead", supporting, "check", "office", by="office", **kw)

    def handle(self, **kw: object) -> Walk:
        return self.assign(**kw).do(c.Accept, by="lead")

    def submit(self) -> Walk:
        return self.handle().do(c.Report, "配合完成", by="help").do(c.Submit, "已办完", by="lead")

    def close(self) -> Walk:
        return self.submit().do(c.Verify, "属实", by="check")


def test_the_straight_way_round() -> None:
    w = Walk()
    assert (w.state.state, w.state.owed_by) == ("raised", "office")
    w.assign()
    assert (w.state.state, w.state.owed_by) == ("assigned", "lead")
    assert w.state.due == local(2026, 3, 24), "15 working days after 2 March end with the 23rd"
    w.do(c.Accept, by="lead").do(c.Report, "正在施工", 40, by="lead").do(c.Report, "配合完成", by="help")
    w.do(c.Submit, "已办完", by="lead")
    assert (w.state.state, w.state.owed_by, w.state.late) == ("submitted", "check", 0)
    w.do(c.Verify, "属实", by="check")
    assert (w.state.state, w.state.due, w.state.revisit_due) == ("closed", None, date(2026, 4, 1))
    w.do(c.Revisit, True, "满意", by="office", days=30)
    assert w.state.revisited
    assert not w.state.revisit_due


def test_a_bad_revisit_opens_round_two_and_keeps_round_one() -> None:
    w = Walk().close().do(c.Revisit, False, "反弹了", by="office", days=30)
    s = w.state
    assert (s.state, s.round, s.owed_by) == ("assigned", 2, "lead")
    assert s.rounds[0]["round"] == 1
    assert s.clock_start == w.at
    assert not s.escalated
    w.do(c.Accept, by="lead").do(c.Report, "再次配合", by="help").do(c.Submit, "再次办完", by="lead").do(
        c.Verify, "属实", by="check"
    )
    assert w.state.state == "closed"


@pytest.mark.parametrize(("verifier", "supporting"), [("lead", ()), ("help", ("help",)), ("", ())])
def test_the_verifier_is_another_unit(verifier: str, supporting: tuple[str, ...]) -> None:
    with pytest.raises(Refused, match="verify"):
        Walk().do(c.Assign, "lead", supporting, verifier, "office", by="office")


def test_a_person_who_handled_it_cannot_verify_it_in_another_post() -> None:
    w = Walk().submit()
    both = c.Actor("l1", frozenset({"lead", "check"}))
    with pytest.raises(Refused, match="somebody else"):
        decide(w.state, c.Verify(both, w.at, "属实"), KIND, CALENDAR)
    assert "verify" not in available(w.state, both, KIND)


def test_return_needs_a_reason_and_its_window() -> None:
    w = Walk().assign()
    with pytest.raises(Refused) as refused:
        w.do(c.Return, " ", by="lead")
    assert refused.value.field == "reason"
    with pytest.raises(Refused, match="is over"):
        w.do(c.Return, "不属于我单位", by="lead", days=4)


def test_after_a_return_only_a_superior_assigns_the_same_unit_and_that_is_final() -> None:
    w = Walk().assign().do(c.Return, "不属于我单位", by="lead")
    assert (w.state.state, w.state.lead) == ("raised", "")
    with pytest.raises(Refused, match="superior"):
        w.assign()
    assert "assign" in available(w.state, PEOPLE["boss"], KIND)
    w.events += decide(w.state, c.Assign(PEOPLE["boss"], w.at, "lead", (), "check", "office"), KIND, CALENDAR)
    assert w.state.final
    with pytest.raises(Refused, match="cannot be returned"):
        w.do(c.Return, "仍不属于", by="lead")


def test_a_superior_does_not_assign_past_the_office_without_a_return() -> None:
    w = Walk()
    assert "assign" not in available(w.state, PEOPLE["boss"], KIND)
    with pytest.raises(Refused, match="no part"):
        decide(w.state, c.Assign(PEOPLE["boss"], w.at, "lead", (), "check", "office"), KIND, CALENDAR)


def test_a_pause_stops_the_clock_and_only_listed_reasons_do() -> None:
    w = Walk().handle()
    with pytest.raises(Refused, match="reasons"):
        w.do(c.Pause, "太忙", date(2026, 3, 10), by="lead")
    w.do(c.Pause, "不可抗力", date(2026, 3, 10), by="lead")
    assert w.state.pause_asked
    assert w.state.due, "asking does not stop the clock"
    w.do(c.Pause, by="office")
    assert w.state.paused
    assert w.state.due is None
    with pytest.raises(Refused, match="has not come"):
        w.do(c.Resume, by="clock")
    with pytest.raises(Refused, match="resume it first"):
        w.do(c.Submit, "办完", by="lead")
    w.do(c.Resume, by="clock", days=8)
    assert w.state.due == local(2026, 4, 1), "six working days later than the 23rd is the 31st"


def test_an_extension_is_asked_then_granted_within_the_maximum() -> None:
    w = Walk().handle()
    before = w.state.due
    with pytest.raises(Refused, match="At most 15"):
        w.do(c.AskExtension, 16, "难", by="lead")
    w.do(c.AskExtension, 5, "难", by="lead")
    assert w.state.due == before
    with pytest.raises(Refused, match="no part"):
        w.do(c.GrantExtension, by="lead")
    w.do(c.GrantExtension, by="office")
    assert w.state.due == local(2026, 3, 31)
    with pytest.raises(Refused, match="5 are used"):
        w.do(c.AskExtension, 11, "更难", by="lead")


def test_a_late_request_says_why() -> None:
    w = Walk().handle()
    with pytest.raises(Refused, match="comes late"):
        w.do(c.AskExtension, 2, "难", by="lead", days=40)


def test_waiting_for_verification_is_not_the_handlers_time() -> None:
    w = Walk().submit()
    assert w.state.due == local(2026, 3, 6), "the verifier has three working days"
    w.do(c.SendBack, "照片不清", by="check", days=3)
    assert w.state.due == local(2026, 3, 27), "three working days of waiting are given back"


def test_lateness_is_kept() -> None:
    w = Walk().handle().do(c.Report, "配合", by="help").do(c.Submit, "办完", by="lead", days=24)
    assert w.state.late == 3
    w.do(c.Verify, "属实", by="check")
    assert w.events[-1].data["late"] == 3


def test_a_transfer_keeps_the_clock_unless_the_kind_restarts_it() -> None:
    w = Walk().handle()
    start = w.state.clock_start
    w.do(c.Transfer, "other", "职责调整", by="office", days=2)
    assert (w.state.state, w.state.lead, w.state.clock_start) == ("assigned", "other", start)
    w2 = Walk(kind(restart_on_transfer=True)).handle().do(c.Transfer, "other", "职责调整", by="office", days=2)
    assert w2.state.clock_start == w2.at
    with pytest.raises(Refused, match="neither lead nor supporting"):
        w.do(c.Transfer, "check", "错误", by="office")


def test_evidence_and_answers_are_asked_for() -> None:
    w = Walk(kind("hazard_general")).handle()
    with pytest.raises(Refused, match="1 photo") as refused:
        w.do(c.Submit, "办完", by="lead")
    assert refused.value.field == "files"
    w.do(c.Attach, PHOTO, by="lead")
    with pytest.raises(Refused, match="has not answered"):
        w.do(c.Submit, "办完", by="lead")
    w.do(c.Submit, "办完", {"help": "电话沟通"}, by="lead")
    assert w.state.state == "submitted"


def test_the_verifiers_own_photo_is_not_the_handlers_evidence() -> None:
    w = Walk(kind("hazard_general")).handle(supporting=()).do(c.Attach, PHOTO, by="check")
    with pytest.raises(Refused, match="1 photo"):
        w.do(c.Submit, "办完", by="lead")


def test_the_ladder_climbs_once_a_round_and_persons_decide_from_the_interview_up() -> None:
    w = Walk().handle()
    with pytest.raises(Refused, match="not late"):
        w.do(c.Escalate, "reminder", by="clock")
    w.do(c.Escalate, "reminder", by="clock", days=25)
    with pytest.raises(Refused, match="already"):
        w.do(c.Escalate, "reminder", by="clock")
    with pytest.raises(Refused, match="has not come"):
        w.do(c.Escalate, "interview", "依据", by="clock", days=60)
    with pytest.raises(Refused, match="empty"):
        w.do(c.Escalate, "interview", by="boss")
    w.do(c.Escalate, "interview", "督查条例", by="boss")
    assert w.events[-1].data["objection"] is True
    with pytest.raises(Refused, match="no part"):
        w.do(c.Escalate, "circular", "依据", by="lead")


def test_merge_wants_one_subject_or_a_word() -> None:
    w = Walk().handle()
    with pytest.raises(Refused, match="another subject"):
        w.do(c.Merge, "9", True, False, by="office")
    with pytest.raises(Refused, match="no longer open"):
        w.do(c.Merge, "9", False, True, by="office")
    w.do(c.Merge, "9", True, True, by="office")
    assert (w.state.state, w.state.merged_into, w.state.owed_by) == ("merged", "9", "")


def test_regrade_stays_in_the_family_and_counts_from_the_first_start() -> None:
    general, major = kind("hazard_general"), kind("hazard_major")
    w = Walk(general).handle()
    with pytest.raises(Refused, match="same family"):
        w.do(c.Regrade, KIND, "错", by="check")
    w.do(c.Regrade, major, "重新判定", by="check", days=1)
    assert (w.state.kind, w.state.limit) == ("hazard_major", major.limit)


def test_an_explicit_limit_needs_a_reason_and_a_possible_date() -> None:
    early = Limit("date", until=date(2026, 2, 1))
    with pytest.raises(Refused, match="needs a reason"):
        Walk().assign(limit=Limit("workdays", 3))
    with pytest.raises(Refused, match="before the matter was raised"):
        Walk().assign(limit=early, reason="会议确定")
    assert Walk().assign(limit=Limit("open"), reason="长期").state.due is None


def test_nothing_happens_before_the_matter_was_raised() -> None:
    with pytest.raises(Refused, match="before the matter was raised"):
        Walk().assign(days=-1)


def test_a_stranger_can_do_nothing() -> None:
    for w in (Walk(), Walk().assign(), Walk().handle(), Walk().submit(), Walk().close()):
        assert available(w.state, PEOPLE["other"], KIND) == []
        assert relations(w.state, PEOPLE["other"]) == frozenset()


def test_withdrawn_and_merged_are_the_only_dead_ends() -> None:
    ends = {"withdrawn", "merged"}
    assert ends == set(STATES) - {s for rule in RULES.values() for s in rule.states}


def test_every_command_has_a_rule_and_a_step() -> None:
    rest = set(c.NAMES.values()) - {c.Raise}
    assert set(RULES) == set(STEPS) == rest


COMMANDS = st.one_of(
    st.builds(lambda: (c.Assign, ("lead", ("help",), "check", "office"))), st.just((c.Accept, ())), st.just((c.Return, ("不属于",))),
    st.just((c.Report, ("进展", 10))), st.just((c.Attach, (PHOTO,))), st.just((c.Submit, ("办完", {"help": "电话"}))),
    st.just((c.Verify, ("属实",))), st.just((c.SendBack, ("重做",))), st.just((c.Revisit, (False, "反弹"))), st.just((c.Revisit, (True, "好"))),
    st.just((c.Reopen, ("新情况",))), st.just((c.Transfer, ("other", "调整"))), st.just((c.Transfer, ("lead", "调整"))),
    st.just((c.Pause, ("不可抗力", date(2026, 12, 1)))), st.just((c.Resume, ())), st.just((c.AskExtension, (2, "难", "忘了"))),
    st.just((c.GrantExtension, ())), st.just((c.Withdraw, ("误报",))), st.just((c.Escalate, ("reminder", ""))), st.just((c.Merge, ("7", True, True))),
    st.just((c.Amend, ({"title": "改名"}, "更正"))), st.just((c.HandOver, ("l2", "调离"))), st.just((c.Reclock, ("新通知",))),
)  # fmt: skip
WHO = [
    *PEOPLE.values(),
    c.CLOCK,
    c.Actor("l1", frozenset({"lead", "check", "office"})),
    c.Actor("h1", frozenset({"help", "check"}), superior=True),
]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(COMMANDS, st.sampled_from(WHO), st.integers(0, 9)), max_size=25))
def test_no_sequence_lets_a_handler_verify_and_rows_are_folds(steps) -> None:
    w = Walk()
    handled: set[str] = set()
    for (command, args), actor, days in steps:
        w.at += timedelta(days=days)
        before = w.state
        try:
            events = decide(before, command(actor, w.at, *args), KIND, CALENDAR)
        except Refused:
            continue
        for event in events:
            if event.type == "Verified":
                assert event.by not in handled
                assert event.unit != before.lead
                assert event.unit not in before.supporting
            if event.type in ("Accepted", "Progressed", "Submitted") and event.by != "clock":
                handled.add(event.by)
            before = evolve(before, event)
        w.events += events
        assert before == w.state, "the state carried along equals the fold of all events"
        assert before.state in STATES
        assert before.verifier == "" or before.verifier not in (before.lead, *before.supporting)
        if before.paused or not before.open:
            assert before.due is None


def test_every_state_is_reached() -> None:
    reached = {w.state.state for w in (Walk(), Walk().assign(), Walk().handle(), Walk().submit(), Walk().close())}
    reached.add(Walk().do(c.Withdraw, "误报", by="office").state.state)
    reached.add(Walk().do(c.Merge, "9", True, True, by="office").state.state)
    assert reached == set(STATES)


def test_evolve_refuses_what_cannot_follow() -> None:
    w = Walk()
    with pytest.raises(ValueError, match="once"):
        evolve(w.state, w.events[0])
    with pytest.raises(ValueError, match="before Raised"):
        evolve(None, Event("Accepted", T, "x", "y", {}))
    with pytest.raises(ValueError, match="unknown"):
        evolve(w.state, Event("Exploded", T, "x", "y", {}))
    assert len(CHANGES) > 20


def test_a_megabyte_of_comment_is_refused_with_its_length() -> None:
    with pytest.raises(Refused, match="1000000") as refused:
        Walk().handle().do(c.Report, "长" * 1_000_000, by="lead")
    assert refused.value.field == "text"


@pytest.mark.parametrize(("key", "value"), [("unit", "weeks"), ("start", "tomorrow")])
def test_a_wrong_kind_names_its_file(key: str, value: str) -> None:
    data = tomllib.loads((KINDS / "obstacle.toml").read_text("utf-8"))
    data["edition"][0]["clock"][key] = value
    with pytest.raises(BadCatalogue, match=r"obstacle.toml.*" + value):
        parse(data, "obstacle.toml")
    del data["edition"][0]["clock"]
    with pytest.raises(BadCatalogue, match="clock is missing"):
        parse(data, "obstacle.toml")


def test_all_shipped_kinds_parse_and_name_their_source() -> None:
    for path in KINDS.glob("*.toml"):
        for _, _, found in parse(tomllib.loads(path.read_text("utf-8")), path.name):
            assert found.source
            assert found.id == path.stem
            assert found.ladder
