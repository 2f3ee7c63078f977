"""The white list in Chromium: the bank answers on its page, and every page passes axe at two widths."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from bihuan.kernel.orgs.models import Post
from bihuan.mechanisms.financing import accounts, leading, screening, signing
from bihuan.mechanisms.financing.models import Push
from bihuan.mechanisms.financing.selectors import book

from ..lending import WAN, credited, drawn, opened, passed, pushed, signed, step, today, told
from ..support import District, upload
from .conftest import Desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("open_ledger")]


@pytest.fixture
def office(town: District) -> District:
    Post.objects.filter(person__username__in=["rzb1", "rzb2"]).update(scope_territory=town.root)
    return town


def test_a_bank_gives_its_credit_on_the_page(desk: Desk, office: District) -> None:
    push = pushed(office, passed(office))
    page = desk.of("zgyh1")
    page.goto(f"{desk.url}/m/financing/")
    page.get_by_role("table").get_by_role("link", name="住宅项目一").click()
    page.get_by_role("link", name="初审同意").click()
    with page.expect_navigation():
        page.get_by_role("button", name="记录").click()
    page.get_by_role("link", name="授信", exact=True).click()
    page.get_by_label("授信", exact=False).first.fill("8000")
    with page.expect_navigation():
        page.get_by_role("button", name="记录").click()
    assert book(push.file).ask_of(push).amount == 8_000 * WAN
    assert page.get_by_text("8000万元").first.is_visible()
    assert desk.faults == []


def test_pages_of_the_white_list_pass_axe_and_fit_the_width(desk: Desk, office: District) -> None:
    d, now = office, timezone.now()
    file, other = passed(d), passed(d, "住宅项目二")
    waits = passed(d, "住宅项目三")
    told(d, file, part="gsyh", lent=700 * WAN, overdue=1)
    told(d, file, part="2号楼", flats=60, percent=20, promised=(today() + timedelta(days=20)).isoformat())
    screening.check(
        viewer=d.viewer("rzb1"),
        file=file,
        condition_id="B1",
        result="fixable",
        reason="缺施工许可证",
        day=today(),
        at=now,
    )
    push = pushed(d, other)
    credited(d, push)
    meeting = signing.prepare(
        viewer=d.viewer("rzb1"),
        books=signing.ripe(d.viewer("rzb1")),
        title="签约仪式",
        chair="领导",
        starts_at=now + timedelta(days=2),
        place="中心",
        at=now,
    )
    signed(d, push)
    step(d, other, "planned", "zgyh1", push, rows=[{"day": today().isoformat(), "amount": WAN, "percent": 50}])
    drawn(d, push, 500)
    text = f"交易日期,流水号,收入,支出,余额,对方户名\n{today()},A1,,7.00,1.00,陌生公司\n"
    row = accounts.bring(
        viewer=d.viewer("zgyh1"), file=other, upload=upload("流水.csv", text.encode()), at=now, at_once=True
    )
    row = accounts.bring(
        viewer=d.viewer("zgyh1"),
        file=other,
        upload=upload("流水.csv", text.replace("陌生", "别的").encode()),
        at=now,
        at_once=True,
    )
    for bank in ("zgyh", "gsyh"):
        leading.appetite(
            viewer=d.viewer("rzb1"),
            bank=d.units[bank],
            capacity=90_000 * WAN,
            most=5,
            least=0,
            top=None,
            share=100,
            likes={"normal": 5},
            never=[],
            at=now,
        )
    search = leading.ask(viewer=d.viewer("rzb1"), at=now)
    leading.search(row=search, at=now, seconds=0.5)
    opened(d, "住宅项目四")
    root, here = f"/financing/files/{other.code}", f"/financing/pushes/{push.code}"
    for path in (
        "/", "/m/financing/", "/financing/files/", "/financing/files/new/", f"{root}/", f"/financing/files/{file.code}/", f"{root}/figures/gap/", f"{root}/figures/building/", f"{root}/figures/loan/",
        f"/financing/files/{file.code}/check/W1/", f"/financing/files/{waits.code}/pushed/", f"{root}/statement/", f"{here}/", f"{here}/party/", f"{here}/paid/", f"/financing/statements/{row.pk}/",
        "/financing/banks/", "/financing/banks/zgyh/", "/financing/lists/", "/financing/warnings/", "/financing/conditions/", "/financing/conditions/B/", "/financing/signing/",
        f"/financing/signing/{meeting.pk}/",
    ):  # fmt: skip
        desk.accessible("rzb1", path)
    for path in ("/m/financing/", f"{here}/", f"{here}/drawn/", f"{here}/duty/", "/financing/exchange/", f"{root}/"):
        desk.accessible("zgyh1", path)
    for path in ("/m/financing/", f"{root}/", f"{root}/figures/sales/"):
        desk.accessible("qy1", path)
    assert desk.faults == []
    assert Push.objects.count() == 1
