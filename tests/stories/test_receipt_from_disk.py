"""A citizen or an auditor checks a receipt with one page from disk: no server, no network, no database."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.utils import timezone

from bihuan.kernel.ledger import checkpoints
from bihuan.web.offline import verifier

from ..support import District

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("open_ledger")]


@pytest.mark.parametrize("algorithm", ["sha256", "sm3"])
def test_the_offline_page_agrees_with_the_shell(
    chromium, d: District, tmp_path: Path, settings, algorithm: str
) -> None:
    settings.LEDGER_HASH = algorithm
    m = d.handling(title="消防通道堵塞,需“立即”整改\t𠮷")
    for i in range(5):
        d.raised(title=f"别的{i}")
    made = checkpoints.receipt(stream=f"matter:{m.number}", seq=1, at=timezone.now())
    (tmp_path / "check.html").write_text(verifier(), "utf-8")
    (tmp_path / "good.json").write_text(made.text(), "utf-8")
    bad = made.data()
    bad["event"]["data"]["title"] = "一切正常"
    (tmp_path / "bad.json").write_text(json.dumps(bad), "utf-8")
    page = chromium.new_context(offline=True).new_page()
    faults: list[str] = []
    page.on("pageerror", lambda e: faults.append(str(e)))
    page.goto((tmp_path / "check.html").as_uri())
    page.set_input_files("#file", tmp_path / "good.json")
    page.wait_for_selector("#answer.good")
    assert "消防通道堵塞" in page.inner_text("#answer")
    page.set_input_files("#file", tmp_path / "bad.json")
    page.wait_for_selector("#answer.bad")
    page.fill("#code", made.short())
    page.click("#go")
    page.wait_for_selector("#answer.good")
    page.fill("#code", made.short()[:-9] + "A" * 9)
    page.click("#go")
    page.wait_for_selector("#answer.bad")
    assert faults == []
