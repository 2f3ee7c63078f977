"""An auditor, years later: a hazard with photos is closed, told, searched, taken out, and its receipt outlives a falsified record."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import openpyxl
import pytest
from click.testing import CliRunner
from django.utils import timezone

from bihuan.cli import main
from bihuan.instruments.notices import services as notices
from bihuan.kernel.domain.chain import canonical
from bihuan.kernel.ledger import triggers
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.matters.models import Matter

from ..support import District, jpeg, upload

pytestmark = pytest.mark.django_db


def shell(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, [str(w) for w in words])
    return result.exit_code, result.output


def test_from_a_photo_at_the_spot_to_a_receipt_that_outlives_a_false_record(d: District, at, tmp_path: Path) -> None:
    township, office, brigade, leader = at("lzh1"), at("xab1"), at("xfdd1"), at("leader")

    def step(client, number: int, name: str, **values: object) -> None:
        m = Matter.objects.get(number=number)
        form = {"version": m.version, "token": str(uuid4()), **values}
        answer = client.post(f"/matters/{number}/{name}/", form)
        assert answer.status_code == 302, answer.content.decode()

    # raised with a photo at the spot, walked by four hands
    form = {
        "subject": d.premises.code,
        "kind": "hazard_general",
        "title": "喷淋系统瘫痪",
        "unit": "lzh",
        "token": str(uuid4()),
        "files": upload("现场.jpg", jpeg(11)),
    }
    number = int(township.post("/matters/new/", form)["Location"].strip("/").split("/")[-1])
    step(office, number, "assign", lead="lzh", verifier="xfdd")
    step(township, number, "accept")
    step(township, number, "submit", text="已更换水泵", files=upload("整改后.jpg", jpeg(222)))
    # everybody is told once and why
    for _ in range(3):
        notices.gather(at=timezone.now())
    assert "您单位负责核验" in brigade.get("/notices/").content.decode()
    step(brigade, number, "verify", findings="现场属实")
    # the leader finds it by two characters and takes the list out
    assert f"/matters/{number}/" in leader.get("/matters/?text=喷淋").content.decode()
    assert f"/matters/{number}/" not in at("jcl1").get("/matters/?text=喷淋").content.decode()
    book = openpyxl.load_workbook(io.BytesIO(leader.get("/matters/?text=喷淋&export=xlsx").content)).active
    assert [c.value for c in book[2]][2] == "喷淋系统瘫痪"
    # the township keeps a receipt of the closing, the audit office keeps the checkpoints
    seq = Event.objects.get(stream=f"matter:{number}", type="Verified").seq
    receipt = tmp_path / "收据.json"
    receipt.write_bytes(township.get(f"/receipts/matter/{number}/{seq}/file/").content)
    assert shell("checkpoint", "export", tmp_path / "审计局")[0] == 0
    assert shell("verify", "--against", tmp_path / "审计局")[0] == 0
    # somebody with the database in hand makes the closing say something else, chain and all
    row = Event.objects.get(stream=f"matter:{number}", seq=seq)
    body = json.loads(row.body)
    body["data"]["findings"] = "现场未整改"
    triggers.remove()
    Event.objects.filter(pk=row.pk).update(body=canonical(body))
    triggers.install()
    code, said = shell("verify", "--against", tmp_path / "审计局")
    assert (code, f"✗ matter:{number} #{seq}" in said) == (1, True)
    assert f"matter:{number}#{seq}" in at("audit").post("/ledger/").content.decode()
    # the receipt still holds and says what was true
    code, said = shell("receipt", "verify", receipt)
    assert (code, f"✓ matter:{number}#{seq} Verified" in said) == (0, True)
    assert "现场属实" in receipt.read_text("utf-8")


def test_a_colleague_who_leaves_a_plan_that_comes_again_and_a_stranger_who_tries(d: District, at) -> None:
    today = timezone.localdate()
    client = at("jfj1")
    form = {
        "unit": "jfj",
        "lead": d.units["cgj"].pk,
        "subject": d.project.code,
        "kind": "obstacle",
        "title": "每周巡查",
        "every": "week",
        "day": today.isoweekday(),
        "start": today.isoformat(),
    }
    assert client.post("/plans/new/", form).status_code == 302
    assert shell("worker", "--once")[0] == 0
    m = Matter.objects.get()
    assert (m.lead.code, m.title.startswith("每周巡查")) == ("cgj", True)
    cgj = at("cgj1")
    cgj.post(f"/matters/{m.number}/accept/", {"version": m.version, "token": str(uuid4())})
    post = d.people["cgj1"].posts.get()
    leaving = {"last_day": (today - timedelta(days=1)).isoformat(), "successor": d.people["cgj2"].pk, "reason": "调离"}
    assert cgj.post(f"/units/posts/{post.pk}/handover/", leaving).status_code == 302
    m.refresh_from_db()
    assert m.officer == "cgj2"
    assert cgj.get(f"/matters/{m.number}/").status_code in (403, 404)
    assert at("cgj2").get(f"/matters/{m.number}/").status_code == 200
    at("jcl1").post(f"/matters/{m.number}/withdraw/", {"reason": "x", "version": m.version, "token": str(uuid4())})
    page = at("logs").get("/audit/?part=denied").content.decode()
    assert f"/matters/{m.number}/withdraw/" in page
