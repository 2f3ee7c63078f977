"""What is written of legal procedures, premises, records and fires is decided by streams: nothing differs, forgeries are named,
emptied tables come back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.utils.translation import override

from bihuan.instruments.premises import imports
from bihuan.instruments.premises import services as premises
from bihuan.instruments.procedures import services as procedures
from bihuan.instruments.procedures.models import OpenStep
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.ledger import proving
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.ledger.selectors import stream
from bihuan.kernel.orgs.models import Territory
from bihuan.kernel.registry import duties
from bihuan.kernel.registry.streams import kinds
from bihuan.kernel.subjects.models import Subject
from bihuan.mechanisms.fire import campaigns, incidents, pastfigures, planning
from bihuan.mechanisms.fire.grades import Casualty
from bihuan.mechanisms.fire.incidents import Told
from bihuan.mechanisms.fire.inspections import Found
from bihuan.mechanisms.fire.models import Campaign, Complainant, Standing
from bihuan.mechanisms.fire.standing import refresh
from bihuan.web.surface.history import history

from ..forging import plainly, proven
from ..support import District, differences, work_off
from .test_fire import EDITION, brigade_hazard, complaint, files, inspection, step, under_way
from .test_fire_planning import ROWS, ask, take
from .test_incidents import LATE, fire, moment, sheet
from .test_late import decide, late

pytestmark = pytest.mark.django_db


def said(name: str, language: str = "zh-hans") -> list[list[str]]:
    """What the events of a stream tell, the first first."""
    with override(language):
        return [[e.who, str(e.verb), e.text, *e.notes] for e in reversed(history(stream(name).events))]


def seers(d: District, kind: str, name: str) -> set[str]:
    """Who may take the events of a stream along."""
    seen = kinds[kind].seen
    assert seen is not None
    assert [seen(d.viewer("xfdd1"), odd) for odd in ("", "²", "999999", "x:1")] == [None] * 4
    return {w for w in d.people if seen(d.viewer(w), name)}


def test_procedures(d: District) -> None:
    matter = brigade_hazard(d, grade="major")
    step(d, "xfdd1", matter, "report", text="疑似", number="报1号", files=[d.photo("xfdd1")])
    under_way(d, matter)
    values = {"found": local_day(d.now), "grave": False}
    procedures.start_as(viewer=d.viewer("lzh1"), matter=matter, procedure="handover", at=d.now, values=values)
    OpenStep.objects.filter(step="discussion").update(warn_at=d.now)
    assert procedures.warn(now=d.now) == 1
    complaint(d)
    name = f"procedure:{matter.pk}"
    proven("procedure")
    today = local_day(d.now).isoformat()
    assert said(name) == [
        ["测试xfdd1", "启动程序", "", "重大火灾隐患"],
        ["测试xfdd1", "记录步骤", "", "书面报告疑似重大隐患", "文号：报1号", "现场.jpg"],
        ["测试lzh1", "启动程序", "", "移交", f"发现日期：{today}", "严重威胁,立即报告：否"],
        ["系统时钟", "提醒法定时限", "", "集体讨论(不少于三人)", said(name)[3][4]],
    ]
    assert said(name, "en")[1][1:] == [
        "recorded a step",
        "",
        "Suspicion reported in writing",
        "Number of the paper: 报1号",
        "现场.jpg",
    ]
    assert seers(d, "procedure", str(matter.pk)) == {
        "xfdd1", "xfdd2", "xab1", "xab2", "lzh1", "lzh2", "leader", "audit", "dcs1", "dcs2",
    }  # fmt: skip
    d.do("lzh1", matter, c.Attach, files(d))
    d.do("lzh1", matter, c.Submit, "已整改")
    procedures.follow(now=d.now + timedelta(seconds=1))
    assert differences("procedure") == []


def test_open_steps_come_back_with_the_next_day(d: District) -> None:
    matter = brigade_hazard(d)
    before = list(OpenStep.objects.values_list("step", "unit__code", "due_at", "warn_at"))
    OpenStep.objects.all().delete()
    for name in ("steps", "procedures"):
        duties.duties[name].run(d.now + timedelta(days=1))
    assert (
        list(OpenStep.objects.filter(procedure__matter=matter).values_list("step", "unit__code", "due_at", "warn_at"))
        == before
    )
    assert differences("procedure") == []


def test_tables_of_rules(d: District) -> None:
    premises.table_load(viewer=d.viewer("xfdd1"), name="judgement", title="2025", text=EDITION, at=d.now)
    proven("rules")
    assert said("rules:judgement") == [["测试xfdd1", "载入规则表", "", "重大隐患判定", "2025"]]
    assert seers(d, "rules", "judgement") == set(d.people), "everybody with a post reads the rules"


def test_a_check_of_tables_is_said_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        premises.checks.add("judgement", lambda body, title: None)


def test_lists_of_premises(d: District) -> None:
    made = take(d, *ROWS)
    imports.confirm(imported=made, at=d.now)
    assert differences("premises-import") == []
    work_off()
    for again in (take(d, *ROWS), take(d, *ROWS)):
        imports.stop(imported=again, at=d.now)
        imports.stop(imported=again, at=d.now)
    stopped = take(d, *ROWS)
    imports.confirm(imported=stopped, at=d.now)
    imports.stop(imported=stopped, at=d.now)
    imports.stop(imported=stopped, at=d.now)
    imports.write(imported=stopped, at=d.now)
    refused = take(d, ["丙超市", *ROWS[0][1:]])
    imports.confirm(imported=refused, at=d.now)
    Territory.objects.filter(pk=d.a.pk).update(name="别处")
    assert imports.write(imported=refused, at=d.now) == {}
    assert imports.write(imported=made, at=d.now) == {}, "it is written already"
    proven("premises-import")
    dropped = ["测试lzh1", "放弃场所清单", ""]
    taken, counts = ["测试lzh1", "导入场所清单", "", "清单.csv"], "新增2条,变更0条,相同0条。"
    assert said(f"premises-import:{made.pk}") == [
        [*taken, "2 行"], ["测试lzh1", "确认场所清单", "", counts], ["测试lzh1", "将场所清单写入档案", "", "清单.csv", counts],
    ]  # fmt: skip
    assert said(f"premises-import:{again.pk}") == [[*taken, "2 行"], dropped]
    assert [x[1] for x in said(f"premises-import:{stopped.pk}")] == [
        "导入场所清单",
        "确认场所清单",
        "要求停止写入场所清单",
        "放弃场所清单",
    ]
    assert said(f"premises-import:{refused.pk}")[-1] == [
        "测试lzh1",
        "场所清单被退回",
        "",
        "有1行无法读取,请在表中改正后重新导入。",
    ]
    refused.refresh_from_db()
    assert refused.state == "preview"
    assert seers(d, "premises-import", str(made.pk)) == {"lzh1"}


def test_records_of_premises(d: District) -> None:
    photo, other = d.photo("lzh1"), d.photo("lzh1", colour=9)
    found = (Found("exit_clear", place="二层", photos=(photo.file_id,)), Found("extinguisher", spot=True))
    record = inspection(
        d, "lzh1", *found, people=("甲某", "乙某"), photos=(other.file_id,), place=(113.7, 34.76), note="已告知"
    )
    hazard = record.findings.exclude(matter=None).get().matter_id
    again = late(d)
    decide(d, "xab1", again, counts=False, words="查无此事")
    decide(d, "leader", again, words="已补证据")
    proven("premises")
    name = f"premises:{d.premises.code}"
    assert said(name) == [
        ["测试lzh1", "登记工作记录", "已告知", "检查", "乡镇(办事处)", "甲某、乙某", "发现问题：2项", f"#{hazard}"],
        ["测试lzh1", "登记工作记录", "", "检查", "乡镇(办事处)", "甲某、乙某", "补录：现场无网络"],
        ["测试xab1", "不予确认补录", "查无此事"],
        ["测试leader", "确认补录", "已补证据"],
    ]
    assert seers(d, "premises", d.premises.code) == seers(d, "subject", d.premises.code)
    assert not seers(d, "premises", d.project.code)
    assert "jcl1" not in seers(d, "premises", d.premises.code)


def test_who_complained_cannot_be_swapped(d: District) -> None:
    matter = complaint(d)
    row = Complainant.objects.get(matter=matter)
    told = "".join(f"{e.body}{e.effect}" for e in Event.objects.all())
    assert row.digest in told
    assert not [x for x in (row.name, row.phone, row.salt) if x in told]
    assert differences("procedure") == []
    forgeries = (
        {"name": "别人"}, {"phone": "037111111111"}, {"salt": "0" * 32}, {"salt": ""}, {"name": "", "phone": ""},
        {"name": "别人", "salt": "", "phone": ""},
    )  # fmt: skip
    for forged in forgeries:
        with transaction.atomic():
            plainly(Complainant).filter(pk=row.pk).update(**forged)
            found = list(proving.differences("procedure"))
            assert [(x.stream, x.key, x.column) for x in found] == [
                (f"procedure:{matter.pk}", str(row.pk), "digest")
            ], forged
            transaction.set_rollback(True)
    row.name = "别人"
    row.save()
    assert row.digest != row.sealed(), "a later name does not seal itself anew"


def test_who_complained_is_gone_with_the_row_and_the_proof_goes_on(d: District) -> None:
    matter = complaint(d)
    plainly(Complainant).all()._raw_delete("default")
    assert [x.message for x in proving.differences("procedure")] == ["the row is missing"]
    proving.rebuild()
    row = Complainant.objects.get(matter=matter)
    assert (row.name, row.phone, row.salt, row.unit.code, row.source) == ("", "", "", "lzh", "12345")
    assert differences("procedure") == []


def test_plans_of_inspections(d: District) -> None:
    refresh(Subject.objects.values_list("pk", flat=True), d.now)
    plan = planning.propose(plan=ask(d), at=d.now, seconds=0.5)
    viewer, day = d.viewer("xfdd1"), planning.workdays(plan.begins, 2)[1]
    visit = plan.visits.filter(why="lot").first()
    assert visit is not None
    subject = visit.subject
    planning.move(viewer=viewer, visit=visit, day=day, team=1, at=d.now)
    planning.drop(viewer=viewer, visit=visit, reason="已停业", at=d.now)
    planning.add(viewer=viewer, plan=plan, subject=subject, day=day, team=0, at=d.now)
    planning.stop(viewer=viewer, plan=plan, at=d.now)
    assert planning.propose(plan=plan, at=d.now, seconds=0.5) == plan
    other = ask(d)
    planning.stop(viewer=viewer, plan=other, at=d.now)
    planning.stop(viewer=viewer, plan=other, at=d.now)
    assert differences("visits") == []
    planning.propose(plan=other, at=d.now, seconds=0.5)
    proven("visits")
    lines = said(f"visits:{plan.pk}")
    assert [x[1] for x in lines] == ["请求检查计划", "开始编排检查计划", "给出检查建议", *["修改检查计划"] * 3]
    assert [x[2:4] for x in lines[3:]] == [["", subject.name], ["已停业", subject.name], ["", subject.name]]
    assert [x[1] for x in said(f"visits:{other.pk}")] == [
        "请求检查计划",
        "停止编排检查计划",
        "开始编排检查计划",
        "给出检查建议",
    ]
    assert lines[2][0] == "排程程序"
    assert seers(d, "visits", str(plan.pk)) == {"xfdd1", "xfdd2"}


def test_campaigns(d: District) -> None:
    today = local_day(d.now)
    targets = [{"name": "存量清零", "metric": "major_stock", "value": 0, "until": "2026-12-31"}]
    row = Campaign(
        name="治本攻坚", begins=today, ends=today + timedelta(days=300), stock_day=today, about="示例", targets=targets
    )
    made = campaigns.save(viewer=d.viewer("xab1"), campaign=row, at=d.now)
    period = f"{today.year - 1}Q4"
    campaigns.report(viewer=d.viewer("lzh1"), campaign=made, period=period, text="推进", at=d.now)
    made.points = "一、主线"
    campaigns.save(viewer=d.viewer("xab1"), campaign=made, at=d.now)
    proven("campaign")
    lines = said(f"campaign:{made.pk}")
    assert [x[:4] for x in lines] == [
        ["测试xab1", "保存专项行动", "示例", "治本攻坚"], ["测试lzh1", "报送专项行动", "推进", period], ["测试xab1", "保存专项行动", "示例", "治本攻坚"],
    ]  # fmt: skip
    assert "存量重大隐患未销数 0" in lines[1]
    assert seers(d, "campaign", str(made.pk)) == {"xab1", "xab2", "xfdd1", "xfdd2", "leader", "audit", "dcs1", "dcs2"}


def test_fires(d: District) -> None:
    at = moment(6)
    row = fire(d, at, people=(Casualty(True, local_day(at)),), subject=d.premises)
    told = Told(at, d.a, "示例路1号", "city", "building", "dwelling", "010101", loss=1)
    incidents.change(viewer=d.viewer("xfdd1"), incident=row, told=told, reason="更正", at=LATE)
    failed = [d.units["lzh"], d.units["jcl"]]
    incidents.review(viewer=d.viewer("xfdd1"), incident=row, findings="网格未巡查", failed=failed, at=LATE)
    incidents.review(viewer=d.viewer("xfdd1"), incident=row, findings="网格未巡查", failed=failed[:1], at=LATE)
    incidents.annul(viewer=d.viewer("xab1"), incident=fire(d, moment(7)), reason="误报", at=LATE)
    proven("incident")
    lines = said(f"incident:{row.pk}")
    assert [x[:3] for x in lines] == [
        ["测试xfdd1", "登记火灾", ""], ["测试xfdd1", "更正了登记", "更正"], ["测试xfdd1", "复核火灾", "网格未巡查"],
        ["测试xfdd1", "复核火灾", "网格未巡查"],
    ]  # fmt: skip
    assert lines[0][3:] == ["示例路1号", "火灾统计等级：一般", "事故调查等级：一般", "伤亡：1人", "损失50万元"]
    assert lines[3][-1] == "未履职：龙子湖办事处"
    assert [u.code for u in row.failed.all()] == ["lzh"]
    assert seers(d, "incident", str(row.pk)) == {"xab1", "xab2", "xfdd1", "xfdd2", "leader"}


def test_figures_of_past_years(d: District, tmp_path: Path) -> None:
    rows = [
        ["2024", "1", "合计", "", "12", "1", "2", "35.25", "0"],
        ["2024", "1", "原因", "电气", "5", "0", "0", "20", "0"],
    ]
    for figure in ("12", "12", "13"):
        rows[0][4] = figure
        pastfigures.take(viewer=d.viewer("xfdd1"), path=sheet(tmp_path, *rows), name="往年.xlsx", at=LATE)
    proven("situation")
    assert [x[3:] for x in said("situation:past")] == [
        ["往年.xlsx", f"新增{a}条,变更{b}条,相同{c}条。"] for a, b, c in ((2, 0, 0), (0, 0, 2), (0, 1, 1))
    ]
    assert seers(d, "situation", "past") == {"xab1", "xab2", "xfdd1", "xfdd2", "leader", "audit", "dcs1", "dcs2"}
    assert not seers(d, "situation", "future")


def test_standings_come_back_with_the_worker(d: District) -> None:
    refresh(Subject.objects.values_list("pk", flat=True), d.now)
    before = list(Standing.objects.values())
    Standing.objects.all().delete()
    assert duties.duties["standings"].run(d.now) == 2
    assert list(Standing.objects.values()) == before
