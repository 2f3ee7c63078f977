"""The whole loop as four units walk it in the browser's terms: assigning office, lead, supporting, verifying."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from bihuan.kernel.ledger.verifying import Broken, verify
from bihuan.kernel.matters.models import Matter

from ..support import District, differences, jpeg, upload
from ..web.test_pages import fields

pytestmark = pytest.mark.django_db


def test_from_a_found_hazard_to_round_two(d: District, at) -> None:
    office, lead, helper, checker, caller = (at(w) for w in ("xab1", "lzh1", "jsj1", "xfdd1", "dcs1"))

    def step(client, number: int, name: str, **typed) -> Matter:
        url = f"/matters/{number}/{name}/"
        response = client.post(url, fields(client, url, **typed))
        assert response.status_code == 302, (name, re.findall(r'class="error">([^<]+)', response.content.decode()))
        return Matter.objects.get(number=number)

    soon = (d.now + timedelta(days=9)).date().isoformat()
    # the office raises and assigns; the wrong unit returns it with a reason
    data = fields(
        office, "/matters/new/", subject=d.premises.code, kind="hazard_general", title="疏散通道堆放杂物", unit="xab"
    )
    number = int(re.search(r"/matters/(\d+)/", office.post("/matters/new/", data).url)[1])
    step(office, number, "assign", lead="yslj", supporting=[])
    assert step(at("yslj1"), number, "return", reason="不属于本单位职责").state == "raised"
    m = step(office, number, "assign", lead="lzh", supporting=["jsj"])
    assert (m.lead.code, m.verifier.code) == ("lzh", "xfdd")
    # the lead takes it, pauses with consent, resumes, asks for more time and gets it
    step(lead, number, "accept")
    step(lead, number, "pause", reason="等待工程施工", until=soon)
    assert step(office, number, "pause", reason="等待工程施工", until=soon).paused
    assert not step(lead, number, "resume").paused
    before = Matter.objects.get(number=number).due_at
    step(lead, number, "ask_extension", n=3, reason="材料未到")
    assert step(office, number, "grant_extension", n=3).due_at == before + timedelta(days=3)
    # a duplicate is merged in
    double = d.handling("hazard_general", lead="lzh", by="xab1", title="通道又堆杂物")
    assert step(office, double.number, "merge", into=number, reason="同一处").state == "merged"
    # the supporting unit answers; without a photo nothing can be submitted
    step(helper, number, "report", text="已通知施工队清运")
    url = f"/matters/{number}/submit/"
    assert "佐证照片" in lead.post(url, fields(lead, url, text="已清理")).content.decode()
    m = step(lead, number, "submit", text="已清理", files=upload("整改后.jpg", jpeg(30)))
    assert (m.state, m.owed_by.code) == ("submitted", "xfdd")
    # the handler cannot verify; the verifier sends back, then closes
    assert (
        lead.post(
            f"/matters/{number}/verify/", fields(lead, f"/matters/{number}/verify/", findings="我看行")
        ).status_code
        == 403
    )
    step(checker, number, "send_back", reason="照片看不清出口")
    step(lead, number, "submit", text="补拍照片", files=upload("补拍.jpg", jpeg(60)))
    m = step(checker, number, "verify", findings="现场核查属实")
    assert (m.state, m.owed_by.code) == ("closed", "dcs")
    # the call-back finds it piled up again: round two
    m = step(caller, number, "revisit", good="no", answers="杂物反弹")
    assert (m.state, m.round, m.lead.code) == ("assigned", 2, "lzh")
    page = lead.get(f"/matters/{number}/").content.decode()
    for words in ("第2轮", "杂物反弹", "整改后.jpg", "照片看不清出口", "不属于本单位职责", "并入重复事项"):
        assert words in page, words
    # an office that transfers it gives it to another lead
    assert step(office, number, "transfer", lead="cgj", reason="占道经营引起").lead.code == "cgj"
    assert differences("matter") == []
    assert not [b for b in verify() if isinstance(b, Broken)]
