"""Ten projects sign with their lead banks: from screening to the delivery of a building. One is repaired into the list, one is moved
out, one bank has problems first; money goes into supervised accounts alone; the lists of any day are what the ledger says."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from bihuan.instruments.meetings import services as meetings
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import Limit, start_of
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.ledger.verifying import Broken, verify
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.services import act, assignment, load
from bihuan.mechanisms.financing import accounts, leading, lists, pushing, rules, screening, services, signing
from bihuan.mechanisms.financing.models import File, Push
from bihuan.mechanisms.financing.selectors import book

from ..lending import WAN, checked, credited, drawn, opened, pushed, step, today, told
from ..support import District, differences, upload

pytestmark = pytest.mark.django_db
NAMES = "一二三四五六七八九十"


def on(text: str, hour: int = 10) -> time_machine.travel:
    return time_machine.travel(start_of(date.fromisoformat(text)) + timedelta(hours=hour), tick=False)


def put_right(d: District, matter: Matter) -> None:
    """The developer does it, the office confirms it."""
    if matter.state == "raised":
        state, kind, _ = load(matter.number)
        command = c.Assign(
            d.actor("rzb1"),
            timezone.now(),
            "qy",
            (),
            limit=Limit("workdays", 10),
            reason="银行反馈",
            **assignment(kind, state, "qy"),
        )
        act(number=matter.number, command=command)
    for command in (
        c.Accept(d.actor("qy1"), timezone.now()), c.Submit(d.actor("qy1"), timezone.now(), "已补齐"), c.Verify(d.actor("rzb2"), timezone.now(), "属实"),
    ):  # fmt: skip
        act(number=matter.number, command=command)


def test_ten_projects_from_screening_to_the_delivery_of_a_building() -> None:
    with on("2024-02-01"):
        d = District()
        office = d.viewer("rzb1")
        files = [opened(d, f"住宅项目{x}") for x in NAMES] + [opened(d, "住宅项目十一")]
        for i, file in enumerate(files):
            told(
                d,
                file,
                need=(4_000 + 500 * i) * WAN,
                account=f"4101{i:04}",
                account_bank="zgyh",
                to_finish=5_000 * WAN,
                balance=900 * WAN,
            )
            told(d, file, part="1号楼", flats=100, sold=70, promised="2025-06-30", percent=40)
    with on("2024-02-20"):
        for file in files[:2] + files[3:10]:
            checked(d, file)
        checked(d, files[2], skip=("W4",))
        step_ = screening.check(
            viewer=office,
            file=files[2],
            condition_id="W4",
            result=rules.FIX,
            reason="抽挪300万元",
            day=today(),
            at=timezone.now(),
        )
        repair = step_.matter
        assert repair is not None
        screening.check(
            viewer=office,
            file=files[10],
            condition_id="W2",
            result=rules.FAIL,
            reason="多轮查封",
            day=today(),
            at=timezone.now(),
        )
        step(d, files[10], "treated", treatment="judicial", reason="资不抵债")
        step(d, files[10], "out", reason="资不抵债,转司法途径")
    with on("2024-03-01"):
        for file in files[:10]:
            step(d, file, "treated", treatment="normal", reason="")
            if file != files[2]:
                for what in ("handed", "district", "city"):
                    step(d, file, what, **({} if what == "handed" else {"passed": True, "reason": ""}))
        with pytest.raises(Refused):
            pushed(d, files[2])
    with on("2024-03-08"):
        put_right(d, repair)
        checked(d, files[2])
        for what in ("handed", "district", "city"):
            step(d, files[2], what, **({} if what == "handed" else {"passed": True, "reason": ""}))
        for bank in ("zgyh", "gsyh", "jsyh"):
            leading.appetite(
                viewer=office,
                bank=d.units[bank],
                capacity=30_000 * WAN,
                most=4,
                least=0,
                top=None,
                share=100,
                likes={},
                never=[],
                at=timezone.now(),
            )
        row = leading.ask(viewer=office, at=timezone.now())
        leading.search(row=row, at=timezone.now(), seconds=3)
        row.refresh_from_db()
        assert row.result["proven"]
        assert len(row.result["pairs"]) == 10
        for pair in row.result["pairs"]:
            file = File.objects.get(code=pair["need"])
            leading.choose(viewer=office, file=file, bank=d.units[pair["bank"]], reason="按建议", at=timezone.now())
        sent, failed = leading.push_all(viewer=office, files=files[:10], batch="第一批", at=timezone.now())
        assert (sent, failed) == (10, [])
        assert max(Counter(Push.objects.values_list("bank__code", flat=True)).values()) == 4
    with on("2024-03-15"):
        first = Push.objects.get(file=files[4])
        bank = f"{first.bank.code}1"
        pushing.feed_back(
            viewer=d.viewer(bank), push=first, items=["在建工程抵押未解除"], day=today(), at=timezone.now()
        )
        for push in Push.objects.filter(ended=None).select_related("bank", "file"):
            credited(d, push, 4_000)
        assert len(lists.report(office, today(), today()).of("uncredited")) == 0
        assert len(lists.report(office, today(), today()).of("unlisted")) == 1
    with on("2024-03-25"):
        put_right(d, Matter.objects.get(title="在建工程抵押未解除"))
        again = pushed(d, files[4], first.bank.code)
        credited(d, again, 4_000)
    with on("2024-04-20"):
        meeting = signing.prepare(
            viewer=office, books=signing.ripe(office), title="签约仪式", chair="分管领导", starts_at=start_of(date(2024, 4, 24)) + timedelta(hours=9),
            place="龙子湖", at=timezone.now(),
        )  # fmt: skip
        meetings.call(viewer=office, meeting=meeting, at=timezone.now())
    with on("2024-04-24", 11):
        contracts = {
            r["push"].code: {"contract": f"借字{i}号", "mode": "whole" if i == 9 else "stages"}
            for i, r in enumerate(signing.rows(office, meeting))
        }
        assert signing.sign(viewer=office, meeting=meeting, told=contracts, at=timezone.now()) == (10, [])
        meetings.close(viewer=office, meeting=meeting, at=timezone.now())
    pushes = list(Push.objects.filter(ended=None).select_related("bank", "file").order_by("file__pk"))
    with on("2024-05-06"):
        for i, push in enumerate(pushes[:9]):
            step(d, push.file, "drawn", f"{push.bank.code}1", push, amount=2_000 * WAN, account=f"4101{i:04}")
        with pytest.raises(Refused):
            drawn(d, pushes[9], 2_000)  # into another account than its own
        step(d, pushes[0].file, "party", f"{pushes[0].bank.code}1", pushes[0], name="示例总包公司", contract="总包1号")
        step(
            d,
            pushes[0].file,
            "paid",
            f"{pushes[0].bank.code}1",
            pushes[0],
            amount=600 * WAN,
            payee="示例总包公司",
            purpose="进度款",
        )
    with on("2024-06-10"):
        text = "交易日期,流水号,收入,支出,余额,对方户名\n2024-05-06,L1,20000000.00,,20000000.00,银行\n2024-05-08,L2,,6000000.00,14000000.00,示例总包公司\n2024-05-20,L3,,100000.00,13900000.00,陌生公司\n"
        accounts.bring(
            viewer=d.viewer(f"{pushes[0].bank.code}1"),
            file=pushes[0].file,
            upload=upload("流水.csv", text.encode()),
            at=timezone.now(),
            at_once=True,
        )
        found = book(files[0])
        fits = accounts.reconciled(found, pushes[0], timezone.now(), files[0].movements.all())
        assert [x.word for x in fits.doubts] == ["unasked"]
        assert (len(fits.drawings), len(fits.payments)) == (1, 1)
        services.take(
            viewer=office,
            file=files[0],
            told=services.Told("explained", today(), data={"key": fits.doubts[0].key, "reason": "银行手续费"}),
            at=timezone.now(),
        )
    for month, percent in (("2024-08-01", 55), ("2024-11-01", 75), ("2025-02-01", 92), ("2025-04-20", 100)):
        with on(month):
            told(d, files[0], part="1号楼", percent=percent)
            told(d, files[1], part="1号楼", percent=min(percent // 2, 45))
            if month == "2025-02-01":
                late = {b.file.code: x.light for b, x in lists.warnings(office, today()) if getattr(x, "name", "")}
                assert late[files[1].code] == "red"
                assert files[0].code not in late
    with on("2025-05-06"):
        told(d, files[0], part="1号楼", delivered=100)
        step(d, files[0], "delivered")
        files[0].refresh_from_db()
        assert files[0].state == "delivered"
    by_day = {
        "2024-02-10": (0, 0, 0, 0, 11, 0, 0), "2024-03-10": (10, 0, 0, 0, 10, 0, 0), "2024-03-20": (10, 9, 9, 0, 1, 0, 9), "2024-04-25": (10, 10, 10, 0, 0, 0, 10),
        "2024-05-07": (10, 10, 10, 9, 0, 0, 1), "2025-05-07": (10, 10, 10, 9, 0, 0, 1),
    }  # fmt: skip
    for text, want in by_day.items():
        day = date.fromisoformat(text)
        f = lists.whole(day, today()).figures
        assert (
            f.pushed,
            f.listed,
            f.credited,
            f.drawn,
            f.lists["unlisted"],
            f.lists["uncredited"],
            f.lists["undrawn"],
        ) == want, text
        assert lists.by_ledger(day) == f
    assert lists.whole(date(2025, 5, 7), today()).figures.delivered == 100
    assert differences("financing", "push", "account", "appetite", "choice") == []
    assert list(differences("matter")) == []
    assert not [b for b in verify() if isinstance(b, Broken)]
