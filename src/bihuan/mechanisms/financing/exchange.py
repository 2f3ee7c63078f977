"""The sheet of a bank: what was sent to it goes out, what it answered comes in. A row that fails keeps its sentence; again changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from bihuan.engines.registers.dates import Misread
from bihuan.engines.registers.sheets import Unreadable, open_sheets
from bihuan.engines.registers.statements import day_of
from bihuan.engines.registers.values import read_amount
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.money import FEN_OF_WAN, wan
from bihuan.kernel.domain.refusal import N_, Refused, must

from .models import Push
from .pushing import feed_back
from .selectors import book, pushes_visible_to, seen_of
from .services import Told, take

FIXED = ("推送编号", "项目名称", "开发企业", "融资需求(万元)", "推送日期", "答复期限")
ASKED = (
    "反馈结果", "反馈日期", "存在问题", "授信金额(万元)", "期限(月)", "年利率(%)", "授信日期", "合同编号", "放款方式", "签约日期", "本次放款(万元)", "放款日期",
)  # fmt: skip
COLUMNS = (*FIXED, *ASKED)
ANSWERS = {
    "同意": "accepted",
    "受理": "accepted",
    "纳入": "accepted",
    "有问题": "problems",
    "补充": "problems",
    "不同意": "refused",
    "拒绝": "refused",
    "不予受理": "refused",
}
MODES = {"分期": "stages", "按进度": "stages", "一次": "whole", "全额": "whole"}
"""How the loan is drawn, by what its words begin with."""
MOST = 5_000


def rows_out(viewer: Viewer) -> Iterator[list[Any]]:
    """Open pushes that the viewer may answer, with what was answered already."""
    rows = list(pushes_visible_to(viewer).filter(ended=None, bank__code__in=viewer.acting).order_by("code"))
    seen = seen_of(viewer, rows)
    for p in rows:
        b = seen[p.file_id]
        a = b.ask_of(p)
        credit: dict[str, Any] = next((s.data for s in b.steps if s.what == "credited" and s.push_id == p.pk), {})
        signed: dict[str, Any] = next((s.data for s in b.steps if s.what == "signed" and s.push_id == p.pk), {})
        yield [
            p.code, p.file.subject.name, p.file.developer.name, wan(a.need), p.day, p.due, "同意" if a.accepted else "", a.answered, "",
            wan(a.amount or None), credit.get("term", ""), credit.get("rate", ""), a.credited, signed.get("contract", ""),
            {"stages": "按进度", "whole": "全额"}.get(a.mode, ""), a.signed, "", None,
        ]  # fmt: skip


def read(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Rows by their head, with the number that the sheet gives them. Refused for what is no such sheet."""
    try:
        sheets = open_sheets(path)
    except Unreadable as error:
        raise Refused.like(error.message, error.params, "file") from None
    for sheet in sheets:
        head: dict[int, str] = {}
        found = []
        for n, cells in sheet.rows():
            texts = ["" if c is None else str(c).strip() for c in cells]
            if not head:
                if COLUMNS[0] in texts:
                    head = {i: t for i, t in enumerate(texts) if t in COLUMNS}
                continue
            row = {name: texts[i] for i, name in head.items() if i < len(texts)}
            if any(row.values()):
                found.append((n, row))
        if head:
            if len(found) > MOST:
                raise Refused(N_("A file has at most %(most)s rows."), field="file", most=MOST)
            return found
    raise Refused(N_("The column %(name)s is missing."), field="file", name=COLUMNS[0])


@dataclass(frozen=True)
class Taken:
    """What came of a sheet: steps taken, rows that said nothing new, and a sentence for every row that failed."""

    steps: int
    same: int
    failed: tuple[tuple[int, str, Refused], ...]


def rows_in(*, viewer: Viewer, rows: Iterable[tuple[int, Mapping[str, str]]], at: datetime) -> Taken:
    """Take the answers in, each row for itself: all its steps or none. A code that is not the viewer's is as one that nobody has."""
    must(bool(viewer.acting))
    mine = {p.code: p for p in pushes_visible_to(viewer).filter(bank__code__in=viewer.acting)}
    steps = same = 0
    failed = []
    for n, row in rows:
        code = row.get("推送编号", "")
        push = mine.get(code)
        try:
            if push is None:
                raise Refused(N_("No push has the code %(code)s."), field="推送编号", code=code)
            with transaction.atomic():
                taken = _one(viewer, push, row, at)
        except Refused as error:
            failed.append((n, row.get("项目名称", ""), error))
            continue
        steps, same = steps + taken, same + (not taken)
    return Taken(steps, same, tuple(failed))


def _one(viewer: Viewer, push: Push, row: Mapping[str, str], at: datetime) -> int:
    """The steps that a row says beyond what stands; how many."""
    ask = book(push.file).ask_of(push)
    told: list[Told] = []
    answer = row.get("反馈结果", "")
    if answer and ask.answered is None:
        what = ANSWERS.get(answer)
        if what is None:
            raise Refused(
                N_("%(text)s is none of: %(words)s."), field="反馈结果", text=answer, words="、".join(ANSWERS)
            )
        day = _day(row, "反馈日期", at)
        if what == "problems":
            items = [
                x for x in row.get("存在问题", "").replace("；", "\n").replace(";", "\n").splitlines() if x.strip()
            ]
            if not items:
                raise Refused(N_("Please write it down: this field is empty."), field="存在问题")
            feed_back(viewer=viewer, push=push, items=items, day=day, at=at)
            return 1
        told.append(Told(what, day, data={} if what == "accepted" else {"reason": row.get("存在问题", "")}))
    if row.get("授信金额(万元)") and ask.credited is None:
        data = {"term": _whole(row, "期限(月)"), "rate": row.get("年利率(%)", "")}
        told.append(Told("credited", _day(row, "授信日期", at), _fen(row, "授信金额(万元)"), data))
    if row.get("合同编号") and ask.signed is None:
        mode = next((m for word, m in MODES.items() if row.get("放款方式", "").startswith(word)), "")
        if not mode:
            raise Refused(
                N_("%(text)s is none of: %(words)s."),
                field="放款方式",
                text=row.get("放款方式", ""),
                words="、".join(MODES),
            )
        told.append(
            Told("signed", _day(row, "签约日期", at), data={"contract": row["合同编号"], "mode": mode, "parties": []})
        )
    if row.get("本次放款(万元)"):
        day, amount = _day(row, "放款日期", at, needed=True), _fen(row, "本次放款(万元)")
        if (day, amount) not in ask.drawings:
            told.append(Told("drawn", day, amount, {"account": book(push.file).text("account")}))
    for t in told:
        take(viewer=viewer, file=push.file, push=push, told=t, at=at)
    return len(told)


def _day(row: Mapping[str, str], name: str, at: datetime, *, needed: bool = False) -> date:
    text = row.get(name, "")
    if not text and not needed:
        return local_day(at)
    found = day_of(text)
    if found is None:
        raise Refused(N_("%(text)s is no date; write it as 2026-12-28."), field=name, text=text)
    return found


def _fen(row: Mapping[str, str], name: str) -> int:
    try:
        amount = read_amount(row[name], "万元").value
    except Misread as error:
        raise Refused.like(str(error), {}, name) from None
    return int(amount * FEN_OF_WAN) if amount is not None else 0


def _whole(row: Mapping[str, str], name: str) -> int:
    text = row.get(name, "").removesuffix(".0")
    if not text.isascii() or not text.isdigit():
        raise Refused(N_("%(value)s is no such figure."), field=name, value=text)
    return int(text)
