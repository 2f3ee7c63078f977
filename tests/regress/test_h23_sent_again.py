"""H23 (kobocat#432 #565, enketo-express#339, SEL-Columbia/formhub#678, Tangerine#2722 #2410, enketo#986): a retry makes ten
records, a photo is lost while the record says complete, the second device overwrites the first.

Kind: a network that fails between doing and answering. The part that needs the offline page comes with it; what the
server owes is here.
"""

from __future__ import annotations

from uuid import uuid4

import pytest

from bihuan.kernel.ledger.models import Event
from bihuan.kernel.matters.models import Attachment, Matter

from ..support import District, jpeg, upload

pytestmark = pytest.mark.django_db


def test_the_same_form_sent_ten_times_is_one_record(d: District, at) -> None:
    client, token = at("lzh1"), str(uuid4())
    form = {"subject": d.premises.code, "kind": "hazard_general", "title": "通道堵塞", "unit": "lzh", "token": token}
    places = {client.post("/matters/new/", form)["Location"] for _ in range(10)}
    assert (len(places), Matter.objects.count()) == (1, 1)
    m = d.handling()
    act = {"version": m.version, "token": str(uuid4()), "text": "已清运"}
    for _ in range(10):
        assert at("cgj1").post(f"/matters/{m.number}/submit/", act).status_code == 302
    assert Event.objects.filter(stream=f"matter:{m.number}", type="Submitted").count() == 1


def test_a_form_is_not_done_before_every_photo_it_names_has_arrived(d: District, at) -> None:
    m = d.handling()
    client = at("cgj1")
    sent = client.post("/evidence/stage/", {"file": upload("一.jpg", jpeg(10))}).json()
    form = {"version": m.version, "token": str(uuid4()), "staged": [sent["id"], 999_999]}
    answer = client.post(f"/matters/{m.number}/attach/", form)
    assert (answer.status_code, "一.jpg" in answer.content.decode()) == (200, True)
    assert not Attachment.objects.exists()
    other = client.post("/evidence/stage/", {"file": upload("二.jpg", jpeg(20))}).json()
    assert client.post(f"/matters/{m.number}/attach/", {**form, "staged": [sent["id"], other["id"]]}).status_code == 302
    whole = {**form, "staged": [sent["id"], other["id"]]}
    assert {client.post(f"/matters/{m.number}/attach/", whole).status_code for _ in range(9)} == {302}
    assert Attachment.objects.count() == 2


def test_a_photo_that_is_refused_costs_neither_the_text_nor_the_others(d: District, at) -> None:
    m = d.handling()
    form = {
        "version": m.version,
        "token": str(uuid4()),
        "text": "写了很久的一段话",
        "files": [upload("好.jpg", jpeg()), upload("坏.jpg", b"x" * 99)],
    }
    page = at("cgj1").post(f"/matters/{m.number}/submit/", form).content.decode()
    assert "写了很久的一段话" in page
    assert "坏.jpg" in page
    assert 'name="staged"' in page
    m.refresh_from_db()
    assert m.state == "handling"


def test_two_devices_on_one_hazard_are_both_kept(d: District, at) -> None:
    m = d.handling("hazard_general", lead="lzh", by="xab1")
    for who, words in (("lzh1", "东侧已清理"), ("lzh2", "西侧已清理")):
        form = {"version": m.version, "token": str(uuid4()), "text": words}
        assert at(who).post(f"/matters/{m.number}/report/", form).status_code == 302
    page = at("lzh1").get(f"/matters/{m.number}/").content.decode()
    assert "东侧已清理" in page
    assert "西侧已清理" in page
