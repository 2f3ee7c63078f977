"""Counselling: a project's path from its file, approvals with their clocks, sessions, promises, call-backs; and what must not be."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from bihuan.instruments.meetings import services as meetings
from bihuan.instruments.meetings.models import Meeting
from bihuan.instruments.notices.models import Notice
from bihuan.instruments.notices.services import gather
from bihuan.instruments.projects.selectors import project_of, writers
from bihuan.kernel.domain.clocks import start_of
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.ledger.selectors import stream
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.selectors import subjects_visible_to
from bihuan.kernel.subjects.models import Subject
from bihuan.mechanisms.counselling import clockwork, exchange, figures, followup, rules, services, sessions
from bihuan.mechanisms.counselling.models import Application, Knowledge, Question, Session
from bihuan.mechanisms.counselling.paths import approvals_on_desk, path_of, situation, standing

from ..support import District, differences

pytestmark = pytest.mark.django_db
FACTS = {"type": "CT", "flags": [], "region": [], "facts": {"eia": "form", "fire_special": False}}


def described(d: District, subject: Subject | None = None, **facts) -> Subject:
    subject = subject or d.project
    services.describe(viewer=d.viewer("zwj1"), subject=subject, at=timezone.now(), told={**FACTS, **facts})
    return Subject.objects.select_related("file", "territory", "unit").get(pk=subject.pk)


def received(d: District, item: str = "A04", day: date | None = None, **kw) -> Application:
    subject = Subject.objects.select_related("file", "territory", "unit").get(pk=d.project.pk)
    return services.receive(
        viewer=d.viewer("zwj1"), subject=subject, item=item, day=day or timezone.localdate(), at=timezone.now(), **kw
    )


def step(d: District, a: Application, code: int, day: date | None = None, who: str = "zwj1", **kw) -> Application:
    told = services.Told(code, day or timezone.localdate(), **kw)
    row = services.record(viewer=d.viewer(who), application=a, told=told, at=timezone.now())
    return Application.objects.get(pk=row.pk)


def on(day: str, hour: int = 10) -> time_machine.travel:
    return time_machine.travel(start_of(date.fromisoformat(day)) + timedelta(hours=hour), tick=False)


@pytest.fixture
def old() -> District:
    with on("2024-09-02"):
        return District()


def test_facts_give_a_path_and_a_wrong_one_is_refused_with_its_place(d: District) -> None:
    subject = described(d)
    assert path_of(subject, timezone.localdate()).steps["A04"].state == "waiting"
    with pytest.raises(Refused) as refused:
        services.describe(viewer=d.viewer("zwj1"), subject=subject, at=d.now, told={**FACTS, "facts": {"eia": "x"}})
    assert refused.value.field == "eia"


def test_a_stranger_neither_describes_nor_records(d: District) -> None:
    described(d)
    for who in ("jcl1", "cgj1", "leader", "audit"):
        with pytest.raises(Refused):
            services.describe(viewer=d.viewer(who), subject=d.project, at=d.now, told=FACTS)
        with pytest.raises(Refused):
            services.receive(viewer=d.viewer(who), subject=d.project, item="A04", day=timezone.localdate(), at=d.now)


def test_the_deciding_unit_sees_the_project_from_then_on_and_does_not_keep_its_file(d: District) -> None:
    described(d)
    assert not subjects_visible_to(d.viewer("yslj1")).filter(pk=d.project.pk).exists()
    received(d, "A11")
    assert subjects_visible_to(d.viewer("yslj1")).filter(pk=d.project.pk).exists()
    subject = Subject.objects.select_related("file", "unit").get(pk=d.project.pk)
    assert "yslj" not in writers(subject, project_of(subject))
    assert list(differences("subject")) == []


def test_silence_for_five_working_days_is_acceptance_from_the_day_of_receipt(old: District) -> None:
    d = old
    with on("2024-09-24"):
        described(d)
        a = received(d, "A11")
        assert (a.state, a.due) == ("received", date(2024, 9, 30))
    with on("2024-09-30"):
        assert clockwork.follow(now=timezone.now()) == 0
        a.refresh_from_db()
        assert (a.state, a.silent) == ("received", False)
    with on("2024-10-08"):
        # 25, 26, 27, 29 (a make-up Sunday) and 30 September are the five working days
        assert clockwork.follow(now=timezone.now()) == 1
        a.refresh_from_db()
        assert (a.state, a.silent, a.accepted) == ("accepted", True, date(2024, 9, 24))
        with pytest.raises(Refused, match="count as accepted"):
            step(d, a, rules.GAP, opinion="缺总平面图")


def test_what_is_missing_is_told_once(old: District) -> None:
    d = old
    with on("2024-09-03"):
        described(d)
        a = step(d, received(d), rules.GAP, opinion="缺备案信息表")
        assert (a.state, a.due, a.gaps) == ("gap", None, 1)
        with pytest.raises(Refused, match="cannot follow"):
            step(d, a, rules.GAP, opinion="又缺一项")
        a = step(d, a, rules.FILLED)
        with pytest.raises(Refused, match="once"):
            step(d, a, rules.GAP, opinion="又缺一项")
        with pytest.raises(Refused) as refused:
            step(d, received(d, "A11"), rules.GAP)
        assert refused.value.field == "opinion"


def test_fifteen_working_days_across_the_national_day(old: District) -> None:
    d = old
    with on("2024-09-27"):
        described(d)
        a = step(d, received(d, "P04"), rules.ACCEPTED)
        assert a.due == date(2024, 10, 23)


def test_the_clock_stops_only_for_the_list_with_notice_and_end(old: District) -> None:
    d = old
    with on("2024-09-03"):
        described(d)
        a = step(d, received(d, "P04"), rules.ACCEPTED)
        before = a.due
        for kw, field in (
            ({"reason": "领导出差", "notice": "1号", "until": date(2024, 9, 20)}, "reason"),
            ({"reason": "evaluation", "notice": "1号", "until": date(2024, 9, 20)}, "reason"),
            ({"reason": "experts", "until": date(2024, 9, 20)}, "notice"),
            ({"reason": "experts", "notice": "1号"}, "until"),
        ):
            with pytest.raises(Refused) as refused:
                step(d, a, rules.PAUSED, **kw)
            assert refused.value.field == field
        a = step(d, a, rules.PAUSED, reason="experts", notice="评审告知1号", until=date(2024, 9, 10))
        assert (a.state, a.due) == ("paused", None)
    with on("2024-09-09"):
        a = step(d, a, rules.RESUMED)
        assert before == date(2024, 9, 25)
        assert a.due == date(2024, 9, 30), "four working days later"


def test_an_extension_once_and_never_longer_than_the_law(old: District) -> None:
    d = old
    with on("2024-09-03"):
        described(d)
        a = step(d, received(d, "P04"), rules.ACCEPTED)
        with pytest.raises(Refused) as refused:
            step(d, a, rules.OWN, what=rules.EXTENDED, days=11, opinion="情况复杂")
        assert refused.value.field == "days"
        a = step(d, a, rules.OWN, what=rules.EXTENDED, days=10, opinion="经局长批准")
        assert a.due == date(2024, 10, 14)
        with pytest.raises(Refused):
            step(d, a, rules.OWN, what=rules.EXTENDED, days=1, opinion="再延")


def test_a_back_filled_step_shows_itself_and_nothing_lies_ahead(old: District) -> None:
    d = old
    with on("2024-09-12"):
        described(d)
        a = received(d, day=date(2024, 9, 3))
        a = step(d, a, rules.GRANTED, day=date(2024, 9, 4))
        assert standing(a, date(2024, 9, 12)).entry_gaps == (7, 6)
        with pytest.raises(Refused, match="future"):
            received(d, "A11", day=date(2024, 9, 13))
        b = received(d, "A11", day=date(2024, 9, 10))
        with pytest.raises(Refused, match="before the last step"):
            step(d, b, rules.ACCEPTED, day=date(2024, 9, 9))


def test_a_late_decision_says_by_how_much(old: District) -> None:
    d = old
    with on("2024-09-03"):
        described(d)
        a = step(d, received(d, "P04"), rules.ACCEPTED)
    with on("2024-09-30"):
        assert clockwork.follow(now=timezone.now()) == 0, (
            "a delay that grows is reckoned at the look, not written every day"
        )
        assert standing(a, timezone.localdate()).late == 4
        a = step(d, a, rules.GRANTED)
        assert (a.late, a.granted, a.due) == (4, True, None)


def test_one_open_application_an_item_and_a_denied_one_may_come_again(d: District) -> None:
    described(d)
    a = received(d)
    with pytest.raises(Refused, match="is open"):
        received(d)
    step(d, a, rules.DENIED, opinion="不符合产业政策")
    assert received(d).code.endswith("-2")


def test_a_granted_item_is_done_in_the_path_and_its_permit_lies_in_the_file(d: District) -> None:
    described(d)
    step(d, received(d, "B07"), rules.GRANTED)
    subject = Subject.objects.select_related("file", "territory", "unit").get(pk=d.project.pk)
    assert path_of(subject, timezone.localdate()).steps["B07"].state == "done"
    permit = project_of(subject).permits[0]
    assert permit.id == "works_plan"
    assert permit.lapses is not None
    with on((permit.lapses - timedelta(days=20)).isoformat()):
        found = followup.lapses(d.viewer("zwj1"), timezone.localdate())
        assert [(x.left, x.step) for x in found] == [(20, 30)]


def test_a_mock_review_is_no_permit_until_its_prerequisites_hold(d: District) -> None:
    subject = described(d)
    with pytest.raises(Refused):
        received(d, "A08", mode="mock")
    a = step(d, received(d, "B01", mode="mock"), rules.GRANTED)
    subject = Subject.objects.select_related("file", "territory", "unit").get(pk=subject.pk)
    assert "B01" not in situation(subject, timezone.localdate()).done
    with pytest.raises(Refused, match="P07"):
        step(d, a, rules.OWN, what=rules.FORMAL)
    step(d, received(d, "P07"), rules.GRANTED)
    step(d, a, rules.OWN, what=rules.FORMAL)
    subject = Subject.objects.select_related("file", "territory", "unit").get(pk=subject.pk)
    assert "B01" in situation(subject, timezone.localdate()).done


def test_the_unit_is_told_once_that_a_clock_runs_out_and_once_that_it_has(old: District) -> None:
    d = old
    with on("2024-09-03"):
        described(d)
        a = step(d, received(d, "A10"), rules.ACCEPTED)
        assert a.due == date(2024, 10, 8)
        assert clockwork.warn(now=timezone.now()) == 0
    with on("2024-09-27"):
        assert clockwork.warn(now=timezone.now()) == 1
        assert clockwork.warn(now=timezone.now()) == 0
        while gather(at=timezone.now()):
            pass
        assert Notice.objects.filter(type="ApprovalWarned", person__username="jfj1").count() == 1
        assert not Notice.objects.filter(type="ApprovalWarned", person__username="cgj1").exists()
        assert [x.pk for x in approvals_on_desk(d.viewer("jfj1"), timezone.localdate())] == [a.pk]
        assert approvals_on_desk(d.viewer("cgj1"), timezone.localdate()) == []
    with on("2024-10-09"):
        assert clockwork.warn(now=timezone.now()) == 1, "and once more when it is over"


def test_permits_that_lapse_and_call_backs_are_told_once_a_step(old: District) -> None:
    d = old
    with on("2024-09-03"):
        described(d)
        a = step(d, received(d, "C14"), rules.GRANTED)
        assert a.granted
        assert clockwork.daily(now=timezone.now()) == 0
    with on("2024-10-10"):
        assert clockwork.daily(now=timezone.now()) == 3, (
            "call-backs of 7 and 30 days, and 54 days are left of three months"
        )
        assert clockwork.daily(now=timezone.now()) == 0
    with on("2024-11-10"):
        assert clockwork.daily(now=timezone.now()) == 1
    with on("2024-12-04"):
        assert clockwork.daily(now=timezone.now()) == 1, "the call-back of 90 days; what has lapsed is not warned of"


def test_a_new_day_folds_what_it_changes_and_the_same_day_only_warns(old: District) -> None:
    d = old
    with on("2024-09-24"):
        described(d)
        a = received(d, "A11")
        b = received(d, "A10")
        assert clockwork.new_day(timezone.now()) == 0
    with on("2024-10-08"):
        assert clockwork.new_day(timezone.now()) == 2
        for row in (a, b):
            row.refresh_from_db()
            assert (row.state, row.silent) == ("accepted", True)
            told = stream(f"approval:{row.pk}").events[-1]
            assert (told.type, told.by, told.data["accepted"]) == ("SilenceAccepted", "clock", "2024-09-24")
        assert clockwork.new_day(timezone.now()) == 0, "once told is enough"
        assert differences("approval") == []
    with on("2024-10-08", 15):
        assert clockwork.follow(now=timezone.now()) == 0


def session(d: District, **kw) -> Session:
    who = d.viewer("zwj1")
    meeting = meetings.prepare(
        viewer=who, at=timezone.now(), host=d.units["zwj"], kind="counselling", title="{year}年第{n}次联审联批专题辅导会", chair="政务服务局负责人",
        starts_at=timezone.now() + timedelta(minutes=1), place="第二会议室",
    )  # fmt: skip
    return sessions.begin(viewer=who, meeting=meeting, at=timezone.now(), phase="before", minutes=10, **kw)


def called(d: District) -> Session:
    who = d.viewer("zwj1")
    made = session(d)
    subjects = [described(d), described(d, d.subject("示例智造园", "project", d.b))]
    sessions.choose(viewer=who, session=made, at=timezone.now(), subjects=subjects)
    sessions.arrange(viewer=who, session=made, at=timezone.now())
    meetings.call(viewer=who, meeting=made.meeting, at=timezone.now())
    return made


def test_the_session_knows_who_is_needed_and_nobody_sits_twice(d: District) -> None:
    made = called(d)
    rows = list(made.sittings.select_related("unit", "subject"))
    assert {r.unit.code for r in rows} == {"jfj", "jsj", "cgj", "yslj", "gdgs", "zwj"} & {r.unit.code for r in rows}
    assert {"jfj", "jsj"} <= {r.unit.code for r in rows}
    for key in ("unit_id", "subject_id"):
        taken = [(getattr(r, key), s) for r in rows for s in range(r.start, r.start + r.slots)]
        assert len(taken) == len(set(taken))
    assert {i.unit.code for i in made.meeting.invitations.select_related("unit")} == {r.unit.code for r in rows}
    assert sessions.table(made).moments[0] == made.meeting.starts_at


def test_a_promise_at_the_table_is_a_matter_at_once_and_an_answer_is_not(d: District) -> None:
    made = called(d)
    who, today = d.viewer("zwj1"), timezone.localdate()
    q = sessions.ask(
        viewer=who,
        subject=d.project,
        unit=d.units["jsj"],
        text="施工许可能否分阶段办理",
        at=d.now,
        item="C13",
        session=made,
    )
    with pytest.raises(Refused) as refused:
        sessions.answer(viewer=who, question=q, kind="taken", said="", at=timezone.now(), due=None)
    assert refused.value.field == "due"
    q = sessions.answer(
        viewer=who, question=q, kind="taken", said="带回研究", at=timezone.now(), due=today + timedelta(days=7)
    )
    assert q.matter is not None
    matter = Matter.objects.get(pk=q.matter.pk)
    assert (matter.kind, matter.lead.code, matter.verifier.code) == ("question", "jsj", "zwj")
    with pytest.raises(Refused, match="already"):
        sessions.answer(viewer=who, question=q, kind="now", said="可以", at=timezone.now())
    plain = sessions.ask(
        viewer=who, subject=d.project, unit=d.units["jsj"], text="资金证明要哪些", at=d.now, session=made
    )
    plain = sessions.answer(viewer=who, question=plain, kind="now", said="承诺书和银行保函任选其一", at=timezone.now())
    assert plain.matter is None
    with pytest.raises(Refused) as refused:
        sessions.answer(viewer=who, question=plain, kind="impossible", said=" ", at=timezone.now())
    assert refused.value.field == "said"


def test_others_neither_ask_nor_answer(d: District) -> None:
    made = called(d)
    q = sessions.ask(viewer=d.viewer("zwj1"), subject=d.project, unit=d.units["jsj"], text="问", at=d.now, session=made)
    for who in ("jcl1", "cgj1", "leader"):
        with pytest.raises(Refused):
            sessions.ask(
                viewer=d.viewer(who), subject=d.project, unit=d.units["jsj"], text="问", at=d.now, session=made
            )
        with pytest.raises(Refused):
            sessions.answer(viewer=d.viewer(who), question=q, kind="now", said="答", at=timezone.now())
    with pytest.raises(Refused):
        sessions.ask(viewer=d.viewer("zwj1"), subject=d.far, unit=d.units["jsj"], text="问", at=d.now, session=made)
    with pytest.raises(Refused):
        sessions.begin(viewer=d.viewer("jfj1"), meeting=made.meeting, at=d.now, phase="before", minutes=10)


def test_call_backs_are_due_on_their_days_and_what_is_unsolved_goes_on(old: District) -> None:
    d = old
    who = "zwj1"
    with on("2024-09-03"):
        described(d)
        a = step(d, received(d, "B07"), rules.GRANTED)
        assert [x.after for x in followup.due(d.viewer(who), timezone.localdate())] == [7]
        with pytest.raises(Refused, match="due on"):
            followup.revisit(
                viewer=d.viewer(who), application=a, after=7, at=timezone.now(), answers={}, solved=True, satisfaction=5
            )
    with on("2024-09-10"):
        with pytest.raises(Refused) as refused:
            followup.revisit(
                viewer=d.viewer(who),
                application=a,
                after=7,
                at=timezone.now(),
                answers={},
                solved=False,
                satisfaction=2,
            )
        assert refused.value.field == "said"
        made = followup.revisit(
            viewer=d.viewer(who), application=a, after=7, at=timezone.now(), answers={"utilities": "否", "x": "y"}, solved=False, satisfaction=2,
            said="临时用电未接通",
        )  # fmt: skip
        assert made.answers == {"utilities": "否"}
        assert Matter.objects.get(pk=made.matters[0]).title == "临时用电未接通"
        with pytest.raises(Refused, match="already"):
            followup.revisit(
                viewer=d.viewer(who), application=a, after=7, at=timezone.now(), answers={}, solved=True, satisfaction=5
            )
        assert [x.after for x in followup.due(d.viewer(who), timezone.localdate())] == []
        with pytest.raises(Refused):
            followup.revisit(
                viewer=d.viewer("jfj1"),
                application=a,
                after=30,
                at=timezone.now(),
                answers={},
                solved=True,
                satisfaction=5,
            )
    with on("2024-10-01"):
        assert [x.after for x in followup.due(d.viewer(who), timezone.localdate())] == [30]


def test_an_answer_is_kept_for_everybody_without_the_project(d: District) -> None:
    made = called(d)
    who = d.viewer("zwj1")
    q = sessions.ask(
        viewer=who, subject=d.project, unit=d.units["jsj"], text="东微电子能否容缺", at=d.now, item="C14", session=made
    )
    sessions.answer(viewer=who, question=q, kind="now", said="次要材料可以容缺", at=timezone.now())
    q.refresh_from_db()
    with pytest.raises(Refused, match="without the project"):
        followup.publish(viewer=who, question=q, at=d.now, asked="东微电子能否容缺", said=q.said)
    row = followup.publish(
        viewer=who,
        question=q,
        at=d.now,
        asked="施工许可能否容缺",
        said=q.said,
        basis="河南省优化营商环境条例第三十五条",
    )
    assert row.edition == "2024-11"
    assert list(followup.knowledge("容缺 施工许可")) == [row]
    assert list(followup.knowledge(item="C14")) == [row]
    assert list(followup.knowledge("不存在的词")) == []
    followup.outdate(viewer=who, row=row, at=d.now)
    assert Knowledge.objects.get().ended is not None
    with pytest.raises(Refused):
        followup.publish(viewer=d.viewer("jsj1"), question=q, at=d.now, asked="a", said="b")


def test_state_rows_go_out_and_come_in_without_a_change_and_a_bad_row_fails_alone(d: District) -> None:
    described(d)
    a = received(d, "P04", day=timezone.localdate() - timedelta(days=3))
    step(d, a, rules.ACCEPTED, day=timezone.localdate() - timedelta(days=2))
    out = [dict(zip(exchange.COLUMNS, row, strict=True)) for row in exchange.rows_out(d.viewer("zwj1"))]
    assert [r["办件状态"] for r in out] == ["1", "3"]
    taken = exchange.rows_in(viewer=d.viewer("zwj1"), rows=out, at=timezone.now())
    assert (taken.new, taken.same, taken.failed) == (0, 2, ())
    base = {**out[0], "事项实例编码": "ZD-2024-0001", "事项编码": "A04", "办理时间": f"{timezone.localdate()} 00:00:01"}
    rows = [base, {**base, "办件状态": "11"}, {**base, "办件状态": "14", "办理意见": ""}, {**base, "办件状态": "99"}, {**base, "办理时间": "昨天"}, {**base, "事项实例编码": "ZD-9", "工程代码": "nobody"}]  # fmt: skip
    taken = exchange.rows_in(viewer=d.viewer("zwj1"), rows=rows, at=timezone.now())
    assert (taken.new, taken.same) == (2, 0)
    assert [n for n, _, _ in taken.failed] == [4, 5, 6, 7]
    assert Application.objects.get(code="ZD-2024-0001").granted
    with pytest.raises(Refused):
        exchange.rows_in(viewer=d.viewer("jsj1"), rows=rows, at=timezone.now())
    with pytest.raises(Refused, match="工程代码"):
        exchange.read("主键\n1\n".encode())
    assert list(differences("approval")) == []


def test_figures_count_what_happened(d: District) -> None:
    made = called(d)
    who, today = d.viewer("zwj1"), timezone.localdate()
    for text, kind in (("一", "now"), ("二", "now"), ("三", "taken")):
        q = sessions.ask(viewer=who, subject=d.project, unit=d.units["jsj"], text=text, at=timezone.now(), session=made)
        sessions.answer(
            viewer=who,
            question=q,
            kind=kind,
            said="答",
            at=timezone.now(),
            due=today + timedelta(days=3) if kind == "taken" else None,
        )
    meetings.close(viewer=who, meeting=made.meeting, at=timezone.now())
    step(d, received(d, "A04"), rules.GRANTED)
    found = figures.year_figures(who, today.year, today)
    assert (found.sessions, found.projects, found.pairs) == (1, 2, 2)
    assert found.on_the_spot == (2, 3)
    assert found.first_pass == (1, 1)
    assert found.certificates == 1
    assert found.kept == (0, 0), "no promise is due yet"
    later = figures.year_figures(who, today.year, today + timedelta(days=4))
    assert later.kept == (0, 1)
    assert [w.id for w in figures.waits_by(who, "item")] == ["A04"]
    assert figures.year_figures(d.viewer("qy1"), today.year, today).questions == 0


def test_a_queue_says_what_will_be_late_and_another_officer_helps(old: District) -> None:
    d = old
    with on("2024-09-03"):
        for n in range(8):
            subject = described(d, d.subject(f"项目{n}", "project", d.b))
            a = services.receive(
                viewer=d.viewer("zwj1"), subject=subject, item="A10", day=timezone.localdate(), at=timezone.now()
            )
            step(d, a, rules.ACCEPTED)
        one = figures.queues(d.viewer("zwj1"), timezone.localdate())[0]
        assert (one.unit.code, one.open, one.late) == ("jfj", 8, 0)
        assert len(one.will) == 6, "20 working days hold two of seven days each for one officer"
        four = figures.queues(d.viewer("zwj1"), timezone.localdate(), {"jfj": 4})[0]
        assert len(four.will) == 0


def test_the_record_of_it_all_verifies(d: District) -> None:
    made = called(d)
    q = sessions.ask(viewer=d.viewer("zwj1"), subject=d.project, unit=d.units["jsj"], text="问", at=d.now, session=made)
    sessions.answer(viewer=d.viewer("zwj1"), question=q, kind="now", said="答", at=timezone.now())
    a = received(d)
    assert list(differences("approval")) == []
    a.steps.update(opinion="改过")
    assert "approval:" in next(iter(differences("approval")))
    assert Question.objects.count() == 1
    assert Meeting.objects.get().state == "called"
