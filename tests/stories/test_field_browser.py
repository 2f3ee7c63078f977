"""In a real browser, with the network switched off and on: inspections on a phone are neither lost nor doubled, two devices
are both kept, what is too large or refused stays; and the fire-safety pages are fit for a screen reader and a phone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from bihuan.instruments.procedures.services import start
from bihuan.kernel.evidence.models import StoredFile
from bihuan.kernel.files.filing import Entry, file_entries
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.subjects.models import Subject
from bihuan.mechanisms.fire import campaigns, complaints, planning
from bihuan.mechanisms.fire.models import Campaign, PlannedVisit, Record
from bihuan.mechanisms.fire.standing import refresh

from ..support import PASSWORD, District, jpeg
from .conftest import Desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("open_ledger")]
OFFLINE = "ERR_INTERNET_DISCONNECTED"


@pytest.fixture
def premises(town: District) -> Subject:
    entries = [
        Entry(town.premises, "facts", "main", {"use": "shop", "area": 120, "manager": "示例管理人"}),
        Entry(town.premises, "place", "main", {"lon": "113.700000", "lat": "34.760000"}),
        Entry(town.premises, "tenant", "t1", {"name": "示例商户", "since": "2026-01-10"}),
    ]
    file_entries(entries=entries, person="x", unit="lzh", at=town.now)
    refresh([town.premises.pk, town.far.pk], town.now)
    return Subject.objects.get(pk=town.premises.pk)


class Phone:
    """One device: a browser with its own storage."""

    def __init__(self, browser, url: str, who: str) -> None:
        self.context = browser.new_context(viewport={"width": 390, "height": 844})
        self.page = self.context.new_page()
        self.url, self.faults = url, []
        self.page.on("pageerror", lambda e: self.faults.append(str(e)))
        self.sign_in(who)
        self.page.goto(f"{url}/field/")
        self.page.wait_for_selector("[data-ready]")
        # the worker must have the shell before the network goes
        self.page.evaluate("navigator.serviceWorker.ready.then(() => caches.keys())")
        self.until(
            "caches.keys().then(async (k) => k.length > 0 && (await (await caches.open(k[0])).keys()).length >= 10)"
        )

    def sign_in(self, who: str) -> None:
        self.page.goto(f"{self.url}/sign-in/")
        self.page.fill("#id_login", who)
        self.page.fill("#id_password", PASSWORD)
        self.page.click("form button.btn-primary")
        self.page.wait_for_load_state()

    def inspect(self, name: str, bad: str = "exit_clear", where: str = "二层", photo: bytes | None = None) -> None:
        page = self.page
        page.click(f".visit a:has-text('{name}')")
        page.wait_for_selector(".field-form")
        page.click(f"[data-item={bad}] .pick-bad")
        box = page.locator(f"[data-item={bad}] .finding")
        box.locator("label:has-text('部位') input").fill(where)
        if photo is not None:
            box.locator("input[type=file]").set_input_files(
                {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": photo}
            )
            box.locator(".thumbs > *").first.wait_for()
        page.fill("#people", "甲某\n乙某")
        page.click("text=其余均符合")
        page.click("text=完成检查")
        page.wait_for_selector("#waiting")

    def waiting(self) -> int:
        return int(self.page.inner_text("#waiting"))

    def until(self, expression: str) -> None:
        """Wait until an expression is true; the pages' policy allows no eval, so it is asked from outside."""
        for _ in range(100):
            if self.page.evaluate(expression):
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"never true: {expression}\n{self.page.inner_text('main')[:400]}")

    def sent(self) -> None:
        self.until("document.querySelector('#waiting')?.textContent === '0'")


@pytest.fixture
def phones(chromium, live_server) -> Iterator[object]:
    made: list[Phone] = []

    def phone(who: str) -> Phone:
        made.append(Phone(chromium, live_server.url, who))
        return made[-1]

    yield phone
    for p in made:
        p.context.close()


def test_what_is_written_without_a_network_arrives_once_it_is_back(town: District, premises: Subject, phones) -> None:
    phone = phones("lzh1")
    phone.context.set_offline(True)
    phone.inspect("丙仓储", photo=jpeg(140))
    assert phone.waiting() == 1
    assert not Record.objects.exists()
    # the page is closed and opened again, still without a network
    phone.page.reload()
    phone.page.wait_for_selector("[data-ready]")
    assert phone.waiting() == 1
    phone.context.set_offline(False)
    phone.sent()
    record = Record.objects.get()
    finding = record.findings.get()
    assert (record.subject_id, finding.place, finding.files.count()) == (premises.pk, "二层", 1)
    assert finding.matter is not None
    assert finding.matter.attachments.get().file_id == hashlib.sha256(jpeg(140)).hexdigest()
    assert record.people == ["甲某", "乙某"]
    assert not phone.faults


def test_sent_twice_and_from_two_tabs_it_is_one_record(town: District, premises: Subject, phones) -> None:
    phone = phones("lzh1")
    # the first answer gets lost on its way: the device must send again
    lost = {"n": 0}

    def lose(route) -> None:
        if lost["n"] < 2:
            lost["n"] += 1
            route.fetch()
            route.abort()
        else:
            route.continue_()

    phone.page.route("**/field/enter/", lose)
    phone.inspect("丙仓储")
    phone.page.wait_for_timeout(400)
    other = phone.context.new_page()
    other.goto(f"{phone.url}/field/")
    other.wait_for_selector("[data-ready]")
    phone.page.click("text=立即发送") if phone.waiting() else None
    phone.page.reload()
    phone.sent()
    assert lost["n"] >= 1
    assert Record.objects.count() == 1
    assert Matter.objects.filter(kind="hazard_general").count() == 1


def test_two_devices_without_a_network_on_one_premises_are_both_kept(town: District, premises: Subject, phones) -> None:
    one, two = phones("lzh1"), phones("lzh2")
    one.context.set_offline(True)
    two.context.set_offline(True)
    one.inspect("丙仓储", photo=jpeg(30))
    two.inspect("丙仓储", photo=jpeg(220))
    one.context.set_offline(False)
    one.sent()
    two.context.set_offline(False)
    two.sent()
    assert Record.objects.count() == 2
    matter = Matter.objects.get(kind="hazard_general")
    assert sorted(matter.findings.values_list("record__person", "again")) == [("lzh1", False), ("lzh2", True)]
    assert StoredFile.objects.filter(record_files__isnull=False).distinct().count() == 2
    # whoever looks at one sees that there was another
    two.page.goto(f"{two.url}/records/{Record.objects.latest('pk').pk}/")
    assert "两份都保留" in two.page.content()


@pytest.mark.parametrize("status", [413, 500, 503])
def test_what_the_server_cannot_take_stays_on_the_device(
    town: District, premises: Subject, phones, status: int
) -> None:
    phone = phones("lzh1")
    phone.page.route("**/field/photo/", lambda route: route.fulfill(status=status, body="no"))
    phone.inspect("丙仓储", photo=jpeg(90))
    phone.page.wait_for_selector("text=" + ("超过服务器限制" if status == 413 else "服务器没能收下"))
    assert phone.waiting() == 1
    assert not Record.objects.exists()
    phone.page.unroute("**/field/photo/")
    phone.page.click("text=立即发送")
    phone.sent()
    assert Record.objects.count() == 1


def test_what_is_refused_is_held_with_its_sentence_and_can_be_put_right(
    town: District, premises: Subject, phones
) -> None:
    phone = phones("xfdd1")
    page = phone.page
    page.click(".visit a:has-text('丙仓储')")
    page.fill("#people", "甲某")
    page.click("text=其余均符合")
    page.click("text=完成检查")
    page.wait_for_selector("text=须两名检查人")
    assert not Record.objects.exists()
    page.click(".rows a:has-text('丙仓储') >> nth=0")
    page.fill("#people", "甲某\n乙某")
    page.click("text=完成检查")
    phone.sent()
    assert Record.objects.get().people == ["甲某", "乙某"]


def test_what_comes_late_waits_on_the_phone_for_its_reason(town: District, premises: Subject, phones) -> None:
    phone = phones("lzh1")
    page = phone.page
    phone.context.set_offline(True)
    phone.inspect("丙仓储", photo=jpeg(77))
    # ten days pass before the phone finds a network
    page.evaluate(
        """async (days) => { for (const d of await Queue.all("lzh1")) { d.at = new Date(Date.now() - days * 864e5).toISOString(); await Queue.put(d); } }""",
        10,
    )
    phone.context.set_offline(False)
    page.wait_for_selector("text=请写明补录原因")
    assert not Record.objects.exists()
    # closed and opened again it is still there, with its sentence; the place of the reason is open
    page.reload()
    page.wait_for_selector("[data-ready]")
    page.wait_for_selector("text=请写明补录原因")
    page.click(".rows a:has-text('丙仓储') >> nth=0")
    page.fill("#reason", "山区无网络")
    page.click("text=完成检查")
    phone.sent()
    page.wait_for_selector("text=补录，待第二人确认")
    record = Record.objects.get()
    assert (record.late, record.late_reason, record.findings.get().files.count()) == ("waiting", "山区无网络", 1)
    assert not phone.faults


def test_a_wrong_clock_is_put_right_on_the_phone_and_loses_nothing(town: District, premises: Subject, phones) -> None:
    phone = phones("lzh1")
    page = phone.page
    phone.context.set_offline(True)
    phone.inspect("丙仓储")
    page.evaluate(
        """async () => { for (const d of await Queue.all("lzh1")) { d.at = "1999-01-01T00:00:00.000Z"; await Queue.put(d); } }"""
    )
    phone.context.set_offline(False)
    page.wait_for_selector("text=请核对日期")
    assert not Record.objects.exists()
    page.click(".rows a:has-text('丙仓储') >> nth=0")
    page.evaluate(
        """() => { const i = document.getElementById("at"); const d = new Date(); i.value = new Date(d - d.getTimezoneOffset() * 60000).toISOString().slice(0, 16); i.dispatchEvent(new Event("change")); }"""
    )
    page.click("text=完成检查")
    phone.sent()
    record = Record.objects.get()
    assert (record.late, record.device_at is not None and record.device_at.year) == ("", 1999)
    assert record.findings.count() == 1


def test_an_update_of_the_pages_keeps_three_drafts(town: District, premises: Subject, phones) -> None:
    phone = phones("lzh1")
    phone.context.set_offline(True)
    for where in ("一层", "二层", "三层"):
        phone.inspect("丙仓储", where=where)
    assert phone.waiting() == 3
    # a new version of the worker: other caches go, what waits stays
    phone.page.evaluate("caches.open('bihuan-field-older')")
    phone.context.set_offline(False)
    phone.page.route("**/field/enter/", lambda route: route.abort())
    phone.page.evaluate(
        "navigator.serviceWorker.getRegistration().then(async (r) => { await r.unregister(); for (const k of await caches.keys()) await caches.delete(k); })"
    )
    phone.page.reload()
    phone.page.wait_for_selector("[data-ready]")
    assert phone.waiting() == 3
    phone.page.unroute("**/field/enter/")
    phone.page.click("text=立即发送")
    phone.sent()
    assert Record.objects.count() == 3


def test_somebody_else_on_the_same_device_sends_nothing_of_the_first(town: District, premises: Subject, phones) -> None:
    phone = phones("lzh1")
    phone.context.set_offline(True)
    phone.inspect("丙仓储")
    phone.context.set_offline(False)
    phone.page.route("**/field/enter/", lambda route: route.abort())
    phone.page.goto(f"{phone.url}/")
    phone.context.clear_cookies()
    phone.sign_in("lzh2")
    phone.page.unroute("**/field/enter/")
    phone.page.goto(f"{phone.url}/field/")
    phone.page.wait_for_selector("[data-ready]")
    assert phone.page.query_selector("#waiting") is None
    assert not Record.objects.exists()
    phone.context.clear_cookies()
    phone.sign_in("lzh1")
    phone.page.goto(f"{phone.url}/field/")
    phone.sent()
    assert Record.objects.get().person == "lzh1"


def test_fire_pages_are_fit_for_a_screen_reader_and_a_phone(desk: Desk, town: District, premises: Subject) -> None:
    now, today = town.now, timezone.localdate()
    matter = town.raised("hazard_major", by="xfdd1", title="未设喷淋")
    start(person="xfdd1", unit="xfdd", matter=matter, procedure="major", at=now)
    complaints.take(
        viewer=town.viewer("lzh1"),
        subject=premises,
        about="exits",
        title="出口锁闭",
        text="",
        source="12345",
        name="示例",
        phone="",
        at=now,
    )
    campaign = campaigns.save(
        viewer=town.viewer("xab1"), at=now,
        campaign=Campaign(name="治本攻坚", begins=today, ends=today + timedelta(days=400), stock_day=today, points="一\n  二", targets=[{"name": "清零", "metric": "major_stock", "value": 0, "until": ""}]),
    )  # fmt: skip
    plan = planning.make(
        viewer=town.viewer("xfdd1"),
        unit=town.units["xfdd"],
        title="双随机",
        begins=today,
        days=2,
        teams=["一组"],
        minutes=360,
        visit=40,
        share=20,
        at=now,
    )
    planning.propose(plan=plan, at=now, seconds=1)
    visit = PlannedVisit.objects.filter(plan=plan).first()
    assert visit is not None
    for path in (
        "/m/fire/", "/fire/blind/", "/fire/signals/", "/fire/steps/", "/fire/complaints/", "/fire/visits/", f"/fire/visits/{plan.pk}/",
        f"/fire/visits/{plan.pk}/{visit.pk}/", "/fire/centres/", "/fire/campaigns/", f"/fire/campaigns/{campaign.pk}/", "/fire/rules/", "/fire/import/", "/field/",
        f"/subjects/{premises.code}/", f"/subjects/{premises.code}/?tab=done", f"/subjects/{premises.code}/?tab=who", f"/subjects/{premises.code}/premises/",
        f"/subjects/{premises.code}/premises/tenant/", f"/subjects/{premises.code}/records/", f"/matters/{matter.number}/",
        f"/matters/{matter.number}/procedures/1/report/",
    ):  # fmt: skip
        desk.accessible("xfdd1", path)
    assert not [f for f in desk.faults if OFFLINE not in f]
