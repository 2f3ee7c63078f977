"""One row of each kind that waits for the worker, where its task can be cut off, and what must hold once it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from bihuan.instruments.documents import services as documents
from bihuan.instruments.documents.catalogue import kinds, sample
from bihuan.instruments.documents.models import Paper
from bihuan.instruments.premises import imports
from bihuan.instruments.premises.models import PremisesImport
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.subjects.models import Subject
from bihuan.mechanisms.counselling import sessions, together
from bihuan.mechanisms.counselling.models import Reckoning
from bihuan.mechanisms.financing import accounts, leading
from bihuan.mechanisms.financing.models import Movement, Proposal, Statement
from bihuan.mechanisms.fire import planning
from bihuan.mechanisms.fire.models import VisitPlan
from bihuan.mechanisms.fire.standing import refresh

from .db.test_counselling import described, session
from .lending import WAN, passed
from .support import District, differences, upload

SHEET = "场所名称,所属乡镇办,地址,用途\n甲宾馆,龙子湖办事处,明理路1号,宾馆\n乙超市,龙子湖办事处,明理路2号,超市\n"
STATEMENT = "交易日期,流水号,收入,支出,余额,对方户名,摘要\n2024-04-01,A1,100.00,,100.00,中国银行,放款\n"


@dataclass(frozen=True)
class Waiting:
    """`make` a row that waits; `hook` is called by its task, late: just before, or within, its writing; `over` is its state once done
    and `done` looks at what was written; `failed` is its state when it was given up; `who` sees it at the page `at`."""

    path: str
    make: Callable[[District], Any]
    hook: str
    over: str
    done: Callable[[Any], None]
    failed: str
    who: str
    at: Callable[[Any], str]


def once(type_: str) -> None:
    """An event of this type stands in the ledger, and no second."""
    assert Event.objects.filter(type=type_).count() == 1


def _paper(d: District) -> Paper:
    return documents.ask(
        viewer=d.viewer("jfj1"), at=timezone.now(), unit=d.units["jfj"], kind_id="agenda", title="议程",
        context=sample(kinds()["agenda"]),
    )  # fmt: skip


def _paper_done(row: Paper) -> None:
    assert row.file_id
    assert row.error == ""


def _premises(d: District) -> PremisesImport:
    made = imports.take(
        viewer=d.viewer("lzh1"), unit=d.units["lzh"], upload=upload("清单.csv", SHEET.encode()), at=timezone.now()
    )
    imports.confirm(imported=made, at=timezone.now())
    return made


def _premises_done(row: PremisesImport) -> None:
    assert Subject.objects.filter(name__in=["甲宾馆", "乙超市"]).count() == 2
    once("PremisesImported")


def _visits(d: District) -> VisitPlan:
    refresh(Subject.objects.values_list("pk", flat=True), d.now)
    made = planning.make(
        viewer=d.viewer("xfdd1"), unit=d.units["xfdd"], title="抽查", begins=timezone.localdate(), days=2, teams=["一组"],
        minutes=360, visit=40, share=50, at=timezone.now(),
    )  # fmt: skip
    # with the first it finds, so that nobody waits for better ones
    planning.stop(viewer=d.viewer("xfdd1"), plan=made, at=timezone.now())
    return made


def _visits_done(row: VisitPlan) -> None:
    assert row.visits.count() == len(set(row.visits.values_list("subject", flat=True))) > 0
    once("VisitsProposed")


def _statement(d: District) -> Statement:
    file = upload("流水.csv", STATEMENT.encode())
    return accounts.bring(viewer=d.viewer("rzb1"), file=passed(d), upload=file, at=timezone.now())


def _statement_done(row: Statement) -> None:
    assert (row.new, Movement.objects.count()) == (1, 1)
    once("StatementTaken")
    assert differences("account") == []


def _banks(d: District) -> Proposal:
    passed(d)
    leading.appetite(
        viewer=d.viewer("rzb1"), bank=d.units["gsyh"], capacity=90_000 * WAN, most=5, least=0, top=None, share=100, likes={},
        never=[], at=timezone.now(),
    )  # fmt: skip
    return leading.ask(viewer=d.viewer("rzb1"), at=timezone.now())


def _banks_done(row: Proposal) -> None:
    assert [p["bank"] for p in row.result["pairs"]] == ["gsyh"]


def _timetable(d: District) -> Reckoning:
    made = session(d)
    subjects = [described(d), described(d, d.subject("示例智造园", "project", d.b))]
    sessions.choose(viewer=d.viewer("zwj1"), session=made, at=timezone.now(), subjects=subjects)
    row = together.ask(viewer=d.viewer("zwj1"), at=timezone.now(), session=made)
    row.stop(d.viewer("zwj1"))
    return row


def _timetable_done(row: Reckoning) -> None:
    assert row.session is not None
    assert not row.session.sittings.filter(start=None).exists()
    once("TimetableMade")


def _together(d: District) -> Reckoning:
    described(d)
    row = together.ask(viewer=d.viewer("zwj1"), at=timezone.now())
    row.stop(d.viewer("zwj1"))
    return row


def _together_done(row: Reckoning) -> None:
    assert row.result["projects"] == 1


COUNSELLING = "bihuan.mechanisms.counselling"
FINANCING = "bihuan.mechanisms.financing"
CASES = {
    "paper": Waiting(
        "bihuan.instruments.documents.services.write", _paper, "bihuan.instruments.documents.services.store", "draft", _paper_done,
        "failed", "jfj1", lambda r: f"/papers/{r.pk}/",
    ),
    "premises": Waiting(
        "bihuan.instruments.premises.imports.write_in", _premises, "bihuan.instruments.premises.imports.note", "confirmed",
        _premises_done, "preview", "lzh1", lambda r: f"/fire/import/{r.pk}/",
    ),
    "visits": Waiting(
        "bihuan.mechanisms.fire.planning.search", _visits, "bihuan.mechanisms.fire.models.PlannedVisit.objects.bulk_create",
        "ready", _visits_done, "failed", "xfdd1", lambda r: f"/fire/visits/{r.pk}/",
    ),
    "statement": Waiting(
        f"{FINANCING}.accounts.read_in", _statement, f"{FINANCING}.accounts.note", "ready", _statement_done, "refused", "rzb1",
        lambda r: f"/financing/statements/{r.pk}/",
    ),
    "banks": Waiting(
        f"{FINANCING}.leading.propose", _banks, "bihuan.engines.matching.data_of", "ready", _banks_done, "failed", "rzb1",
        lambda r: "/financing/banks/",
    ),
    "timetable": Waiting(
        f"{COUNSELLING}.together.search", _timetable, f"{COUNSELLING}.sessions._note", "ready", _timetable_done, "failed", "zwj1",
        lambda r: f"/meetings/{r.session.meeting_id}/session/",
    ),
    "together": Waiting(
        f"{COUNSELLING}.together.search", _together, f"{COUNSELLING}.together._ended", "ready", _together_done, "failed", "zwj1",
        lambda r: "/counselling/together/",
    ),
}  # fmt: skip
