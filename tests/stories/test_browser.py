"""In a real browser, desktop and phone: a matter walked by four people, and pages that a screen reader can use."""

from __future__ import annotations

from pathlib import Path

import pytest

from bihuan.kernel.domain import commands as c
from bihuan.kernel.matters.models import Matter

from ..support import DATA, District, jpeg
from .conftest import Desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("open_ledger")]


def test_four_people_walk_a_matter_through_the_loop(desk: Desk, town: District, tmp_path: Path) -> None:
    (tmp_path / "整改后.jpg").write_bytes(jpeg())
    number = town.raised("hazard_general", by="xab1", title="疏散通道堆放杂物").number

    def step(who: str, name: str, **typed: str) -> None:
        page = desk.of(who)
        page.goto(f"{desk.url}/matters/{number}/")
        link = page.locator(f"a[href='/matters/{number}/{name}/']")
        if not link.first.is_visible():
            page.click("details.menu > summary")
        link.first.click()
        for field, value in typed.items():
            target = page.locator(f"#id_{field}")
            if value.startswith("file:"):
                target.set_input_files(value[5:])
            elif target.evaluate("e => e.tagName") == "SELECT":
                target.select_option(value)
            else:
                target.fill(value)
        page.click("main form button.btn-primary")
        page.wait_for_url(f"{desk.url}/matters/{number}/")

    step("xab1", "assign", lead="lzh", supporting="jsj")
    step("lzh1", "accept")
    step("jsj1", "report", text="已通知清运")
    step("lzh1", "submit", text="已清理", files=f"file:{tmp_path / '整改后.jpg'}")
    step("xfdd1", "verify", findings="现场属实")
    assert Matter.objects.get(number=number).state == "closed"
    page = desk.of("lzh1")
    page.goto(f"{desk.url}/matters/{number}/")
    assert page.locator(".evidence img").evaluate("e => e.complete && e.naturalWidth > 0")
    assert page.locator(".stepper .now").inner_text() == "办结"
    assert desk.faults == []


def test_photos_leave_at_once_and_survive_a_form_error(desk: Desk, town: District, tmp_path: Path) -> None:
    m = town.handling()
    for name, data in (("东.jpg", jpeg(10)), ("西.jpg", jpeg(200)), ("坏.jpg", b"no picture at all")):
        (tmp_path / name).write_bytes(data)
    page = desk.of("cgj1")
    page.goto(f"{desk.url}/matters/{m.number}/submit/")
    page.set_input_files("#id_files", [tmp_path / "东.jpg", tmp_path / "坏.jpg", tmp_path / "西.jpg"])
    page.wait_for_function("document.querySelectorAll('#staged input[name=staged]').length === 2")
    page.wait_for_selector("#staged li.error")
    assert "坏.jpg" in page.inner_text("#staged li.error")
    assert "时间无法证明" in page.inner_text("#staged")
    page.locator("#staged li button").first.click()
    assert page.locator("#staged input[name=staged]").count() == 1
    page.evaluate("document.querySelectorAll('main form [required]').forEach((e) => e.removeAttribute('required'))")
    page.click("main form button.btn-primary")
    page.wait_for_selector("main [role=alert]")
    assert page.locator("#staged input[name=staged]").count() == 1
    page.fill("#id_text", "已清理完毕")
    page.click("main form button.btn-primary")
    page.wait_for_url(f"{desk.url}/matters/{m.number}/")
    assert page.locator(".evidence li").count() == 1
    assert [f for f in desk.faults if "400" not in f] == []


def test_a_desk_group_opens_in_place(desk: Desk, town: District) -> None:
    for i in range(8):
        town.handling(title=f"第{i}件")
    page = desk.of("cgj1")
    page.goto(desk.url + "/")
    assert page.locator("#group-todo .rows li").count() == 5
    page.click("#group-todo .more a")
    page.wait_for_function("document.querySelectorAll('#group-todo .rows li').length === 8")
    assert page.url == desk.url + "/"
    assert "要我办" in page.locator("#said").inner_text()
    assert desk.faults == []


def test_pages_pass_axe_and_fit_the_width(desk: Desk, town: District) -> None:
    m = town.submitted()
    town.do("jfj1", town.handling(title="待中止"), c.Pause, "不可抗力", town.now.date().replace(year=town.now.year + 1))
    late = town.handling(title="早该办完", at=town.now.replace(year=town.now.year - 1))
    page = desk.of("jfj1")
    page.goto(desk.url + "/registers/")
    page.set_input_files("#id_file", DATA / "promotion-problems.xlsx")
    page.click("main form button.btn-primary")
    preview = page.url.removeprefix(desk.url)
    for path in (
        "/", "/matters/", f"/matters/{m.number}/", f"/matters/{late.number}/", f"/matters/{m.number}/verify/", f"/subjects/{town.project.code}/",
        "/subjects/", "/registers/", preview, "/ledger/", "/units/", "/calendars/", "/m/promotion/", "/matters/new/", "/matters/999999/",
    ):  # fmt: skip
        desk.accessible("jfj1", path)
    for who, paths in {
        "jfj1": ["/notices/", "/me/", "/me/notices/", "/plans/", "/plans/new/", "/territories/", "/kinds/", f"/receipts/matter/{m.number}/1/", "/me/again/?next=/me/"],
        "admin": ["/", "/units/", "/units/new/", "/territories/new/", "/kinds/obstacle/new/", "/channels/", "/people/new/"],
        "security": ["/", "/people/", "/posts/new/", "/people/jfj1/password/"],
        "logs": ["/", "/audit/", "/audit/?part=denied", "/audit/?part=signins", "/ledger/"],
    }.items():  # fmt: skip
        for path in paths:
            desk.accessible(who, path)
    assert [f for f in desk.faults if "404" not in f] == []
