"""Project files: kept as events, reported month by month, imported from a sheet; what must not be possible."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.translation import override

from bihuan.adapters.excel import Column, xlsx
from bihuan.instruments.projects import services
from bihuan.instruments.projects.models import Photo
from bihuan.instruments.projects.selectors import parties, project_of
from bihuan.kernel.domain.money import FEN_OF_WAN
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.domain.state import Event as Happened
from bihuan.kernel.files import filing
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.ledger.selectors import stream
from bihuan.kernel.matters.selectors import subjects_visible_to
from bihuan.kernel.orgs.models import Post
from bihuan.kernel.registry.events import Names, check, types
from bihuan.kernel.registry.streams import kinds
from bihuan.kernel.subjects.models import Subject
from bihuan.mechanisms.promotion import figures
from bihuan.mechanisms.promotion.catalogue import light_schemes, score_schemes
from bihuan.mechanisms.promotion.models import DemandLink, FigureImport
from bihuan.mechanisms.promotion.selectors import all_standings, score, waits
from bihuan.mechanisms.promotion.services import choose_scheme, excuse, link_end, link_make

from ..forging import proven
from ..support import District, differences, upload

pytestmark = pytest.mark.django_db
MONTH = f"{timezone.localdate():%Y-%m}"


def key(d: District, subject: Subject | None = None) -> Subject:
    subject = subject or d.project
    filing.subject_change(
        subject=subject, person="x", unit="jfj", at=d.now, entered_at=d.now, changes={}, labels=["重点项目"]
    )
    return subject


def file(d: District, *entries, who: str = "jfj1", subject: Subject | None = None) -> int:
    return services.file(viewer=d.viewer(who), subject=fresh(subject or d.project), at=timezone.now(), entries=entries)


def fresh(subject: Subject) -> Subject:
    return Subject.objects.select_related("file").get(pk=subject.pk)


def test_a_file_is_the_fold_of_its_events_and_what_does_not_differ_leaves_none(d: District) -> None:
    entries = [
        ("identity", "main", {"total": 10**9, "industry": "先进制造"}),
        ("node", "start", {"planned": "2024-05-01"}),
    ]
    assert file(d, *entries) == 2
    assert file(d, *entries) == 0
    assert file(d, ("identity", "main", {"total": None, "batch": "第十期"})) == 1
    assert fresh(d.project).file.body["identity"]["main"] == {"industry": "先进制造", "batch": "第十期"}
    assert [e.type for e in stream(filing.stream_of(d.project)).events] == ["SubjectRegistered", *["SubjectFiled"] * 3]
    assert [*differences("subject")] == []


def test_a_row_that_was_tampered_with_is_named(d: District) -> None:
    file(d, ("identity", "main", {"total": 10**9}))
    row = fresh(d.project).file
    row.body["identity"]["main"]["total"] = 1
    row.save()
    assert any("file" in line for line in differences("subject"))


def test_who_keeps_a_file(d: District) -> None:
    for who in ("cgj1", "lzh1", "qy1", "zgyh1"):
        with pytest.raises(Refused) as refused:
            file(d, ("identity", "main", {"batch": "x"}), who=who)
        assert not refused.value.allowed
    assert not subjects_visible_to(d.viewer("qy1")).exists()
    file(d, ("parties", "owner", {"unit": "qy"}))
    assert subjects_visible_to(d.viewer("qy1")).filter(pk=d.project.pk).exists()
    assert file(d, ("identity", "main", {"batch": "第十期"}), who="qy1") == 1
    file(d, ("parties", "owner", None))
    assert not subjects_visible_to(d.viewer("qy1")).exists()
    file(d, ("parties", "leader", {"unit": "cgj", "title": "经办"}))
    with pytest.raises(Refused):
        file(d, ("identity", "main", {"batch": "y"}), who="cgj1")


def test_another_unit_becomes_responsible_by_an_event(d: District) -> None:
    change = {
        "subject": d.project,
        "person": "x",
        "unit": "jfj",
        "at": d.now,
        "entered_at": d.now,
        "changes": {"unit": "cgj"},
    }
    assert filing.subject_change(**change)
    assert not filing.subject_change(**change)
    assert file(d, ("identity", "main", {"batch": "第十期"}), who="cgj1") == 1
    assert [*differences("subject")] == []


def test_posts_answer_not_people(d: District) -> None:
    file(d, ("parties", "officer", {"unit": "yslj", "title": "首席服务员"}))
    assert [(p.title, p.person) for p in parties(d.project, project_of(fresh(d.project)), timezone.localdate())] == [
        ("首席服务员", "")
    ]
    Post.objects.create(
        unit=d.units["yslj"],
        title="首席服务员",
        role="officer",
        person=d.people["yslj1"],
        valid_from=timezone.localdate(),
    )
    assert parties(d.project, project_of(fresh(d.project)), timezone.localdate())[0].person == "测试yslj1"


def test_a_report_carries_on_and_is_corrected_not_doubled(d: District) -> None:
    key(d)
    file(d, ("node", "start", {"planned": "2024-05-01"}))
    report = {
        "viewer": d.viewer("jfj1"),
        "subject": d.project,
        "month": MONTH,
        "actual": 5 * FEN_OF_WAN,
        "progress": "桩基完成",
    }
    assert (
        services.report(
            **report, at=timezone.now(), nodes={"start": {"actual": "2024-05-06"}}, photos=[d.photo("jfj1")]
        )
        == 2
    )
    assert services.report(**report, at=timezone.now()) == 0
    services.report(**{**report, "actual": 6 * FEN_OF_WAN}, at=timezone.now())
    project = project_of(fresh(d.project))
    assert (project.months[MONTH].actual, project.node("start").actual.isoformat()) == (6 * FEN_OF_WAN, "2024-05-06")
    assert d.project.photos.count() == 1
    later = (timezone.localdate().replace(day=28) + timedelta(days=10)).strftime("%Y-%m")
    with pytest.raises(Refused, match="has not begun"):
        services.report(**{**report, "month": later}, at=timezone.now())
    with pytest.raises(Refused, match="amount"):
        services.report(**{**report, "actual": -1}, at=timezone.now())
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    with pytest.raises(Refused, match="future"):
        services.report(**report, at=timezone.now(), nodes={"top": {"actual": tomorrow}})


def test_a_permit_lapses_by_its_kind(d: District) -> None:
    from datetime import date

    services.permit_add(
        viewer=d.viewer("jfj1"),
        subject=d.project,
        at=timezone.now(),
        id="works",
        number="甲1",
        granted=date(2024, 1, 31),
    )
    assert project_of(fresh(d.project)).permits[0].lapses == date(2024, 4, 30)
    with pytest.raises(Refused):
        services.permit_add(
            viewer=d.viewer("jfj1"),
            subject=d.project,
            at=timezone.now(),
            id="other",
            number="",
            granted=date(2024, 1, 2),
            lapses=date(2024, 1, 1),
        )


def sheet(rows: list[list[object]], title: str = "重点项目月报") -> bytes:
    heads = ["序号", "项目名称", "月份", "本月完成投资(万元)", "形象进度", "存在问题"]
    return xlsx(title, [Column(h, width=12) for h in heads], rows)


def taken(d: District, rows: list[list[object]], who: str = "jfj1") -> FigureImport:
    return figures.take(
        viewer=d.viewer(who),
        unit=d.units[who.rstrip("12")],
        upload=upload("月报.xlsx", sheet(rows)),
        month=MONTH,
        at=timezone.now(),
    )


def test_a_sheet_of_figures_is_seen_before_it_is_written_and_written_once(d: District) -> None:
    key(d)
    made = taken(d, [["1", "东微电子", "", "12.5", "主体施工", ""]])
    assert fresh(d.project).file.body == {}
    found = figures.preview(made, d.viewer("jfj1"))
    assert [(r.status, r.month, r.values["actual"]) for r in found.rows] == [("new", MONTH, 12_500_000)]
    figures.confirm(imported=made, viewer=d.viewer("jfj1"), at=timezone.now())
    before = Event.objects.count()
    figures.confirm(imported=made, viewer=d.viewer("jfj1"), at=timezone.now())
    assert Event.objects.count() == before
    month = project_of(fresh(d.project)).months[MONTH]
    assert (month.actual, month.progress, bool(month.reported)) == (12_500_000, "主体施工", True)
    again = taken(d, [["1", "东 微电子", MONTH, "13", "主体施工", ""]])
    assert [r.status for r in figures.preview(again, d.viewer("jfj1")).rows] == ["changed"]
    same = taken(d, [["1", "东微电子", f"{int(MONTH[5:])}月", "12.5", "主体施工", ""]])
    assert [r.status for r in figures.preview(same, d.viewer("jfj1")).rows] == ["same"]
    assert [*differences("subject")] == []


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (["1", "没有的项目", "", "1", "", ""], "No key project"), (["1", "东微电子", "去年", "1", "", ""], "no month"),
        (["1", "东微电子", "2099-01", "1", "", ""], "not begun"), (["1", "东微电子", "", "很多", "", ""], "amount"),
        (["1", "东微电子", "", "", "x", ""], "must not be empty"),
    ],
)  # fmt: skip
def test_rows_that_cannot_be_written_are_named_and_stop_the_rest(d: District, row: list[str], why: str) -> None:
    key(d)
    good = d.subject("数字化产业基地", "project", d.a)
    key(d, good)
    made = taken(d, [row, ["2", "数字化产业基地", "", "3", "开工", ""]])
    refused = [r for r in figures.preview(made, d.viewer("jfj1")).rows if r.status == "refused"]
    assert [r.number for r in refused]
    assert why in refused[0].why % refused[0].params if refused[0].params else why in refused[0].why
    with pytest.raises(Refused, match="1 rows"):
        figures.confirm(imported=made, viewer=d.viewer("jfj1"), at=timezone.now())
    assert fresh(good).file.body == {}


def test_a_project_twice_in_a_sheet_and_a_file_that_is_not_kept_are_refused(d: District) -> None:
    key(d)
    twice = taken(d, [["1", "东微电子", "", "1", "", ""], ["2", "东 微电子", MONTH, "2", "", ""]])
    assert figures.preview(twice, d.viewer("jfj1")).count("refused") == 1
    other = taken(d, [["1", "东微电子", "", "1", "", ""]], who="lzh1")
    assert "does not keep" in figures.preview(other, d.viewer("lzh1")).rows[0].why
    with pytest.raises(Refused):
        figures.take(
            viewer=d.viewer("lzh1"),
            unit=d.units["jfj"],
            upload=upload("x.xlsx", sheet([])),
            month=MONTH,
            at=timezone.now(),
        )


def test_lights_scores_and_waits_open_their_rows(d: District) -> None:
    key(d)
    file(
        d,
        ("node", "sign", {"actual": "2024-01-01"}),
        ("node", "perform", {"actual": "2024-02-01"}),
        ("node", "start", {"planned": "2024-01-01"}),
    )
    d.closed(lead="cgj")
    standing = all_standings(d.viewer("jfj1"), timezone.now())[0]
    assert standing.light.colour == "red"
    parts = {p.part.id: p for p in score(score_schemes()["three_batches"], [standing], timezone.now())}
    assert (parts["signing"].points, parts["start"].points, parts["output"].points) == (30, 0, None)
    assert [(s.name, counted) for s, counted in parts["start"].rows] == [("东微电子", False)]
    assert (parts["service"].over, parts["service"].points) == (1, 10)
    assert [(w.kind, w.unit, w.n) for w in waits(d.viewer("jfj1"), timezone.now())] == [("obstacle", "城市管理局", 1)]
    assert all_standings(d.viewer("zgyh1"), timezone.now()) == []


def test_only_the_coordinator_chooses_lights_and_only_a_leader_excuses(d: District) -> None:
    key(d)
    for who in ("cgj1", "lzh1", "dcs1"):
        with pytest.raises(Refused):
            choose_scheme(viewer=d.viewer(who), scheme="sanya", at=timezone.now())
        with pytest.raises(Refused):
            excuse(viewer=d.viewer(who), subject=d.project, reason="x", until=timezone.localdate(), at=timezone.now())
    choose_scheme(viewer=d.viewer("jfj1"), scheme="xinhuang", at=timezone.now())
    with pytest.raises(Refused):
        choose_scheme(viewer=d.viewer("jfj1"), scheme="none such", at=timezone.now())
    file(d, ("node", "start", {"planned": "2024-01-01"}))
    choose_scheme(viewer=d.viewer("jfj1"), scheme="bihuan", at=timezone.now())
    excuse(
        viewer=d.viewer("leader"), subject=d.project, reason="上级征地", until=timezone.localdate(), at=timezone.now()
    )
    assert all_standings(d.viewer("jfj1"), timezone.now())[0].light.colour == "grey"


def test_reports_and_reasons_are_chinese_on_paper_whoever_reads_the_screen(d: District) -> None:
    from bihuan.mechanisms.promotion.papers import report

    key(d)
    file(d, ("node", "start", {"planned": "2024-01-01"}))
    with override("en"):
        _title, context = report(d.viewer("jfj1"), "monthly", timezone.now())
    assert "尚未开工" in context["red"][0]["reason"]


def test_progress_photos_are_in_the_record_and_the_same_photo_is_filed_once(d: District) -> None:
    told = {"viewer": d.viewer("jfj1"), "month": MONTH, "actual": FEN_OF_WAN, "progress": "主体施工"}
    services.report(subject=fresh(d.project), at=timezone.now(), photos=[d.photo("jfj1")], **told)
    again = [d.photo("jfj1"), d.photo("jfj1", name="塔吊.jpg", colour=30)]
    services.report(subject=fresh(d.project), at=timezone.now(), photos=again, **told)
    filed = [e for e in stream(filing.stream_of(d.project)).events if e.type == "PhotosFiled"]
    assert [[f["name"] for f in e.data["files"]] for e in filed] == [["现场.jpg"], ["塔吊.jpg"]]
    assert {f["sha256"] for e in filed for f in e.data["files"]} == set(Photo.objects.values_list("file", flat=True))
    proven("subject", only=[Photo])


@pytest.mark.parametrize(
    ("part", "key", "values", "zh", "en"),
    [
        ("identity", "main", {"total": 123 * 10**10, "batch": "第七期"}, "基本信息和投资：123亿元", "identity and money: 123亿元"),
        ("year", "2026", {"plan": 3 * 10**9}, "年度计划 2026：3000万元", "plan of the year 2026: 3000万元"),
        ("month", "2024-04", {"plan": 10**9, "actual": 0}, "月 2024-04：计划1000万元，完成投资0万元", "month 2024-04: planned 1000万元, invested 0万元"),
        ("node", "start", {"planned": "2024-05-01", "actual": None}, "节点 开工：计划2024-05-01", "node Start of works: planned 2024-05-01"),
        ("element", "land", {"state": "blocked", "note": "差12亩"}, "要素 用地：受阻，差12亩", "element Land: blocked, 差12亩"),
        ("permit", "works-20240401", {"id": "works", "number": "建2024-7", "lapses": "2024-07-01"}, "证照 建筑工程施工许可证：建2024-7，至2024-07-01", "permit Construction permit: 建2024-7, until 2024-07-01"),
        ("visit", "20240430-1", {"day": "2024-04-30", "text": "企业反映用电"}, "走访：2024-04-30", "visit: 2024-04-30"),
        ("excuse", "main", {"reason": "等待省批复", "until": "2024-12-31", "approver": "leader"}, "豁免：至2024-12-31，等待省批复", "excuse: until 2024-12-31, 等待省批复"),
        ("parties", "officer", {"unit": "jfj", "title": "经办"}, "责任人 服务官：经办", "who answers Service officer: 经办"),
        ("parties", "police", {"unit": "pcs"}, "责任人 派出所", "who answers Police station"),
        ("facts", "main", {"use": "hotel", "area": 3200, "phone": "示例", "beds": None}, "事实：宾馆饭店，建筑面积 3200 ㎡，联系电话", "facts: Hotel, Floor area 3200, Telephone"),
        ("declared", "key_unit", {"on": False, "reason": "已停业"}, "申报标签 重点单位：去掉标签，已停业", "label by declaration Key unit: label taken away, 已停业"),
        ("tenant", "t1", {"name": "甲餐饮", "use": "restaurant", "since": "2024-03-01", "left": "2024-06-01"}, "租户 甲餐饮：2024-06-01迁出", "tenant 甲餐饮: moved out on 2024-06-01"),
        ("facility", "alarm", {"out": "2024-03-01", "note": "检修"}, "设施 火灾自动报警：自2024-03-01停用，检修", "facility Fire alarm: out of use since 2024-03-01, 检修"),
        ("facility", "alarm", {"out": None}, "设施 火灾自动报警：恢复正常", "facility Fire alarm: works again"),
        ("post", "消防控制室值班", {"name": None, "vacant": "2024-03-01"}, "岗位 消防控制室值班：自2024-03-01空缺", "post 消防控制室值班: empty since 2024-03-01"),
        ("building", "1号楼", {"name": "1号楼", "floors": 6}, "建筑 1号楼", "building 1号楼"),
        ("place", "main", {"lon": "113.1", "lat": "34.1"}, "位置", "place"),
        ("parties", "approve.housing", {"unit": "jsj"}, "责任人 审批单位", "who answers approving unit"),
    ],
)  # fmt: skip
def test_every_entry_of_a_file_is_told_in_words(part: str, key: str, values: dict, zh: str, en: str) -> None:
    event = Happened("SubjectFiled", timezone.now(), "jfj1", "jfj", {"part": part, "key": key, "values": values})
    say = types["SubjectFiled"].notes
    with override("zh-hans"):
        assert say(event, Names()) == [zh]
    with override("en"):
        assert say(event, Names()) == [en]
        gone = replace(event, data={**event.data, "values": None})
        assert say(gone, Names())[1:] == ["taken out"]


def test_schemes_sheets_and_links_are_decided_by_their_streams(d: District) -> None:
    key(d)
    who, at = d.viewer("jfj1"), timezone.now()
    choose_scheme(viewer=who, scheme="sanya", at=at)
    choose_scheme(viewer=who, scheme="bihuan", at=at)
    proven("promotion")
    done, dropped = (
        taken(d, [["1", "东微电子", "", "12.5", "主体", ""]]),
        taken(d, [["1", "东微电子", "", "9", "", ""]]),
    )
    figures.confirm(imported=done, viewer=who, at=at)
    figures.drop(imported=dropped, viewer=who, at=at)
    with pytest.raises(Refused, match="ended already"):
        figures.drop(imported=done, viewer=who, at=at)
    assert [e.type for e in stream(f"figures:{dropped.pk}").events] == ["FiguresRead", "FiguresDropped"]
    proven("figures")
    first = link_make(viewer=who, subject=d.project, unit=d.units["qy"], at=at)
    second = link_make(viewer=who, subject=d.project, unit=d.units["qy"], at=at)
    link_end(viewer=who, link=second, at=at)
    link_end(viewer=who, link=second, at=at)
    assert not DemandLink.objects.filter(ended_at=None).exists()
    assert first.code != second.code
    assert [e.type for e in stream(filing.stream_of(d.project)).events][-3:] == ["LinkMade", "LinkMade", "LinkEnded"]
    proven("subject", only=[DemandLink])


def test_what_the_office_decided_is_shown_to_the_office_alone(d: District) -> None:
    choose_scheme(viewer=d.viewer("jfj1"), scheme="sanya", at=timezone.now())
    made = taken(d, [["1", "东微电子", "", "12.5", "主体", ""]])
    for who, sees in (("jfj1", True), ("cgj1", False), ("zgyh1", False), ("admin", False)):
        assert bool(kinds["promotion"].seen(d.viewer(who), "lights")) is sees
        assert bool(kinds["figures"].seen(d.viewer(who), str(made.pk))) is sees
    assert kinds["promotion"].seen(d.viewer("jfj1"), "other") is None
    for odd in ("²", "x", "", "99999"):
        assert kinds["figures"].seen(d.viewer("jfj1"), odd) is None


def test_what_promotion_decided_reads_as_sentences(d: District) -> None:
    names = Names({"qy": "示例建设单位"})
    told = {
        "SchemeChosen": ({"scheme": "sanya"}, [light_schemes()["sanya"].name]),
        "LinkMade": ({"unit": "qy", "until": "2024-12-31"}, ["示例建设单位", "至2024-12-31"]),
        "LinkEnded": ({"unit": "qy"}, ["示例建设单位"]),
        "FiguresRead": ({"file": "a", "name": "月报.xlsx", "month": "2024-04"}, ["月报.xlsx", "2024-04"]),
        "FiguresImported": ({"file": "a", "name": "月报.xlsx", "counts": {"new": 2, "same": 0}}, ["月报.xlsx", "新增2条"]),
        "FiguresDropped": ({"file": "a", "name": "月报.xlsx"}, ["月报.xlsx"]),
    }  # fmt: skip
    with override("zh-hans"):
        for name, (data, want) in told.items():
            check(name, data)
            assert types[name].notes(Happened(name, timezone.now(), "jfj1", "jfj", data), names) == want
            assert not str(types[name].words).isascii()
