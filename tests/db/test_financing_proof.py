"""White list rows follow from their events: nothing else writes them, a changed one is named, and the record alone brings all back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, models
from django.utils import timezone

from bihuan.kernel.domain import commands as c
from bihuan.kernel.ledger import proving
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.ledger.selectors import happened
from bihuan.kernel.matters.services import act
from bihuan.kernel.registry import written
from bihuan.kernel.registry.events import Names, types
from bihuan.kernel.registry.streams import kinds
from bihuan.mechanisms.financing import accounts, conditions, leading, pushing, screening
from bihuan.mechanisms.financing.models import (
    Appetite,
    Choice,
    Edition,
    Figure,
    File,
    Movement,
    Proof,
    Push,
    Statement,
    Step,
)
from bihuan.mechanisms.financing.selectors import condition_sets

from ..lending import WAN, credited, drawn, opened, passed, pushed, signed, step, today, told
from ..support import District, differences, upload, work_off

pytestmark = pytest.mark.django_db
KINDS = ("financing", "push", "duty", "account", "appetite", "choice", "lender", "looks", "conditions")
TABLES = (File, Push, Step, Figure, Proof, Edition, Statement, Movement, Appetite, Choice)
HEAD = "交易日期,流水号,收入,支出,余额,对方户名,摘要\n"
LINES = "2024-04-01,A1,100.00,,100.00,中国银行,放款\n2024-04-02,A2,,40.00,60.00,示例总包公司,工程款\n"


def raw(model: type[models.Model]) -> models.QuerySet[Any]:
    """Rows as whoever has the database writes them, past everything that watches."""
    return models.QuerySet(model)


def can_lend(d: District, bank: str) -> None:
    leading.appetite(
        viewer=d.viewer("rzb1"), bank=d.units[bank], capacity=90_000 * WAN, most=5, least=0, top=None, share=100,
        likes={"normal": 5}, never=["trouble"], at=timezone.now(),
    )  # fmt: skip


def brought(d: District, file: File, text: str, who: str = "rzb1") -> Statement:
    made = accounts.bring(viewer=d.viewer(who), file=file, upload=upload("流水.csv", text.encode()), at=timezone.now())
    work_off()
    made.refresh_from_db()
    return made


@pytest.fixture
def walked(d: District) -> District:
    """Every writer of the white list has written: two banks, money, statements of four fates, choices, editions."""
    now, office = timezone.now(), d.viewer("rzb1")
    for bank in ("zgyh", "gsyh"):
        can_lend(d, bank)
    can_lend(d, "zgyh")
    file = passed(d)
    told(d, file, need=8_100 * WAN, day=today() - timedelta(days=3))
    first = pushed(d, file)
    step(d, file, "received", "zgyh1", first)
    pushing.feed_back(viewer=d.viewer("zgyh1"), push=first, items=["抵押未解除"], day=today(), at=now)
    for matter in screening.open_repairs(file):
        act(number=matter.number, command=c.Withdraw(d.actor("rzb1"), now, "已说明"))
    leading.choose(viewer=office, file=file, bank=d.units["zgyh"], reason="x", at=now)
    leading.choose(viewer=office, file=file, bank=None, reason="", at=now)
    leading.choose(viewer=office, file=file, bank=None, reason="", at=now)
    leading.choose(viewer=office, file=file, bank=d.units["gsyh"], reason="x", at=now)
    leading.choose(viewer=office, file=file, bank=d.units["zgyh"], reason="y", at=now)
    second = pushed(d, file, "gsyh")
    credited(d, second)
    signed(d, second)
    row = {"day": "2027-01-01", "amount": 1_000 * WAN, "percent": 50}
    step(d, file, "planned", "gsyh1", second, rows=[row])
    step(d, file, "party", "gsyh1", second, name="示例门窗公司", contract="分包1号")
    drawn(d, second, 5_000)
    step(d, file, "paid", "gsyh1", second, amount=100 * WAN, payee="示例门窗公司", purpose="门窗")
    step(d, file, "duty", "gsyh1", second, kept={"survey": True}, note="现场两次")
    told(d, file, part="zgyh", lent=700 * WAN)
    leading.inform(viewer=office, book=leading.books([file])[0], at=now)
    brought(d, file, HEAD + LINES)
    other = brought(d, file, HEAD + LINES.replace("40.00,60.00", "41.00,59.00"), "gsyh1")
    accounts.correct(viewer=office, row=other, key="n:A2", reason="银行更正", at=now)
    brought(d, file, "项目,进度\n甲,50\n")
    stopped = accounts.bring(viewer=office, file=file, upload=upload("流水.csv", (HEAD + LINES).encode()), at=now)
    accounts.stop(viewer=office, row=stopped, at=now)
    work_off()
    out = passed(d, "住宅项目二")
    pushed(d, out, "jsyh")
    step(d, out, "out", reason="资不抵债")
    step(d, out, "back", reason="重整成功")
    screening.check(
        viewer=office, file=out, condition_id="W4", result="fixable", reason="抽挪", day=today(), at=now
    )  # fmt: skip
    third = passed(d, "住宅项目三")
    leading.choose(viewer=office, file=third, bank=d.units["jsyh"], reason="总行支持", at=now)
    side = condition_sets(today())[0]
    conditions.write(
        viewer=office, now=side, valid_from=today() + timedelta(days=1), source="新文件", confirmed=False, at=now,
        rows=[{"id": "W1", "name": "条件", "name_en": "condition", "need": True, "blocks": True, "proof": "证明", "days": 5}],
    )  # fmt: skip
    return d


def pictures() -> dict[str, list[dict[str, Any]]]:
    return {m._meta.db_table: list(raw(m).order_by("pk").values()) for m in TABLES}


def test_every_writer_leaves_no_difference_and_every_table_has_rows(walked: District) -> None:
    assert {m.__name__ for m in TABLES if not raw(m).exists()} == set()
    assert set(Statement.objects.values_list("state", flat=True)) == {"ready", "refused", "stopped"}
    assert differences(*KINDS) == []
    waiting = [s for s, hooks in written._pending().now().items() if s.partition(":")[0] in KINDS and hooks]
    assert waiting == [], "nothing was written that no event took along"


def test_the_record_alone_brings_everything_back(walked: District) -> None:
    before = pictures()
    for model in reversed(TABLES):
        raw(model)._raw_delete(connection.alias)
    assert len(differences(*KINDS)) > 50
    proving.rebuild()
    assert pictures() == before
    assert differences(*KINDS) == []


def tampered() -> Iterator[tuple[str, type[models.Model], dict[str, Any], dict[str, Any], str]]:
    """Kind, table, which row, what it is made to say, and the column that must be named."""
    yield "account", Movement, {"key": "n:A1"}, {"amount": 1}, "amount"
    yield "account", Movement, {"key": "n:A1"}, {"balance": None}, "balance"
    yield "account", Statement, {"state": "stopped"}, {"state": "ready"}, "state"
    yield "financing", Figure, {"key": "need", "part": ""}, {"value": "1"}, "value"
    yield "financing", Figure, {"key": "need", "part": ""}, {"day": today() - timedelta(days=99)}, "day"
    yield "financing", File, {}, {"treatment": "judicial"}, "treatment"
    yield "financing", Step, {"what": "district"}, {"day": today() - timedelta(days=9)}, "day"
    yield "financing", Proof, {"step__push": None}, {"name": "伪造.jpg"}, "name"
    yield "push", Step, {"what": "drawn"}, {"amount": 1}, "amount"
    yield "push", Step, {"what": "paid"}, {"data": {"payee": "陌生公司", "purpose": "x"}}, "data"
    yield "push", Push, {"n": 2}, {"ended": today()}, "ended"
    yield "duty", Step, {"what": "duty"}, {"data": {"kept": {}, "note": ""}}, "data"
    yield "appetite", Appetite, {"bank__code": "zgyh"}, {"capacity": 1}, "capacity"
    yield "choice", Choice, {}, {"reason": "别的"}, "reason"
    yield "conditions", Edition, {}, {"valid_from": today()}, "valid_from"


def test_a_changed_row_is_named_with_its_kind_stream_and_column(walked: District) -> None:
    for kind, model, which, values, column in tampered():
        row = model._default_manager.filter(**which).order_by("pk").first()
        before = raw(model).filter(pk=row.pk).values(*values).get()
        raw(model).filter(pk=row.pk).update(**values)
        place = f"{kind} · {written.watched[model](row)} · {model._meta.db_table} {row.pk} · {column}"
        found = differences(kind)
        assert any(x.startswith(f"{place}: ") for x in found), (place, found)
        raw(model).filter(pk=row.pk).update(**before)
    assert differences(*KINDS) == []


def test_a_deleted_and_an_inserted_row_are_named(walked: District) -> None:
    last = {model: raw(model).order_by("pk").last() for model in TABLES}
    for model, row in last.items():
        raw(model).filter(pk=row.pk)._raw_delete(connection.alias)
    found = differences(*KINDS)
    for model, row in last.items():
        assert any(f"{model._meta.db_table} {row.pk}: the row is missing" in x for x in found), model
        raw(model).bulk_create([row])
    assert differences(*KINDS) == []
    figure = raw(Figure).order_by("pk").last()
    figure.pk = None
    raw(Figure).bulk_create([figure])
    line = raw(Movement).order_by("pk").last()
    line.pk, line.key = None, "n:invented"
    raw(Movement).bulk_create([line])
    for what, push in (("drawn", True), ("duty", True), ("city", False)):
        paid = raw(Step).filter(what=what, push__isnull=not push).order_by("pk").last()
        paid.pk, paid.n, paid.matter = None, paid.n + 1_000 + len(what), None
        raw(Step).bulk_create([paid])
    found = [x for x in differences(*KINDS) if "the row has no events" in x]
    assert sorted(x.partition(" ")[0] for x in found) == ["account", "duty", "financing", "financing", "push"]
    proving.rebuild()
    assert differences(*KINDS) == []


def test_a_step_moved_to_another_push_or_kind_is_named_in_both(walked: District) -> None:
    row = Step.objects.get(what="drawn")
    raw(Step).filter(pk=row.pk).update(push=None)
    found = differences("financing", "push")
    assert any(x.startswith(f"push · push:{row.push.code} · financing_step {row.pk} · push_id: ") for x in found)
    stray = f"financing · financing:{row.file.code} · financing_step {row.pk}: the row has no events"
    assert stray in found
    proving.rebuild()
    assert Step.objects.get(pk=row.pk).push_id == row.push_id


def test_what_a_file_step_does_to_a_push_and_a_push_step_to_its_file_stands_in_both_streams(d: District) -> None:
    file = passed(d)
    push = pushed(d, file)

    def types_of(stream: str) -> list[str]:
        return list(Event.objects.filter(stream=stream).order_by("seq").values_list("type", flat=True))

    own = types_of(f"push:{push.code}")
    assert own == ["Financing.pushed"]
    assert types_of(f"financing:{file.code}")[-1] == "FileStands"
    step(d, file, "out", reason="资不抵债,秘密")
    assert types_of(f"push:{push.code}") == [*own, "PushStands"]
    told_bank = Event.objects.get(type="PushStands")
    assert happened(told_bank.body).data == {"due": None, "ended": today().isoformat()}
    assert "秘密" not in told_bank.body


def test_what_events_told_and_rows_say_must_be_one(d: District, monkeypatch) -> None:
    """A fault of the program that writes one amount and tells another: the engine cannot see it, the kind's own check does."""
    file = opened(d)
    told(d, file, need=100 * WAN)
    assert differences("financing") == []
    create = Figure.objects.create

    def wrong(**kw: Any) -> Figure:
        return create(**{**kw, "value": "1"})

    monkeypatch.setattr(Figure.objects, "create", wrong)
    told(d, file, need=200 * WAN)
    assert differences("financing") == [
        f"financing · financing:{file.code} · financing_figure: the rows say otherwise than what its events told"
    ]


def test_every_event_of_the_white_list_is_said_in_words(walked: District) -> None:
    mine = [t for t in types if t.name.startswith("Financing.") or t.name in NAMED]
    assert len(mine) == 25 + len(NAMED)
    seen = set()
    for body in Event.objects.values_list("body", flat=True):
        e = happened(body)
        if types[e.type] in mine:
            seen.add(e.type)
            notes = types[e.type].notes
            said = notes(e, Names()) if notes else []
            assert all(isinstance(x, str) and x for x in said), (e.type, said)
    assert {t.name for t in mine} - seen <= RARE
    assert str(types["Financing.credited"].words) == "授信"


NAMED = {
    "FileStands", "PushStands", "FinancingTold", "AnswerDue", "DeliveryWarned", "StatementBrought", "StatementTaken", "StatementRefused",
    "StatementStopped", "MovementCorrected", "AppetiteTold", "BankChosen", "BankChoiceTakenBack", "BankChoiceEnded", "LenderInformed",
    "ConditionsWritten", "FinancingSeen",
}  # fmt: skip
RARE = {
    "Financing.refused", "Financing.declined", "Financing.withdrawn", "Financing.repaid", "Financing.delivered", "Financing.explained",
    "AnswerDue", "DeliveryWarned", "FinancingSeen",
}  # fmt: skip
"""Written elsewhere in the suite."""


def seen(d: District, who: str, kind: str, name: str) -> bool:
    return kinds[kind].seen(d.viewer(who), name) is not None


def test_streams_are_seen_by_whom_they_concern(walked: District) -> None:
    d = walked
    file = File.objects.get(subject__name="住宅项目一")
    first, second = Push.objects.filter(file=file).order_by("n")
    who = ("rzb1", "leader", "qy1", "zgyh1", "gsyh1", "jsyh1", "audit", "cgj1", "admin", "logs")
    wanted = {
        ("financing", file.code): {"rzb1", "leader", "qy1"},
        ("account", file.code): {"rzb1", "leader", "qy1"},
        ("push", first.code): {"rzb1", "leader", "qy1", "zgyh1"},
        ("push", second.code): {"rzb1", "leader", "qy1", "gsyh1"},
        ("duty", first.code): {"rzb1", "leader", "zgyh1"},
        ("duty", second.code): {"rzb1", "leader", "gsyh1"},
        ("appetite", "zgyh"): {"rzb1", "zgyh1"},
        ("choice", file.code): {"rzb1"},
        ("lender", f"{file.code}:zgyh"): {"rzb1", "zgyh1"},
        ("conditions", "financing"): set(who),
    }
    for (kind, name), people in wanted.items():
        assert {w for w in who if seen(d, w, kind, name)} == people, (kind, name)
        assert not any(seen(d, w, kind, "nothing") for w in who if kind not in ("conditions",))
    assert {w for w in who if seen(d, w, "looks", "lists")} == {"logs"}, "the audit administrator's alone"
    assert not seen(d, "gsyh1", "lender", f"{file.code}:zgyh")
    assert not seen(d, "zgyh1", "lender", "nothing:zgyh")


def test_a_banks_receipts_tell_nothing_of_others(walked: District) -> None:
    """Every event of every stream that a bank may take along names neither another bank nor what another was asked or answered."""
    d = walked
    other = {"gsyh": ("jsyh",), "zgyh": ("gsyh", "jsyh")}
    for bank, hidden in other.items():
        viewer = d.viewer(f"{bank}1")
        names = [s.partition(":") for s in Event.objects.values_list("stream", flat=True).distinct()]
        mine = [f"{k}:{n}" for k, _, n in names if k in KINDS and kinds[k].seen and kinds[k].seen(viewer, n)]
        assert any(s.startswith("push:") for s in mine)
        for body in Event.objects.filter(stream__in=mine).values_list("body", flat=True):
            for code in hidden:
                assert f'"{code}"' not in body, (bank, body)
            assert '"rows":{' not in body, "what an event wrote stays in the house"
