"""A row of the office's own spreadsheet, from the sheet to a closed and verified matter."""

from __future__ import annotations

import re

import pytest

from bihuan.kernel.ledger.models import Event
from bihuan.kernel.matters.models import Matter

from ..support import District, differences, ledger_file
from ..web.test_pages import fields

pytestmark = pytest.mark.django_db


def test_the_problem_register_of_the_tenth_meeting(d: District, at) -> None:
    office = at("jfj1")
    preview = office.post("/registers/", {"unit": "jfj", "file": ledger_file("promotion-problems.xlsx")}).url
    unknown = re.findall(r'name="unit:([^"]+)"', office.get(preview).content.decode())
    office.post(f"{preview}correct/", {f"unit:{n}": "new" for n in unknown})
    office.post(f"{preview}correct/", {"confirm": "1"})
    m = Matter.objects.get(title__startswith="厂区东侧道路未贯通")
    assert (m.lead.name, m.state, m.due_at.isoformat()[:10]) == ("城市管理局", "handling", "2024-05-10")
    assert set(m.involvements.filter(role="supporting").values_list("unit__name", flat=True)) == {
        "建设局",
        "祭城路办事处",
    }
    for who, name, typed in [
        ("jsj1", "report", {"text": "管线已让出"}), ("jcl1", "report", {"text": "征迁已清"}), ("cgj1", "submit", {"text": "道路已贯通"}),
        ("jfj2", "verify", {"findings": "现场通车,属实"}), ("dcs1", "revisit", {"good": "yes", "answers": "企业满意"}),
    ]:  # fmt: skip
        client, url = at(who), f"/matters/{m.number}/{name}/"
        assert client.post(url, fields(client, url, **typed)).status_code == 302, name
    m.refresh_from_db()
    assert (m.state, m.late > 0, m.owed_by) == ("closed", True, None)
    page = office.get(f"/matters/{m.number}/").content.decode()
    assert "依据台账" in page
    assert "补录于" in page, "a back-dated entry shows itself"
    assert differences("matter") == []
    assert Event.objects.filter(type="RegisterImported").count() == 1
