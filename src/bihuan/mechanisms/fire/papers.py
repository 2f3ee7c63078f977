"""What the papers of the fire year say: the situation bulletin, the key points, the commendation notice; and the annual meeting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bihuan.instruments.assessment.models import Assessment
from bihuan.instruments.assessment.reckoning import sheets
from bihuan.instruments.assessment.selectors import assessments_visible_to, full
from bihuan.instruments.commendation.models import Nominee, Round
from bihuan.instruments.meetings.models import Item
from bihuan.instruments.meetings.services import Point
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.money import spoken, wan
from bihuan.kernel.domain.numerals import chinese, day_text

from .campaigns import outline
from .incidents import codes
from .models import Campaign
from .situation import Line, Situation, Sum, change, quiet, situation, work

QUARTERS = {
    "Q1": "第一季度",
    "Q2": "第二季度",
    "Q3": "第三季度",
    "Q4": "第四季度",
    "H1": "上半年",
    "H2": "下半年",
    "": "",
}
HEADS = {"area": "区域", "object": "起火对象", "place": "起火场所", "cause": "起火原因", "band": "时段"}
LEVELS = {"excellent": "优秀", "good": "良好", "pass": "合格", "fail": "不合格"}


def span_text(period: str) -> str:
    """2024Q1 as papers write it."""
    return f"{period[:4]}年{QUARTERS[period[4:]]}" if period[4:] else f"{period[:4]}年"


def _changed(now: Sum, before: Sum | None) -> str:
    if before is None:
        return "上年同期数据缺。"
    parts = []
    for name, field in (("火灾起数", "fires"), ("死亡人数", "dead"), ("受伤人数", "hurt"), ("直接财产损失", "loss")):
        a, b = getattr(now, field), getattr(before, field)
        found = change(a, b)
        if found is None:
            parts.append(f"{name}上年同期为0")
        elif found == 0:
            parts.append(f"{name}持平")
        else:
            parts.append(f"{name}{'上升' if found > 0 else '下降'}{abs(found):g}%")
    return f"与上年同期相比，{'，'.join(parts)}。"


def _counted(found: dict[str, int]) -> str:
    words = codes().words["grades"]
    return "、".join(f"{words[k].name}{n}起" for k, n in found.items() if n) or "无"


def _feature(lines: Sequence[Line], total: int) -> str:
    told = sorted((x for x in lines if x.now.fires), key=lambda x: -x.now.fires)
    return "、".join(f"{x.name}{x.now.fires}起（{round(100 * x.now.fires / total, 1):g}%）" for x in told) or "无"


def bulletin(viewer: Viewer, period: str, at: datetime) -> tuple[str, dict[str, Any]]:
    """Title and fields (`about.situation`) of a period's bulletin."""
    found = quiet(situation(viewer, period, at))
    title = f"{span_text(period)}火灾形势通报"
    stood = work(viewer, found, at)
    return title, {
        "report": {
            "title": title, "span": span_text(period), "as_of": day_text(min(local_day(at), found.end)), "change": _changed(found.total, found.before),
            "provisional": found.provisional, "statistics": _counted(found.statistics), "accident": _counted(found.accident),
            "scores": _scores(viewer, found, at),
        },
        "total": {**{k: getattr(found.total, k) for k in ("fires", "dead", "hurt", "larger")}, "loss": spoken(found.total.loss) or "0"},
        "features": [{"name": n, "text": _feature(found.tables[d], found.total.fires)} for d, n in HEADS.items()],
        "places": [
            {
                "name": x.name, "fires": x.now.fires, "dead": x.now.dead, "hurt": x.now.hurt, "loss": wan(x.now.loss) or "0",
                "before": str(x.before.fires) if x.before else "—",
            }
            for x in found.tables["territory"]
        ],
        "hazards": {
            "found": stood.found, "major": stood.major, "closed": stood.closed, "in_time": stood.in_time, "listed": stood.listed,
            "overdue": "、".join(f"{name}{n}处" for _unit, name, n in stood.overdue),
        },
    }  # fmt: skip


def _scores(viewer: Viewer, found: Situation, at: datetime) -> str:
    rows = full(assessments_visible_to(viewer).filter(mechanism="fire", year=found.begin.year))
    told = [s.final for s in sheets(rows, at)]
    if not told:
        return "本年度考核尚未开始。"
    mean = sum(r.total for r in told) / len(told) / 100
    counted = "、".join(
        f"{word}{sum(r.level == level for r in told)}个"
        for level, word in LEVELS.items()
        if any(r.level == level for r in told)
    )
    return f"参加考核{len(told)}个单位，平均{mean:.1f}分：{counted}。"


def key_points(campaign: Campaign, year: int) -> tuple[str, dict[str, Any]]:
    """Title and fields (`about.keypoints`) of the year's key points."""
    title, lines, counted = f"{year}年消防工作要点", [], [0, 0]
    for depth, text in outline(campaign.points):
        level = min(depth, 1)
        counted[level] += 1
        if level == 0:
            counted[1] = 0
        lines.append(
            {
                "mark": f"{chinese(counted[0])}、" if level == 0 else f"（{chinese(counted[1])}）",
                "text": text,
                "top": level == 0,
            }
        )
    return title, {"points": {"title": title}, "lines": lines}


def commended(round_: Round) -> dict[str, Any]:
    """The fields of `about.commendation`."""
    rows = list(round_.nominees.filter(state=Nominee.State.COMMENDED).select_related("unit"))
    units, people = [n for n in rows if not n.name], [n for n in rows if n.name]
    return {
        "commend": {"title": round_.title, "year": round_.year, "units": len(units), "people": len(people)},
        "units": [{"unit": n.unit.name} for n in units], "people": [{"name": n.name, "unit": n.unit.name, "post": n.post} for n in people],
    }  # fmt: skip


AGENDA = (
    "通报{last}年度{quarter}火灾形势", "观看火灾警示宣传片", "宣读{last}年度消防工作先进单位和先进个人表扬通报", "部署{year}年度消防工作", "发放{year}年消防工作要点",
    "递交{year}年度消防工作目标责任书",
)  # fmt: skip


def agenda(year: int, quarter: int, speakers: Sequence[str]) -> list[Point]:
    """The points of the annual meeting, in the order in which such meetings go; units that speak, then the closing speech."""
    words = {"last": year - 1, "year": year, "quarter": f"及{year}年{QUARTERS[f'Q{quarter}']}" if quarter else ""}
    found = [Point(text.format(**words), Item.Why.ADDED) for text in AGENDA]
    found += [Point(f"{name}交流发言", Item.Why.ADDED) for name in speakers]
    return [*found, Point("讲话", Item.Why.ADDED)]


def missing(year: int) -> list[str]:
    """What the annual meeting of a year still lacks, by name: figures of the year before, results, commendation, key points, letters."""
    from bihuan.instruments.letters.models import Letter

    from .models import Incident, PastFigure

    lacks = []
    if (
        not Incident.objects.filter(at__year=year - 1).exists()
        and not PastFigure.objects.filter(year=year - 1).exists()
    ):
        lacks.append("fires")
    if not Assessment.objects.filter(mechanism="fire", year=year - 1, state=Assessment.State.FINAL).exists():
        lacks.append("results")
    if not Nominee.objects.filter(
        round__year=year - 1, round__mechanism="fire", state=Nominee.State.COMMENDED
    ).exists():
        lacks.append("commended")
    if not any(c.points.strip() for c in Campaign.objects.filter(begins__year__lte=year, ends__year__gte=year)):
        lacks.append("points")
    if not Letter.objects.filter(batch__year=year, batch__mechanism="fire").exists():
        lacks.append("letters")
    return lacks
