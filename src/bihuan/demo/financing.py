"""Invented financing files: ten projects that sign with their lead banks, and some that are on the way, through the real services."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image, ImageDraw

from bihuan.instruments.meetings import services as meetings
from bihuan.kernel.access.viewer import Viewer, viewer_of
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import ZONE, Limit
from bihuan.kernel.evidence.models import Staged, StoredFile
from bihuan.kernel.evidence.services import store
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.services import act, assignment, load
from bihuan.kernel.orgs.models import Person, Unit
from bihuan.kernel.subjects.models import Subject
from bihuan.mechanisms.financing import accounts, leading, pushing, rules, screening, services, signing, telling
from bihuan.mechanisms.financing.models import File, Push
from bihuan.mechanisms.financing.selectors import books, condition_sets
from bihuan.mechanisms.financing.services import Told
from bihuan.mechanisms.financing.telling import Value

WAN = 1_000_000
BEGAN = 210
"""Days before today on which the first file is opened."""
BANKS = {"zgyh": 90_000, "gsyh": 70_000, "jsyh": 80_000, "nyyh": 60_000, "jtyh": 40_000, "zzyh": 50_000}
"""What each bank can lend, in 万元."""
SIGNING = 10


class Financing:
    """Files, checks, repairs, lead banks, the signing, money, buildings."""

    def __init__(self, subjects: list[Subject], progress: Callable[[str, int, int], None], random: Random) -> None:
        self.subjects, self.progress, self.random = subjects, progress, random
        self.now, self.today = timezone.now(), timezone.localdate()
        self.calendar = calendar_for()
        self.began = self.today - timedelta(days=BEGAN)
        self.office = self._viewer("rzb01")
        self.proof = self._proof()
        self.developers = list(Unit.objects.filter(code__in=("kf1", "kf2")).order_by("code"))

    def run(self) -> None:
        """As it came: files and checks, one repaired, one moved out; banks decided and pushed; the signing; money and works since."""
        files = []
        for n, subject in enumerate(self.subjects):
            self.progress("financing", n, len(self.subjects))
            files.append(self._file(n, subject))
        for n, file in enumerate(files[: SIGNING + 2]):
            self._screen(n, file)
        self._appetites()
        pushed = self._push(files)
        self._answer(pushed)
        self._sign()
        for n, push in enumerate(pushed[:SIGNING]):
            self._money(n, push)

    def _viewer(self, name: str) -> Viewer:
        return viewer_of(Person.objects.get(username=name), self.today)

    def _day(self, after: int) -> date:
        """A working day so many days after the beginning."""
        return min(self.calendar.add(self.began + timedelta(days=after), 1), self.today)

    def _at(self, day: date, hour: int = 10) -> datetime:
        return min(datetime.combine(day, time(hour), ZONE), self.now)

    def _proof(self) -> StoredFile:
        picture = Image.new("RGB", (320, 200), (238, 242, 247))
        ImageDraw.Draw(picture).rectangle((20, 20, 300, 180), outline=(31, 78, 140), width=3)
        out = io.BytesIO()
        picture.save(out, "PNG")
        return store(data=out.getvalue(), media_type="image/png", at=self.now)

    def _staged(self, name: str, day: date) -> list[Staged]:
        return [Staged.objects.create(owner=self.office.person, file=self.proof, name=name, staged_at=self._at(day))]

    def _tell(self, file: File, day: date, source: str, part: str = "", **values: Any) -> None:
        told = [Value(k, str(v), part) for k, v in values.items()]
        telling.tell(viewer=self.office, file=file, values=told, day=day, source=source, at=self._at(day))

    def _file(self, n: int, subject: Subject) -> File:
        r, day = self.random, self._day(2 * n)
        developer = self.developers[n % len(self.developers)]
        file = services.open_file(viewer=self.office, subject=subject, developer=developer, day=day, at=self._at(day))
        need = r.randrange(4_000, 18_000, 500)
        bank = r.choice(list(BANKS))
        self._tell(
            file, day, "企业报送", company=f"示例置业{n + 1}号公司", group=f"示例集团{'甲乙丙'[n % 3]}", local=1, stopped=int(n == 5), to_finish=int(need * 1.1) * WAN,
            arrears=r.randrange(0, 800, 50) * WAN, saleable=r.randrange(8_000, 30_000, 500) * WAN, to_collect=r.randrange(500, 4_000, 100) * WAN, need=need * WAN,
            closes="新增贷款、销售回款", suits=r.randrange(3), dishonest=0, collateral=int(need * 1.6) * WAN,
        )  # fmt: skip
        self._tell(
            file,
            day,
            "监管银行对账单",
            account=f"4101 0000 {n + 1:04}",
            account_bank=bank,
            balance=r.randrange(200, 2_500, 50) * WAN,
            diverted=(300 if n == 2 else 0) * WAN,
            recovered=0,
        )
        if r.random() < 0.6:
            self._tell(
                file, day, "征信报告", part=r.choice(list(BANKS)), lent=r.randrange(1_000, 9_000, 500) * WAN, overdue=0
            )
        for b in range(1, r.choice((2, 3, 3, 4)) + 1):
            flats = r.randrange(60, 180, 4)
            promised = self.today + timedelta(days=r.choice((60, 120, 200, 320)))
            self._tell(
                file,
                day,
                "施工月报",
                part=f"{b}号楼",
                flats=flats,
                sold=int(flats * r.uniform(0.5, 0.95)),
                promised=promised.isoformat(),
                percent=r.randrange(30, 62),
                workers=r.randrange(20, 90),
            )
        return file

    def _check(self, file: File, id_: str, day: date, result: str = rules.PASS, reason: str = "") -> Matter | None:
        staged = self._staged(f"{id_}证明.png", day) if result == rules.PASS else []
        step = screening.check(
            viewer=self.office,
            file=file,
            condition_id=id_,
            result=result,
            reason=reason,
            day=day,
            at=self._at(day),
            staged=staged,
        )
        return step.matter

    def _take(self, file: File, what: str, day: date, **data: Any) -> None:
        services.take(viewer=self.office, file=file, told=Told(what, day, data=data), at=self._at(day, 11))

    def _screen(self, n: int, file: File) -> None:
        """Checks of all conditions; the third file lacks money that was diverted, which is repaired; the last one is moved out."""
        day = self._day(30 + n)
        for s in condition_sets(day):
            for x in s.conditions:
                if (n, x.id) == (2, "W4"):
                    self._repaired(file, x.id, day)
                elif (n, x.id) == (SIGNING + 1, "W2"):
                    self._check(file, x.id, day, rules.FAIL, "抵押物已被多轮查封,无可抵押资产")
                else:
                    self._check(file, x.id, day)
        if n == SIGNING + 1:
            self._take(file, "treated", self._day(50), treatment="judicial", reason="资不抵债")
            self._take(file, "out", self._day(55), reason="资不抵债,转司法途径处置")
            return
        self._take(file, "treated", self._day(48 + n), treatment="trouble" if n in (2, 5) else "normal", reason="")
        self._take(file, "handed", self._day(62 + n))
        self._take(file, "district", self._day(66 + n), passed=True, reason="")
        self._take(file, "city", self._day(72 + n), passed=True, reason="")

    def _repaired(self, file: File, id_: str, day: date) -> None:
        matter = self._check(file, id_, day, rules.FIX, "抽挪预售资金300万元,限期追回")
        assert matter is not None
        self._closed(matter, file.developer.code, self.calendar.add(day, 12), "300万元已追回监管账户")
        later = self.calendar.add(day, 14)
        self._tell(file, later, "监管银行对账单", recovered=300 * WAN)
        self._check(file, id_, later)

    def _closed(self, matter: Matter, lead: str, day: date, said: str) -> None:
        actor, office = c.Actor(f"{lead}01", frozenset({lead})), c.Actor("rzb02", frozenset({"rzb"}))
        for command in (
            c.Accept(actor, self._at(day, 9)),
            c.Submit(actor, self._at(day, 10), said),
            c.Verify(office, self._at(day, 15), "核查属实"),
        ):
            act(number=matter.number, command=command)

    def _appetites(self) -> None:
        day = self._day(80)
        for code, capacity in BANKS.items():
            leading.appetite(
                viewer=self.office, bank=Unit.objects.get(code=code), capacity=capacity * WAN, most=6, least=500 * WAN, top=None, share=60,
                likes={"trouble": -20} if code in ("jtyh", "nyyh") else {}, never=[], at=self._at(day),
            )  # fmt: skip

    def _push(self, files: list[File]) -> list[Push]:
        """Lead banks as the matcher proposes them; all are pushed but one, which still waits."""
        day = self._day(92)
        found = leading.problem(self.office)
        from bihuan.engines import matching

        chosen = matching.first(found)
        pushed = []
        for file in files[:SIGNING]:
            bank = Unit.objects.get(code=chosen.get(file.code, "zgyh"))
            pushed.append(
                pushing.push(
                    viewer=self.office,
                    file=File.objects.get(pk=file.pk),
                    bank=bank,
                    day=day,
                    at=self._at(day),
                    batch="第一批",
                )
            )
        return pushed

    def _bank(self, push: Push, what: str, day: date, amount: int = 0, **data: Any) -> None:
        viewer = self._viewer(f"{push.bank.code}01")
        services.take(
            viewer=viewer, file=push.file, push=push, told=Told(what, day, amount, data), at=self._at(day, 14)
        )

    def _answer(self, pushed: list[Push]) -> None:
        """First answers and credits; one bank has problems first, which are put right, and the file comes again."""
        for n, push in enumerate(pushed):
            day = self.calendar.add(push.day, 3 + n % 5)
            self._bank(push, "received", self.calendar.add(push.day, 1))
            if n == 5:
                push = pushed[n] = self._again(push, day)
                day = self.calendar.add(push.day, 4)
            self._bank(push, "accepted", day)
            need = push.steps.get(what="pushed").amount
            self._bank(
                push,
                "credited",
                self.calendar.add(day, 8 + n % 4),
                int(need * (0.8 if n == 7 else 1.0)),
                term=24,
                rate="3.85",
            )

    def _again(self, push: Push, day: date) -> Push:
        viewer = self._viewer(f"{push.bank.code}01")
        step = pushing.feed_back(viewer=viewer, push=push, items=["在建工程抵押未解除"], day=day, at=self._at(day))
        for number in step.data["matters"]:
            state, kind, _ = load(number)
            later = self._at(self.calendar.add(day, 1))
            office = c.Actor("rzb01", frozenset({"rzb"}))
            lead = push.file.developer.code
            command = c.Assign(
                office, later, lead, (), limit=Limit("workdays", 15), reason="银行反馈", **assignment(kind, state, lead)
            )
            act(number=number, command=command)
            self._closed(Matter.objects.get(number=number), lead, self.calendar.add(day, 6), "已办理解押")
        again = self.calendar.add(day, 8)
        return pushing.push(
            viewer=self.office,
            file=File.objects.get(pk=push.file_id),
            bank=push.bank,
            day=again,
            at=self._at(again),
            batch="第二批",
        )

    def _sign(self) -> None:
        """The ceremony: called, held, its contracts on record."""
        day = self._day(130)
        ripe = signing.ripe(self.office)
        meeting = signing.prepare(
            viewer=self.office, books=ripe, title="房地产融资“白名单”项目签约仪式", chair="分管领导", starts_at=datetime.combine(day, time(9, 30), ZONE),
            place="中原龙子湖学术交流中心", at=self._at(day - timedelta(days=6)),
        )  # fmt: skip
        meetings.call(viewer=self.office, meeting=meeting, at=self._at(day - timedelta(days=5)))
        told = {
            r["push"].code: {"contract": f"示例借字{n + 1:02}号", "mode": "whole" if n % 4 == 3 else "stages"}
            for n, r in enumerate(signing.rows(self.office, meeting))
            if r["push"]
        }
        _signed, failed = signing.sign(viewer=self.office, meeting=meeting, told=told, at=self._at(day, 11))
        if failed:
            raise failed[0][1]
        meetings.close(viewer=self.office, meeting=meeting, at=self._at(day, 12))

    def _money(self, n: int, push: Push) -> None:
        """Plan, drawings, payments, statements; works every month; one project draws nothing yet, one hands a building over."""
        r, signed = self.random, self._day(130)
        book = books([File.objects.get(pk=push.file_id)])[0]
        ask = book.ask_of(push)
        half = ask.amount // 2 // WAN * WAN
        day = self.calendar.add(signed, 2)
        self._bank(push, "party", day, name=f"示例总包公司{n + 1}", contract=f"总包{n + 1}号")
        if ask.mode == "stages":
            plan = [
                {"day": self.calendar.add(signed, 5).isoformat(), "amount": half, "percent": 30},
                {"day": (self.today + timedelta(days=40)).isoformat(), "amount": ask.amount - half, "percent": 70},
            ]
            self._bank(push, "planned", day, rows=plan)
        if n != 8:
            amount = half if ask.mode == "stages" else ask.amount
            first = self.calendar.add(signed, 6 + n % 3)
            self._bank(push, "drawn", first, amount, account=book.text("account"))
            paid = self.calendar.add(first, 9)
            part = amount * 3 // 10 // WAN * WAN
            self._bank(push, "paid", paid, part, payee=f"示例总包公司{n + 1}", purpose="工程进度款")
            self._statement(n, push, first, paid, amount, part)
        for k in range(1, 4):
            month = self._day(110 + 30 * k)
            for b in {p for key, p in book.told if key == "percent"}:
                before = book.number("percent", b) or 0
                pace = 3 if n == 4 else 12
                done = 100 if n == 0 and b == "1号楼" and k == 3 else min(before + pace * k + r.randrange(4), 99)
                self._tell(push.file, month, "施工月报", part=b, percent=done, workers=r.randrange(10, 90))
        if n == 0:
            self._tell(
                push.file,
                self.today,
                "交付台账",
                part="1号楼",
                delivered=book.number("flats", "1号楼") or 0,
                percent=100,
            )

    def _statement(self, n: int, push: Push, came: date, went: date, amount: int, part: int) -> None:
        lines = [
            "交易日期,交易流水号,借方发生额,贷方发生额,余额,对方户名,摘要",
            f"{came},L{n}1,,{amount / 100:.2f},{amount / 100:.2f},{push.bank.name},放款",
        ]
        lines.append(f"{went},L{n}2,{part / 100:.2f},,{(amount - part) / 100:.2f},示例总包公司{n + 1},进度款")
        if n == 6:
            lines.append(
                f"{self.calendar.add(went, 3)},L{n}3,860000.00,,{(amount - part) / 100 - 860000:.2f},示例贸易公司,往来款"
            )
        lines.append(f"{self.calendar.add(went, 15)},L{n}4,,12.50,,{push.bank.name},结息")
        upload = SimpleUploadedFile(f"{push.file.subject.name}对账单.csv", ("\n".join(lines) + "\n").encode())
        day = self.calendar.add(went, 16)
        accounts.bring(
            viewer=self._viewer(f"{push.bank.code}01"),
            file=push.file,
            upload=upload,
            at=self._at(min(day, self.today)),
            at_once=True,
        )
