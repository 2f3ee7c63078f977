"""The way in for the systems of banks: by a key, JSON, nothing but what is the bank's own."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from bihuan.instruments.keys.models import Key
from bihuan.instruments.keys.services import make
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.orgs.models import Post
from bihuan.mechanisms.financing.models import Movement, Statement
from bihuan.mechanisms.financing.selectors import book

from ..lending import ACCOUNT, WAN, passed, pushed, today
from ..support import District, upload, work_off

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/financing"


class System:
    """A system of a unit: its client with a key."""

    def __init__(self, d: District, who: str, unit: str) -> None:
        self.row, secret = make(viewer=d.viewer(who), unit=d.units[unit], name="核心系统", at=d.now)
        self.client = Client(headers={"authorization": f"Bearer {secret}"})

    def get(self, path: str):
        return self.client.get(f"{ROOT}{path}")

    def post(self, path: str, **body):
        return self.client.post(f"{ROOT}{path}", json.dumps(body), content_type="application/json")

    def step(self, code: str, what: str, **more):
        return self.post(
            f"/pushes/{code}/steps", **{"what": what, "day": today().isoformat(), "ref": f"r-{what}", **more}
        )


def test_a_bank_walks_its_push_by_its_own_system(d: District) -> None:
    push = pushed(d, passed(d))
    bank = System(d, "zgyh1", "zgyh")
    (told,) = bank.get("/pushes").json()
    assert (told["code"], told["need"], told["project"]) == (push.code, 8_000 * WAN, "住宅项目一")
    assert bank.step(push.code, "accepted").status_code == 200
    assert bank.step(push.code, "credited", amount=8_000 * WAN, term=24, rate="3.85").json()["credited"] == 8_000 * WAN
    assert bank.step(push.code, "signed", contract="借字1号", parties=["示例总包公司"]).status_code == 200
    assert (
        bank.step(push.code, "planned", rows=[{"day": "2030-01-01", "amount": WAN, "percent": 50}]).status_code == 200
    )
    for _ in range(2):  # the same again has no second effect
        told = bank.step(push.code, "drawn", amount=500 * WAN, account=ACCOUNT).json()
        assert told["drawn"] == 500 * WAN
    assert bank.step(push.code, "paid", amount=WAN, payee="示例总包公司", purpose="进度款").json()["paid"] == WAN
    assert book(push.file).ask_of(push).drawn == 500 * WAN
    sheet = upload("流水.csv", f"交易日期,流水号,收入,支出,余额\n{today()},A1,5000000.00,,5000000.00\n".encode())
    row = bank.client.post(f"{ROOT}/pushes/{push.code}/statements", {"file": sheet}).json()
    work_off()
    assert bank.get(f"/statements/{row['id']}").json()["new"] == 1
    assert Movement.objects.count() == 1
    assert Event.objects.filter(type="FinancingSeen", body__contains='"what":"api"').exists()


def test_problems_become_matters_once(d: District) -> None:
    push = pushed(d, passed(d))
    bank = System(d, "zgyh1", "zgyh")
    for _ in range(2):
        assert bank.step(push.code, "problems", items=["抵押未解除"]).status_code == 200
    assert Matter.objects.filter(kind="financing").count() == 1


def test_what_cannot_be_taken_says_its_field_and_writes_nothing(d: District) -> None:
    push = pushed(d, passed(d))
    bank = System(d, "zgyh1", "zgyh")
    bank.step(push.code, "accepted")
    before = Event.objects.exclude(type="FinancingSeen").count()
    answer = bank.step(push.code, "credited", amount=0, term=24)
    assert (answer.status_code, answer.json()["field"]) == (422, "amount")
    assert bank.step(push.code, "drawn", amount=1, account=ACCOUNT).status_code == 422
    assert bank.step(push.code, "nonsense").status_code == 422
    assert bank.post(f"/pushes/{push.code}/steps", what="accepted").status_code == 422
    assert Event.objects.exclude(type="FinancingSeen").count() == before


def test_another_bank_finds_nothing_and_a_stranger_gets_nowhere(d: District) -> None:
    push = pushed(d, passed(d))
    other = System(d, "gsyh1", "gsyh")
    assert other.get("/pushes").json() == []
    nothing = other.get("/pushes/tnothing")
    for path in (f"/pushes/{push.code}",):
        assert (other.get(path).status_code, other.get(path).content) == (404, nothing.content)
    assert other.step(push.code, "accepted").status_code == 404
    row = Statement.objects.create(
        file=push.file, account="x", upload=_stored(d), name="x", unit=d.units["zgyh"], person="x", at=d.now
    )
    assert other.get(f"/statements/{row.pk}").status_code == 404
    for client in (Client(), Client(headers={"authorization": "Bearer bh_wrong"})):
        assert client.get(f"{ROOT}/pushes").status_code == 401
        assert client.post(f"{ROOT}/pushes/{push.code}/steps", "{}", content_type="application/json").status_code == 401
    office = System(d, "rzb1", "rzb")
    assert office.get("/pushes").json() == []  # the office works on its pages; a key shows a bank its own


def _stored(d: District):
    staged = d.photo("rzb1")
    return staged.file


def test_a_key_ends_with_its_owner_s_will_post_or_account(d: District, at) -> None:
    bank = System(d, "zgyh1", "zgyh")
    assert bank.get("/pushes").status_code == 200
    Post.objects.filter(person__username="zgyh1").update(valid_to=today())
    d.people["zgyh1"].posts.update(valid_to="2020-01-02")
    assert bank.get("/pushes").status_code == 401
    second = System(d, "zgyh2", "zgyh")
    assert at("gsyh1").post("/me/keys/", {"end": second.row.pk}).status_code == 404
    assert second.get("/pushes").status_code == 200
    at("zgyh2").post("/me/keys/", {"end": second.row.pk})
    assert second.get("/pushes").status_code == 401
    third = System(d, "gsyh1", "gsyh")
    d.people["gsyh1"].is_active = False
    d.people["gsyh1"].save()
    assert third.get("/pushes").status_code == 401


def test_a_key_is_made_on_the_page_shown_once_and_kept_as_a_hash(d: District, at) -> None:
    c = at("zgyh1")
    page = c.post("/me/keys/", {"unit": "zgyh", "name": "核心系统"})
    secret = page.context["secret"]
    assert secret in page.content.decode()
    assert secret not in c.get("/me/keys/").content.decode()
    assert secret not in str(list(Key.objects.values())) + "".join(Event.objects.values_list("body", flat=True))
    assert c.post("/me/keys/", {"unit": "gsyh", "name": "x"}).status_code == 404
    for n in range(4):
        c.post("/me/keys/", {"unit": "zgyh", "name": f"{n}"})
    assert "密钥" in str(c.post("/me/keys/", {"unit": "zgyh", "name": "第六个"}).context["form"].non_field_errors())
    assert Key.objects.count() == 5
    assert at("leader").get("/me/keys/").status_code == 403


def test_the_interface_describes_itself(d: District) -> None:
    told = Client().get("/api/v1/openapi.json")
    assert told.status_code == 200
    assert set(told.json()["paths"]) == {
        f"{ROOT}/pushes", f"{ROOT}/pushes/{{code}}", f"{ROOT}/pushes/{{code}}/steps", f"{ROOT}/pushes/{{code}}/statements", f"{ROOT}/statements/{{pk}}",
    }  # fmt: skip
