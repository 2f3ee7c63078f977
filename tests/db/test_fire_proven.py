"""What is written of legal procedures, premises, records and fires is decided by streams: nothing differs, forgeries are named,
emptied tables come back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.translation import override

from bihuan.instruments.premises import imports
from bihuan.instruments.premises import services as premises
from bihuan.instruments.procedures import services as procedures
from bihuan.instruments.procedures.models import OpenStep
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.ledger.selectors import stream
from bihuan.kernel.orgs.models import Territory
from bihuan.kernel.registry import duties
from bihuan.kernel.registry.streams import kinds
from bihuan.web.history import history

from ..forging import proven
from ..support import District, differences, work_off
from .test_fire import EDITION, brigade_hazard, files, step, under_way
from .test_fire_planning import ROWS, take

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
