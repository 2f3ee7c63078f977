"""What counselling writes is decided by streams: every act leaves rows that equal their events, and every event reads as a sentence."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.translation import override

from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.domain.state import Event
from bihuan.kernel.files.face import parts
from bihuan.kernel.ledger.selectors import stream
from bihuan.kernel.registry.duties import duties
from bihuan.kernel.registry.events import Names, check, types
from bihuan.kernel.registry.streams import kinds
from bihuan.kernel.subjects.models import Subject
from bihuan.mechanisms.counselling import exchange, followup, rules, services, sessions, together
from bihuan.mechanisms.counselling.models import Application, Officers, Question, Session, Sitting

from ..forging import proven
from ..support import District, differences
from .test_counselling import called, described, on, received, step

pytestmark = pytest.mark.django_db


def test_every_step_of_an_approval_decides_its_rows(d: District) -> None:
    today = timezone.localdate()
    described(d)
    begin = today - timedelta(days=40)
    a = received(d, "A04", day=begin)
    step(d, a, rules.GAP, day=begin, opinion="缺备案信息表")
    step(d, a, rules.FILLED, day=begin + timedelta(days=1))
    step(d, a, rules.ACCEPTED, day=begin + timedelta(days=1))
    step(d, a, rules.GRANTED_LATER, day=today - timedelta(days=8), until=today + timedelta(days=9), opinion="容缺办理")
    step(d, a, rules.OWN, what=rules.FOLLOWED)
    b = received(d, "P04", day=today - timedelta(days=2))
    step(d, b, rules.ACCEPTED, day=today - timedelta(days=2))
    step(d, b, rules.PAUSED, reason="experts", notice="评审告知1号", until=today + timedelta(days=9))
    rows = [dict(zip(exchange.COLUMNS, r, strict=True)) for r in exchange.rows_out(d.viewer("zwj1"))]
    fresh = [
        {**rows[0], "事项实例编码": "ZD-2024-0001", "事项编码": "A11"},
        {**rows[0], "事项实例编码": "ZD-9", "事项编码": "none"},
    ]
    taken = exchange.rows_in(viewer=d.viewer("zwj1"), rows=fresh, at=timezone.now())
    assert (taken.new, len(taken.failed)) == (1, 1)
    permit = Application.objects.get(pk=a.pk)
    followup_made(d, permit)
    proven("approval")
    assert differences("subject", "matter") == []


def followup_made(d: District, permit: Application) -> None:
    """A call-back after the permit; the one item that is followed is taken for it."""
    with pytest.raises(Refused):
        followup.revisit(
            viewer=d.viewer("zwj1"),
            application=permit,
            after=8,
            at=timezone.now(),
            answers={},
            solved=True,
            satisfaction=5,
        )
    followup.revisit(
        viewer=d.viewer("zwj1"), application=permit, after=7, at=timezone.now(), answers={"started": "是"}, solved=False, satisfaction=2,
        said="临时用电未接通",
    )  # fmt: skip


def test_silence_changes_a_row_by_an_event_and_lateness_by_none(db) -> None:
    with on("2024-09-24"):
        old = District()
        described(old)
        a = received(old, "A11")
    with on("2024-10-30"):
        duties["approvals"].run(timezone.now())
        duties["approval_clocks"].run(timezone.now())
        assert [e.type for e in stream(f"approval:{a.pk}").events] == [
            "ApprovalStep",
            "SilenceAccepted",
            "ApprovalWarned",
        ]
        before = Application.objects.filter(pk=a.pk).values().get()
        duties["approvals"].run(timezone.now() + timedelta(days=5))
        assert Application.objects.filter(pk=a.pk).values().get() == before
        assert differences("approval") == []


def test_sessions_questions_and_answers_are_decided_by_their_streams(d: District) -> None:
    made, who = called(d), d.viewer("zwj1")
    subject = Subject.objects.select_related("file", "territory", "unit").get(pk=d.project.pk)
    first = set(made.sittings.values_list("pk", flat=True))
    sessions.choose(viewer=who, session=made, at=timezone.now(), subjects=[subject])
    assert not first & set(made.sittings.values_list("pk", flat=True))
    together.ask(viewer=who, at=timezone.now(), session=made)
    together.reckon(row=together.reckonings_of(who).get(), at=timezone.now(), seconds=0.2)
    proven("meeting", only=[Session, Sitting])
    q = sessions.ask(
        viewer=who, subject=d.project, unit=d.units["jsj"], text="能否容缺", at=d.now, item="C14", session=made
    )
    sessions.answer(viewer=who, question=q, kind="now", said="可以", at=timezone.now())
    due = timezone.localdate() + timedelta(days=3)
    other = sessions.ask(viewer=who, subject=d.project, unit=d.units["jsj"], text="何时办理", at=d.now, session=made)
    sessions.answer(viewer=who, question=other, kind="taken", said="", at=timezone.now(), due=due)
    proven("question")
    q.refresh_from_db()
    for said in ("次要材料可以容缺", "材料可以容缺"):
        row = followup.publish(viewer=who, question=q, at=d.now, asked="施工许可能否容缺", said=said)
    followup.outdate(viewer=who, row=row, at=d.now)
    assert [e.type for e in stream(f"knowledge:{row.pk}").events] == ["Published", "Published", "Outdated"]
    proven("knowledge")


def test_only_the_office_lays_down_officers_and_only_what_changes_is_told(d: District) -> None:
    office, at = d.viewer("zwj1"), timezone.now()
    assert services.officers_set(viewer=office, officers={"jfj": 3, "jsj": 1}, at=at) == 1
    assert services.officers_set(viewer=office, officers={"jfj": 3}, at=at) == 0
    assert services.officers_set(viewer=office, officers={"jfj": 1, "jsj": 2}, at=at) == 2
    told = stream(services.OFFICERS).events
    assert [e.data["officers"] for e in told] == [{"jfj": 3}, {"jfj": 1, "jsj": 2}]
    for officers in ({"jfj": 0}, {"jfj": 100}, {"nobody": 2}):
        with pytest.raises(Refused, match="1 to 99"):
            services.officers_set(viewer=office, officers=officers, at=at)
    for who in ("jfj1", "leader", "audit", "zgyh1"):
        with pytest.raises(Refused):
            services.officers_set(viewer=d.viewer(who), officers={"jfj": 9}, at=at)
    assert dict(Officers.objects.values_list("unit__code", "n")) == {"jfj": 1, "jsj": 2}
    proven("counselling")


def test_the_page_of_queues_lays_down_officers_through_the_service(d: District, at) -> None:
    assert at("zwj1").post("/counselling/queues/", {"n-jfj": "4", "n-jsj": "²", "n-cgj": "x"}).status_code == 302
    assert dict(Officers.objects.values_list("unit__code", "n")) == {"jfj": 4}
    assert at("jfj1").post("/counselling/queues/", {"n-jfj": "9"}).status_code == 403
    assert at("audit").post("/counselling/queues/", {"n-jfj": "9"}).status_code == 403
    assert at("zwj1").get("/counselling/queues/?n-jfj=²").status_code == 200
    refused = at("zwj1").post("/counselling/queues/", {"n-jfj": "400"}, follow=True)
    assert "1至99" in refused.content.decode()
    assert dict(Officers.objects.values_list("unit__code", "n")) == {"jfj": 4}
    assert differences("counselling") == []


def test_streams_are_seen_by_whoever_sees_their_page_and_strangers_learn_nothing(d: District) -> None:
    made, who = called(d), d.viewer("zwj1")
    a = received(d, "A04")
    q = sessions.ask(
        viewer=who, subject=d.project, unit=d.units["jsj"], text="能否容缺", at=d.now, item="C14", session=made
    )
    sessions.answer(viewer=who, question=q, kind="now", said="可以", at=timezone.now())
    row = followup.publish(viewer=who, question=Question.objects.get(), at=d.now, asked="能否容缺", said="可以")
    wanted = {
        ("approval", str(a.pk)): {"zwj1", "jfj1", "leader", "lzh1"}, ("lapse", d.project.code): {"zwj1", "jfj1", "leader", "lzh1"},
        ("question", str(q.pk)): {"zwj1", "jfj1", "leader", "lzh1", "jsj1"}, ("counselling", "officers"): {"zwj1", "jfj1", "lzh1", "jsj1", "zgyh1"},
        ("knowledge", str(row.pk)): {"zwj1", "jfj1", "leader", "lzh1", "jsj1", "zgyh1"},
    }  # fmt: skip
    people = ("zwj1", "jfj1", "leader", "lzh1", "jsj1", "zgyh1")
    for (kind, name), want in wanted.items():
        seen = {p: kinds[kind].seen(d.viewer(p), name) for p in people}
        assert {p for p, s in seen.items() if s} == want, kind
        for odd in ("", "²", "x", "99999999"):
            assert kinds[kind].seen(who, odd) is None
    page = kinds["question"].seen(d.viewer("jsj1"), str(q.pk))
    assert (page.page, page.arguments) == ("session", (made.meeting_id,))


NAMES = Names({"jsj": "建设局", "jfj": "经济发展局"})
TOLD: dict[str, tuple[dict, list[str]]] = {
    "ApprovalStep": (
        {
            "subject": "s1", "item": "A11", "case": "s1-A11-1", "mode": "mock", "n": 2, "code": 9, "what": "", "opinion": "", "reason": "experts",
            "notice": "评审告知1号", "days": None, "until": "2024-09-30", "law": 20, "edition": "2024-11", "decides": "jsj", "title": "x", "tell": [],
        },
        ["特别程序开始", "水土保持方案", "模拟审批", "专家评审", "评审告知1号", "至2024-09-30"],
    ),
    "SilenceAccepted": ({"accepted": "2024-09-24", "due": "2024-10-30"}, ["自2024-09-24起视为受理", "期限 2024-10-30"]),
    "ApprovalReclocked": ({"accepted": None, "due": "2024-10-30"}, ["期限 2024-10-30"]),
    "ApprovalWarned": ({"due": "2024-10-30", "over": True, "title": "某事项", "tell": ["jsj"]}, ["某事项", "期限 2024-10-30", "逾期"]),
    "CalledBack": (
        {"after": 7, "solved": False, "satisfaction": 2, "matters": [12], "answers": {"started": "是", "expiry": ""}, "said": "未接通"},
        ["许可后7天", "未解决", "满意度2分(满分5分)", "是否已开工：是", "#12"],
    ),
    "CallBackDue": ({"after": 30, "title": "某项目", "tell": ["jfj"]}, ["某项目", "许可后30天"]),
    "LapseWarned": (
        {"permit": "works", "lapses": "2024-12-01", "left": 15, "title": "某项目", "tell": []}, ["建筑工程施工许可证", "至2024-12-01", "还剩15天"],
    ),
    "Asked": ({"subject": "s1", "to": "jsj", "item": "", "text": "问", "session": None, "title": "问", "tell": []}, ["建设局"]),
    "Answered": (
        {"kind": "taken", "said": "带回", "due": "2024-10-30", "matter": 7, "edition": "2024-11"}, ["带回研究", "至2024-10-30", "#7"],
    ),
    "Published": ({"item": "", "question": "能否容缺", "said": "可以", "basis": "条例", "edition": "2024-11", "from": 3}, ["能否容缺", "条例"]),
    "OfficersSet": ({"units": ["jfj"], "officers": {"jfj": 3}}, ["经济发展局：3"]),
    "SessionBegun": ({"phase": "before", "minutes": 10}, ["批前辅导", "每场10分钟"]),
    "SessionChosen": ({"subjects": ["a", "b"], "pairs": 9}, ["2个项目", "9场次"]),
    "TimetableMade": ({"pairs": 9, "end": 6, "cost": 9, "bound": 9}, ["9场次", "6个时段"]),
}  # fmt: skip


@pytest.mark.parametrize("name", TOLD)
def test_every_event_reads_as_a_sentence_in_both_languages(name: str) -> None:
    data, want = TOLD[name]
    check(name, data)
    event = Event(name, timezone.now(), "zwj1", "zwj", data)
    with override("zh-hans"):
        told = types[name].notes(event, NAMES)
        assert told == want
        assert not str(types[name].words).isascii()
    with override("en"):
        assert str(types[name].words).isascii()
        assert len(types[name].notes(event, NAMES)) == len(told)


def test_a_step_that_no_national_code_says_is_named_too() -> None:
    plain = {"code": 0, "what": "extended", "days": 5, "reason": "", "notice": "", "until": None, "mode": ""}
    event = Event("ApprovalStep", timezone.now(), "zwj1", "zwj", {**TOLD["ApprovalStep"][0], **plain})
    with override("zh-hans"):
        assert types["ApprovalStep"].notes(event, NAMES)[::2] == ["延长审批期限", "5 天"]


def test_every_entry_for_the_approvals_is_told(d: District) -> None:
    say = parts["approval"]
    with override("zh-hans"):
        told = [
            say({"key": key, "values": values})
            for key, values in (
                ("facts", {"type": "CT"}), ("own", {"works": 240}), ("ready", {"A10": "2024-05-01"}), ("days", {"A10": 7}),
                ("waived", {"A10": "区域评估覆盖"}), ("done", {"P01": "2024-01-02"}), ("modes", {"B01": "mock", "A10": None}),
            )
        ]  # fmt: skip
    assert told == [
        "审批事项判断要素：社会投资(出让用地)", "施工所需时间：240 个工作日", "材料备齐日期：节能审查 2024-05-01", "事项所需时间：节能审查 7 个工作日",
        "不适用事项：节能审查 区域评估覆盖", "此前已取得的审批：项目赋码/登记(在线平台) 2024-01-02",
        "审批方式：设计方案联合审查(+公示) 模拟审批，节能审查：取消",
    ]  # fmt: skip
