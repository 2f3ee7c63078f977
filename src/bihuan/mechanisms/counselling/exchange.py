"""State rows of the national table in and out: one row a change of state, as CSV or JSON. A row that fails keeps its sentence."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from bihuan.engines.registers.sheets import Unreadable, decode
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.clocks import ZONE, local_day
from bihuan.kernel.domain.refusal import N_, Refused, must
from bihuan.kernel.matters.selectors import subjects_visible_to
from bihuan.kernel.subjects.models import Subject

from . import rules
from .catalogue import approvals
from .models import Application, Step
from .paths import applications_visible_to, coordinates
from .services import Told, receive, record

COLUMNS = (
    "主键", "行政区划", "工程代码", "工程名称", "事项实例编码", "事项编码", "事项名称", "办理处室", "办理人", "办理意见", "办理时间",
    "办件状态", "事由", "通知文号", "截止日期", "录入时间",
)  # fmt: skip
MOST = 20_000


def rows_out(viewer: Viewer) -> Iterator[list[str]]:
    """The state rows of all visible applications, by case."""
    names = approvals().items
    steps = Step.objects.filter(application__in=applications_visible_to(viewer), code__gt=0)
    for s in (
        steps.select_related("application__subject__territory", "unit").order_by("application", "n").iterator(2_000)
    ):
        a = s.application
        yield [
            f"{a.code}-{s.n}", a.subject.territory.code, a.subject.code, a.subject.name, a.code, a.item,
            names[a.item].name if a.item in names else a.item, s.unit.name, s.person, s.opinion, f"{s.at.astimezone(ZONE):%Y-%m-%d %H:%M:%S}",
            str(s.code), s.reason, s.notice, s.until.isoformat() if s.until else "", f"{s.entered_at.astimezone(ZONE):%Y-%m-%d %H:%M:%S}",
        ]  # fmt: skip


def read(data: bytes) -> list[dict[str, str]]:
    """Rows of a CSV (UTF-8 or GBK) or a JSON list. Refused for anything else, and when a column is missing."""
    try:
        text = decode(data)
    except Unreadable as error:
        raise Refused.like(error.message, error.params, "file") from None
    if text.lstrip().startswith("["):
        try:
            found = json.loads(text)
        except json.JSONDecodeError as error:
            raise Refused(N_("This is no JSON: %(error)s"), field="file", error=str(error)) from None
        if not all(isinstance(r, dict) for r in found):
            raise Refused(N_("A list of objects is expected."), field="file")
        rows = [{k: "" if v is None else str(v) for k, v in r.items()} for r in found]
        names = set(rows[0]) if rows else set(COLUMNS)
    else:
        reader = csv.DictReader(io.StringIO(text))
        rows = [{k: v or "" for k, v in r.items() if k is not None} for r in reader]
        names = set(reader.fieldnames or ())
    for need in ("工程代码", "事项实例编码", "事项编码", "办理时间", "办件状态"):
        if need not in names:
            raise Refused(N_("The column %(name)s is missing."), field="file", name=need)
    if len(rows) > MOST:
        raise Refused(N_("A file has at most %(most)s rows."), field="file", most=MOST)
    return rows


@dataclass(frozen=True)
class Taken:
    """What came of a file: rows taken in, rows that were there already, and a sentence for every row that failed."""

    new: int
    same: int
    failed: tuple[tuple[int, str, Refused], ...]
    """Row number (the head is 1), its case, why."""


def rows_in(*, viewer: Viewer, rows: Iterable[Mapping[str, str]], at: datetime) -> Taken:
    """Take state rows in, case by case in the order of time. A row that cannot follow fails alone; nothing of it is written.

    Refused for other offices.
    """
    must(coordinates(viewer))
    cases: dict[str, list[tuple[datetime, int, Mapping[str, str]]]] = {}
    failed: list[tuple[int, str, Refused]] = []
    for n, row in enumerate(rows, 2):
        try:
            cases.setdefault(row["事项实例编码"].strip(), []).append((_moment(row["办理时间"]), n, row))
        except Refused as error:
            failed.append((n, row.get("事项实例编码", ""), error))
    new = same = 0
    for case, found in cases.items():
        for moment, n, row in sorted(found, key=lambda x: (x[0], x[1])):
            try:
                with transaction.atomic():
                    taken = _one(viewer, case, moment, row, at)
            except Refused as error:
                failed.append((n, case, error))
                continue
            new, same = new + taken, same + (not taken)
    return Taken(new, same, tuple(sorted(failed, key=lambda f: f[0])))


def _one(viewer: Viewer, case: str, moment: datetime, row: Mapping[str, str], at: datetime) -> bool:
    """One row; False when it is there already."""
    code = row["办件状态"].strip()
    if not code.isascii() or not code.isdigit() or not 1 <= int(code) <= 15:
        raise Refused(N_("%(code)s is no code of the national table."), field="办件状态", code=code)
    day = local_day(moment)
    application = Application.objects.filter(code=case, subject__in=subjects_visible_to(viewer)).first()
    if application is None:
        if Application.objects.filter(code=case).exists():
            raise Refused(N_("This case code is taken."), field="事项实例编码")
        if int(code) != rules.RECEIVED:
            raise Refused(N_("The first row of a case is 1, received."), field="办件状态")
        subject = subjects_visible_to(viewer).filter(type=Subject.Type.PROJECT, code=row["工程代码"].strip()).first()
        if subject is None:
            raise Refused(N_("No project has the code %(code)s."), field="工程代码", code=row["工程代码"])
        receive(
            viewer=viewer,
            subject=subject,
            item=row["事项编码"].strip(),
            day=day,
            at=at,
            code=case,
            opinion=row.get("办理意见", ""),
        )
        return True
    if any(s.code == int(code) and local_day(s.at) == day for s in application.steps.all()):
        return False
    until = row.get("截止日期", "").strip()
    told = Told(
        int(code), day, opinion=row.get("办理意见", ""), reason=row.get("事由", "").strip(), notice=row.get("通知文号", "").strip(),
        until=_date(until) if until else None,
    )  # fmt: skip
    record(viewer=viewer, application=application, told=told, at=at)
    return True


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Refused(
            N_("%(text)s is no time; write it as 2024-04-30 09:30:00."), field="办理时间", text=text
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=ZONE)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(N_("%(text)s is no date; write it as 2026-12-28."), field="截止日期", text=text) from None
