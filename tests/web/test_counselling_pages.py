"""Pages of counselling: a project described, its path and what if, the record of an item, a session at its table, call-backs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from bihuan.instruments.documents.models import Paper
from bihuan.instruments.meetings.models import Meeting
from bihuan.instruments.notices.models import Notice
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.orgs.models import Post
from bihuan.kernel.subjects.models import Subject
from bihuan.mechanisms.counselling import services, sessions, together
from bihuan.mechanisms.counselling.models import Application, Knowledge, Officers, Question, Reckoning, Revisit, Session
from bihuan.mechanisms.counselling.paths import body_of

from ..support import District, upload, work_off

pytestmark = pytest.mark.django_db
TYPED = {"type": "CT", "eia": "form", "fire_special": "0", "utilities": ["gas"], "works": "200"}


@pytest.fixture
def office(d: District) -> District:
    """The office of counselling oversees the whole district."""
    Post.objects.filter(person__username__in=["zwj1", "zwj2"]).update(scope_territory=d.root)
    return d


def described(d: District, at, subject: Subject | None = None) -> Subject:
    subject = subject or d.project
    assert at("zwj1").post(f"/subjects/{subject.code}/path/facts/", TYPED).status_code == 302
    return Subject.objects.select_related("file", "territory", "unit").get(pk=subject.pk)


def test_a_dozen_facts_give_the_path_on_the_screen(office: District, at) -> None:
    d = office
    empty = at("zwj1").get(f"/subjects/{d.project.code}/path/").content.decode()
    assert "填写项目事实" in empty
    subject = described(d, at)
    assert body_of(subject)["own"] == {"works": 200}
    page = at("zwj1").get(f"/subjects/{d.project.code}/path/")
    text = page.content.decode()
    for word in ("关键线路", "建筑工程施工许可证", "本周申报", "不适用的", "按默认", "开工尚缺"):
        assert word in text, word
    assert page.context["gantt"].bars
    assert page.context["graph"].boxes
    assert page.context["path"].steps["C03"].state == "none"
    assert page.context["path"].steps["M04"].state == "none"


def test_a_fact_that_cannot_be_read_stands_at_its_field_and_nothing_typed_is_lost(office: District, at) -> None:
    d = office
    answer = at("zwj1").post(
        f"/subjects/{d.project.code}/path/facts/", {**TYPED, "area_m2": "很大", "energy_tce": "1200"}
    )
    assert answer.status_code == 200
    assert "area_m2" in answer.context["form"].errors
    assert 'value="1200"' in answer.content.decode()
    assert at("zwj1").post(f"/subjects/{d.project.code}/path/facts/", {**TYPED, "type": "XX"}).status_code == 200


def test_what_if_reckons_and_writes_nothing(office: District, at) -> None:
    d = office
    described(d, at)
    before = at("zwj1").get(f"/subjects/{d.project.code}/path/?goal=C14&by=promise").context["path"].length
    mocked = at("zwj1").get(f"/subjects/{d.project.code}/path/?goal=C14&mock=B01&mock=B07&mock=C02&mock=A07&mock=C14")
    assert mocked.context["won"] > 0
    assert "提前" in mocked.content.decode()
    late = at("zwj1").get(
        f"/subjects/{d.project.code}/path/?goal=C14&late=P07&until={timezone.localdate() + timedelta(days=900)}"
    )
    assert late.context["won"] < 0
    half = at("zwj1").get(f"/subjects/{d.project.code}/path/?late=P07")
    assert "请同时填写" in half.content.decode()
    assert at("zwj1").get(f"/subjects/{d.project.code}/path/?goal=nonsense&mock=A08").status_code == 200
    assert at("zwj1").get(f"/subjects/{d.project.code}/path/?goal=C14&by=promise").context["path"].length == before
    assert Application.objects.count() == 0


def test_an_item_is_recorded_step_by_step_and_what_cannot_follow_is_said(office: District, at) -> None:
    d = office
    described(d, at)
    root = f"/subjects/{d.project.code}/path/P04"
    assert "接件" in at("zwj1").get(f"{root}/").content.decode()
    today = timezone.localdate()
    assert at("zwj1").post(f"{root}/record/1/", {"day": today, "mode": "", "code": ""}).status_code == 302
    again = at("zwj1").post(f"{root}/record/1/", {"day": today, "mode": "", "code": ""})
    assert "已有在办申请" in again.content.decode()
    assert at("zwj1").post(f"{root}/record/3/", {"day": today}).status_code == 302
    wrong = at("zwj1").post(
        f"{root}/record/9/", {"day": today, "reason": "holiday", "notice": "1", "until": today + timedelta(days=9)}
    )
    assert "reason" in wrong.context["form"].errors
    assert (
        at("zwj1")
        .post(
            f"{root}/record/9/",
            {"day": today, "reason": "experts", "notice": "告知1号", "until": today + timedelta(days=9)},
        )
        .status_code
        == 302
    )
    text = at("zwj1").get(f"{root}/").content.decode()
    assert "专家评审" in text
    assert "告知1号" in text
    assert Application.objects.get().state == "paused"
    assert at("zwj1").get(f"{root}/record/99/").status_code == 404
    assert at("zwj1").get(f"/subjects/{d.project.code}/path/Z99/").status_code == 404
    assert at("zwj1").get(f"/subjects/{d.project.code}/path/START/").status_code == 404
    assert at("leader").post(f"{root}/record/10/", {"day": today}).status_code == 403


def test_what_is_laid_down_moves_the_path_and_can_be_taken_back(office: District, at) -> None:
    d = office
    described(d, at)
    root = f"/subjects/{d.project.code}/path"
    ready = timezone.localdate() + timedelta(days=200)
    assert (
        at("zwj1")
        .post(f"{root}/B01/suppose/", {"ready": ready, "days": "", "mode": "", "waived": "", "done": ""})
        .status_code
        == 302
    )
    assert at("zwj1").get(f"{root}/").context["path"].steps["B01"].start >= ready
    assert (
        at("zwj1")
        .post(f"{root}/B01/suppose/", {"ready": "", "days": "12", "mode": "mock", "waived": "", "done": ""})
        .status_code
        == 302
    )
    step = at("zwj1").get(f"{root}/").context["path"].steps["B01"]
    assert (step.days, step.mode) == (12, "mock")
    assert (
        at("zwj1")
        .post(f"{root}/A17/suppose/", {"ready": "", "days": "", "mode": "", "waived": "不涉及林地", "done": ""})
        .status_code
        == 302
    )
    assert at("zwj1").get(f"{root}/").context["path"].steps["A17"].state == "none"
    assert at("jcl1").get(f"{root}/B01/suppose/").status_code == 404


def test_one_project_one_plan_is_written(office: District, at) -> None:
    d = office
    described(d, at)
    assert at("zwj1").post(f"/subjects/{d.project.code}/path/paper/").status_code == 302
    work_off()
    paper = Paper.objects.get()
    assert (paper.kind, paper.state) == ("project_plan", "draft"), paper.error


def session(d: District, at) -> Meeting:
    starts = timezone.localtime() + timedelta(minutes=5)
    data = {
        "host": "zwj",
        "kind": "counselling",
        "title": "{year}年第{n}次辅导会",
        "starts_at": f"{starts:%Y-%m-%dT%H:%M}",
        "chair": "负责人",
        "place": "二楼",
    }
    assert at("zwj1").post("/meetings/new/", data).status_code == 302
    meeting = Meeting.objects.get()
    assert at("zwj1").get(f"/meetings/{meeting.pk}/session/")["Location"].endswith("/projects/")
    other = d.subject("示例智造园", "project", d.b)
    for subject in (d.project, other):
        described(d, at, subject)
    answer = at("zwj1").post(
        f"/meetings/{meeting.pk}/session/projects/",
        {"phase": "before", "minutes": "10", "subjects": [d.project.code, other.code]},
    )
    assert answer.status_code == 302, answer.content.decode()
    return meeting


def test_a_session_from_projects_to_papers(office: District, at) -> None:
    d = office
    meeting = session(d, at)
    page = at("zwj1").get(f"/meetings/{meeting.pk}/session/")
    assert page.context["table"].rows
    assert "经济发展局" in page.content.decode()
    assert at("zwj1").post(f"/meetings/{meeting.pk}/session/arrange/").status_code == 302
    assert at("zwj1").post(f"/meetings/{meeting.pk}/call/").status_code == 302
    due = timezone.localdate() + timedelta(days=7)
    line = {
        "subject": d.project.code,
        "unit": "jsj",
        "item": "C13",
        "text": "能否分阶段办理",
        "kind": "taken",
        "said": "带回研究",
        "due": due,
    }
    assert at("zwj1").post(f"/meetings/{meeting.pk}/session/ask/", line).status_code == 302
    q = Question.objects.get()
    assert Matter.objects.get(pk=q.matter_id).lead.code == "jsj"
    no_day = at("zwj1").post(f"/meetings/{meeting.pk}/session/ask/", {**line, "due": "", "text": "第二问"}, follow=True)
    assert "承诺须有今后的日期" in no_day.content.decode()
    second = Question.objects.get(text="第二问")
    assert second.answer == "open", "the question is kept although its answer was refused"
    assert (
        at("zwj1")
        .post(f"/counselling/questions/{second.pk}/answer/", {"kind": "now", "said": "可以", "due": ""})
        .status_code
        == 302
    )
    assert (
        at("zwj1")
        .post(f"/counselling/questions/{second.pk}/keep/", {"asked": "能否分阶段", "said": "可以", "basis": ""})
        .status_code
        == 302
    )
    assert "能否分阶段" in at("jcl1").get("/counselling/knowledge/?q=分阶段").content.decode(), (
        "answers are for everybody"
    )
    assert at("zwj1").post(f"/counselling/knowledge/{Knowledge.objects.get().pk}/outdate/").status_code == 302
    kinds = ["counselling_notice", "counselling_minutes", "project_plan"]
    assert at("zwj1").post(f"/meetings/{meeting.pk}/session/paper/", {"kind": kinds}).status_code == 302
    work_off()
    assert sorted(Paper.objects.values_list("kind", "state")) == [
        ("counselling_minutes", "draft"),
        ("counselling_notice", "draft"),
        ("project_plan", "draft"),
        ("project_plan", "draft"),
    ]
    assert at("jsj1").get(f"/meetings/{meeting.pk}/session/").status_code == 200, "an invited unit sees the session"
    assert at("jsj1").post(f"/meetings/{meeting.pk}/session/ask/", line).status_code == 403
    assert at("qy1").get(f"/meetings/{meeting.pk}/session/").status_code == 404
    assert at("zwj1").get(f"/meetings/{meeting.pk}/session/ask/").status_code == 405
    assert Session.objects.get().cost >= Session.objects.get().bound > 0


def test_another_kind_of_meeting_has_no_session(office: District, at) -> None:
    d = office
    data = {
        "host": "zwj",
        "kind": "work",
        "title": "会",
        "starts_at": "2030-01-01T09:00",
        "chair": "负责人",
        "place": "二楼",
    }
    at("zwj1").post("/meetings/new/", data)
    assert at("zwj1").get(f"/meetings/{Meeting.objects.get().pk}/session/").status_code == 404
    assert d is office


def test_a_call_back_is_taken_down_and_an_unsolved_one_needs_words(office: District, at) -> None:
    d = office
    subject = described(d, at)
    now, day = timezone.now(), timezone.localdate() - timedelta(days=10)
    a = services.receive(viewer=d.viewer("zwj1"), subject=subject, item="B07", day=day, at=now)
    services.record(viewer=d.viewer("zwj1"), application=a, told=services.Told(11, day), at=now)
    assert d.project.name in at("zwj1").get("/counselling/revisits/").content.decode()
    url = f"/counselling/revisits/{a.pk}/7/"
    told = {"q-started": "已开工", "solved": "0", "satisfaction": "2", "said": ""}
    refused = at("zwj1").post(url, told)
    assert "said" in refused.context["form"].errors
    assert "已开工" in refused.content.decode()
    assert at("zwj1").post(url, {**told, "said": "临时用电未接通"}).status_code == 302
    assert Revisit.objects.get().answers == {"started": "已开工"}
    assert Matter.objects.get().title == "临时用电未接通"
    assert at("zwj1").get(f"/counselling/revisits/{a.pk}/5/").status_code == 404
    assert at("jfj1").get(f"/counselling/revisits/{a.pk}/30/").status_code in (403, 404)


def test_overview_waits_queues_and_items(office: District, at) -> None:
    d = office
    subject = described(d, at)
    day = timezone.localdate() - timedelta(days=10)
    for item in ("A11", "B07"):
        a = services.receive(viewer=d.viewer("zwj1"), subject=subject, item=item, day=day, at=timezone.now())
        if item == "B07":
            services.record(viewer=d.viewer("zwj1"), application=a, told=services.Told(11, day), at=timezone.now())
    page = at("zwj1").get("/m/counselling/")
    assert page.context["rows"][0]["running"] == 1
    assert d.project.name in page.content.decode()
    assert at("zwj1").get("/m/counselling/?q=没有这个").context["rows"] == []
    assert len(at("zwj1").get(f"/m/counselling/?q={d.project.name[:2]}").context["rows"]) == 1
    assert at("zwj1").get("/m/counselling/?after=龥龥").context["rows"] == []
    assert "建设工程规划许可证" in at("zwj1").get("/counselling/waits/").content.decode()
    assert at("zwj1").get("/counselling/waits/?export=csv").status_code == 200
    assert "建筑工程施工许可证" in at("jcl1").get("/counselling/catalogue/").content.decode()
    assert at("zwj1").get("/counselling/queues/?n-yslj=3").context["queues"][0].officers == 3
    assert Officers.objects.count() == 0
    assert at("zwj1").post("/counselling/queues/", {"n-yslj": "3"}).status_code == 302
    assert Officers.objects.get().n == 3
    assert at("jfj1").post("/counselling/queues/", {"n-yslj": "9"}).status_code == 403


def test_state_rows_come_in_by_file_and_a_bad_row_is_named(office: District, at) -> None:
    d = office
    described(d, at)
    head = "工程代码,事项实例编码,事项编码,办理时间,办件状态,办理意见\n"
    rows = f"{d.project.code},ZD-1,A04,2024-09-02 09:00:00,1,\n{d.project.code},ZD-1,A04,2024-09-03 09:00:00,11,\nx,ZD-2,A04,2024-09-02 09:00:00,1,\n"
    answer = at("zwj1").post("/counselling/exchange/", {"file": upload("a.csv", (head + rows).encode("gbk"))})
    text = answer.content.decode()
    assert "收入2行" in text
    assert "没有工程代码为x的项目" in text
    assert Application.objects.get().granted
    assert "A04" in b"".join(at("zwj1").get("/counselling/exchange/file/?export=csv").streaming_content).decode(
        "utf-8-sig"
    )
    wrong = at("zwj1").post("/counselling/exchange/", {"file": upload("a.csv", b"a,b\n1,2\n")})
    assert "缺少" in wrong.content.decode()


def test_all_projects_together_are_reckoned_beside_and_an_officer_more_helps(office: District, at) -> None:
    d = office
    for n in range(4):
        described(d, at, d.subject(f"示例项目{n}", "project", d.b))
    described(d, at)
    assert at("zwj1").post("/counselling/together/", {"n-jsj": "1", "n-nobody": "5"}).status_code == 302
    row = Reckoning.objects.get()
    assert (row.state, row.officers) == ("waiting", {"jsj": 1})
    twice = at("zwj1").post("/counselling/together/", {}, follow=True)
    assert "正在计算" in twice.content.decode()
    assert at("zwj1").get(f"/counselling/searches/{row.pk}/").status_code == 200
    assert at("jfj1").get(f"/counselling/searches/{row.pk}/").status_code == 404
    row.stop(d.viewer("zwj1"))
    together.reckon(row=row, at=timezone.now(), seconds=5)
    row.refresh_from_db()
    assert row.state == "ready"
    assert row.cost <= row.first
    assert len(row.result["rows"]) == 5
    assert all(r["together"] >= r["alone"] for r in row.result["rows"])
    assert max(r["lost"] for r in row.result["rows"]) > 0
    assert row.result["helps"]
    assert d.project.name in at("zwj1").get("/counselling/together/").content.decode()


def test_a_better_timetable_is_looked_for_while_one_watches(office: District, at) -> None:
    d = office
    meeting = session(d, at)
    assert at("zwj1").post(f"/meetings/{meeting.pk}/session/better/").status_code == 302
    assert "搜索中" in at("zwj1").get(f"/meetings/{meeting.pk}/session/").content.decode()
    before = Session.objects.get().cost
    work_off()
    row = Reckoning.objects.get()
    assert row.state == "ready"
    assert Session.objects.get().cost <= before
    assert at("zwj1").get(f"/counselling/searches/{row.pk}/").status_code == 302


def test_a_notice_of_an_approval_a_question_or_a_lapse_opens_its_page(office: District, at) -> None:
    """Found on reading: such notices ended in an error, since their streams led nowhere."""
    d = office
    subject = described(d, at)
    now = timezone.now()
    services.receive(viewer=d.viewer("zwj1"), subject=subject, item="A09", day=timezone.localdate(), at=now)
    a = Application.objects.get()
    q = sessions.ask(viewer=d.viewer("zwj1"), subject=subject, unit=d.units["jsj"], text="能否容缺", at=now, item="C14")
    for stream, where in (
        (f"approval:{a.pk}", f"/subjects/{subject.code}/path/A09/"), (f"question:{q.pk}", f"/subjects/{subject.code}/path/"), (f"lapse:{subject.code}", f"/subjects/{subject.code}/"),
    ):  # fmt: skip
        notice = Notice.objects.create(
            stream=stream,
            seq=1,
            person=d.people["zwj1"],
            matter=0,
            type="ApprovalStep",
            why="concerned",
            urgent=False,
            at=now,
        )
        assert at("zwj1").get(f"/notices/{notice.pk}/")["Location"] == where
