"""A citizen or an auditor checks a receipt with one page from disk: no server, no network, no database."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from django.utils import timezone

from bihuan.kernel.domain.notes import LogKey, told
from bihuan.kernel.domain.receipts import check, read_receipt
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.ledger import checkpoints, keys
from bihuan.web.surface.offline import verifier

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
    # a witness added its line; then notes that only the district's key could have signed, and still are none
    cosigned = {**made.data(), "checkpoint": made.note + f"— audit.example/w1 {'A' * 100}AA==\n"}
    (tmp_path / "cosigned.json").write_text(json.dumps(cosigned), "utf-8")
    signer, head = keys.signer(), told(made.note)
    assert signer is not None
    for name, text, origin in (
        ("extended", head.text() + "hash sha256\n", head.origin),
        ("elsewhere", head.text(), "bihuan.other.example/ledger"),
        ("false", head.text().replace(f"\n{head.size}\n", f"\n{head.size + 1}\n"), head.origin),
    ):
        key = LogKey(origin, signer.public)
        signed = head.text() if name == "false" else text
        seal = base64.b64encode(key.id + signer.sign(signed.encode())).decode()
        wrong = {**made.data(), "checkpoint": f"{text}\n— {origin} {seal}\n"}
        (tmp_path / f"{name}.json").write_text(json.dumps(wrong), "utf-8")
    other = {**made.data(), "hash": "sm3" if algorithm == "sha256" else "sha256"}
    (tmp_path / "hash.json").write_text(json.dumps(other), "utf-8")
    page = chromium.new_context(offline=True).new_page()
    faults: list[str] = []
    page.on("pageerror", lambda e: faults.append(str(e)))
    page.goto((tmp_path / "check.html").as_uri())
    page.set_input_files("#file", tmp_path / "good.json")
    page.wait_for_selector("#answer.good")
    assert "消防通道堵塞" in page.inner_text("#answer")
    page.set_input_files("#file", tmp_path / "bad.json")
    page.wait_for_selector("#answer.bad")
    for name, why in (
        ("extended", "no checkpoint"), ("elsewhere", "another key"), ("false", "does not hold"), ("hash", "not in the signed ledger")
    ):  # fmt: skip
        page.set_input_files("#file", tmp_path / "cosigned.json")
        page.wait_for_selector("#answer.good")
        assert head.origin in page.inner_text("#answer")
        page.set_input_files("#file", tmp_path / f"{name}.json")
        page.wait_for_selector("#answer.bad")
        assert why in page.inner_text("#answer")
        with pytest.raises(Refused):
            check(read_receipt((tmp_path / f"{name}.json").read_text("utf-8")))
    assert check(read_receipt((tmp_path / "cosigned.json").read_text("utf-8")))[1] == head
    page.fill("#code", made.short())
    page.click("#go")
    page.wait_for_selector("#answer.good")
    page.fill("#code", made.short()[:-9] + "A" * 9)
    page.click("#go")
    page.wait_for_selector("#answer.bad")
    assert faults == []
