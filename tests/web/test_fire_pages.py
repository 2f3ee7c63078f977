"""Fire safety in the browser, without a browser: pages, forms, refusals, what comes in from a device."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from bihuan.instruments.premises.models import PremisesImport, RuleTable
from bihuan.instruments.premises.selectors import premises_of
from bihuan.instruments.procedures.services import start
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import ZONE
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.services import load
from bihuan.kernel.subjects.models import Subject
from bihuan.mechanisms.fire.models import Campaign, Complainant, Record, VisitPlan
from bihuan.mechanisms.fire.standing import refresh

from ..support import District, jpeg, upload, work_off

pytestmark = pytest.mark.django_db
TOKEN = "00000000-0000-4000-8000-00000000000a"


def fresh(d: District) -> Subject:
    return Subject.objects.select_related("file").get(pk=d.premises.pk)


def test_facts_entered_in_the_browser_give_labels_with_reasons(d: District, at) -> None:
    client: Client = at("lzh1")
    url = f"/subjects/{d.premises.code}/premises/"
    wrong = client.post(url, {"use": "hotel", "rooms": "-3", "hours": "x", "datum": "CGCS2000"})
    assert wrong.status_code == 200
    assert not premises_of(fresh(d)).facts
    told = {"use": "hotel", "rooms": "60", "hours": "00:00-24:00", "lon": "113.71", "lat": "34.76", "datum": "BD-09"}
    assert client.post(url, told).status_code == 302
    page = client.get(f"/subjects/{d.premises.code}/").content.decode()
    assert "重点单位" in page
    assert "客房 60 ≥ 50" in page
    assert "待核对" in page
    assert premises_of(fresh(d)).place != (113.71, 34.76)


def test_leaders_look_and_do_not_write(d: District, at) -> None:
    client: Client = at("leader")
    assert client.get(f"/subjects/{d.premises.code}/").status_code == 200
    for url in (
        f"/subjects/{d.premises.code}/premises/",
        f"/subjects/{d.premises.code}/records/",
        "/field/",
        "/fire/import/",
    ):
        assert client.get(url).status_code == 403, url
    assert client.post("/fire/complaints/", {}).status_code == 403


def test_entries_of_the_file(d: District, at) -> None:
    client: Client = at("lzh1")
    root = f"/subjects/{d.premises.code}/premises"
    today = timezone.localdate()
    posts = {
        "tenant": {"name": "示例商户", "use": "shop", "since": today}, "facility": {"facility": "alarm", "out": today},
        "post": {"title": "值班", "name": "", "since": today}, "building": {"name": "主楼", "floors": 5},
        "party": {"role": "sector", "unit": d.units["cgj"].pk}, "declare": {"label": "key_unit", "on": "1", "reason": "按申请"},
    }  # fmt: skip
    for part, data in posts.items():
        assert client.post(f"{root}/{part}/", data).status_code == 302, part
    read = premises_of(fresh(d))
    assert (len(read.unseen), len(read.out), len(read.vacant), len(read.buildings)) == (1, 1, 1, 1)
    assert client.post(f"/subjects/{d.premises.code}/tenants/{read.tenants[0].key}/seen/").status_code == 302
    assert not premises_of(fresh(d)).unseen
    page = client.get(f"/subjects/{d.premises.code}/?tab=who").content.decode()
    assert "城市管理局" in page
    assert "空缺" in page
    assert client.post(f"{root}/tenant/", {"name": "x", "since": today + timedelta(days=9)}).status_code == 200
    assert client.get(f"{root}/nonsense/").status_code == 404


def test_a_drill_is_entered_once_and_stands_in_the_file(d: District, at) -> None:
    client: Client = at("lzh1")
    told = {
        "what": "drill",
        "at": timezone.localtime().strftime("%Y-%m-%dT%H:%M"),
        "people": "甲某\n乙某",
        "note": "疏散演练",
        "files": upload("图.jpg", jpeg(33)),
    }
    assert client.post(f"/subjects/{d.premises.code}/records/", told).status_code == 302
    record = Record.objects.get()
    assert (record.what, record.people, record.files.count()) == ("drill", ["甲某", "乙某"], 1)
    assert "演练" in client.get(f"/subjects/{d.premises.code}/?tab=done").content.decode()
    page = client.get(f"/records/{record.pk}/")
    assert "疏散演练" in page.content.decode()
    photo = record.files.get()
    small = client.get(f"/records/photos/{photo.pk}/small/")
    assert small["Content-Type"] == "image/jpeg"
    assert b"".join(small.streaming_content)
    for close in small._resource_closers:
        close()
    assert at("jcl1").get(f"/records/photos/{photo.pk}/").status_code == 404


# the legal course


@pytest.fixture
def hazard(d: District) -> Matter:
    matter = d.raised("hazard_general", by="xfdd1", title="喷淋失效")
    start(person="xfdd1", unit="xfdd", matter=matter, procedure="timed", at=d.now)
    return matter


def test_a_notice_is_recorded_once_however_often_it_is_sent(d: District, hazard: Matter, at) -> None:
    client: Client = at("xfdd1")
    url = f"/matters/{hazard.pk}/procedures/1/notice/"
    page = client.get(url).content.decode()
    assert "文书在消防救援机构自己的系统制发" in page
    today = timezone.localdate()
    told = {"token": TOKEN, "number": "责改1号", "served": today, "deadline": today + timedelta(days=10)}
    assert client.post(url, {**told, "number": ""}).status_code == 200
    for _ in range(3):
        assert client.post(url, told).status_code == 302
    assert Event.objects.filter(stream=f"procedure:{hazard.pk}", type="StepRecorded").count() == 1
    assert "责改1号" in client.get(f"/matters/{hazard.pk}/").content.decode()
    assert client.get(url).status_code == 404
    assert at("lzh1").get(url).status_code == 404


def test_the_last_day_of_the_notice_becomes_the_limit(d: District, hazard: Matter, at) -> None:
    d.do("xab1", hazard, c.Assign, "lzh", (), "xfdd", "dcs")
    last = timezone.localdate() + timedelta(days=12)
    told = {"token": TOKEN, "number": "责改1号", "served": timezone.localdate(), "deadline": last}
    assert at("xfdd1").post(f"/matters/{hazard.pk}/procedures/1/notice/", told).status_code == 302
    limit = load(hazard.pk)[0].limit
    assert limit is not None
    assert limit.until == last


def test_the_brigade_may_seal_and_the_township_may_not(d: District, hazard: Matter, at) -> None:
    url = f"/matters/{hazard.pk}/procedures/seal/"
    assert at("xab1").get(url).status_code == 404
    client: Client = at("xfdd1")
    assert client.post(url, {"token": TOKEN, "ground": "exits", "urgent": "on", "part": "二层"}).status_code == 302
    page = client.get(f"/matters/{hazard.pk}/").content.decode()
    assert "临时查封" in page
    assert "K11" in page
    assert "K11" not in at("xab1").get("/").content.decode()


def test_open_steps_stand_on_the_desk_of_whoever_owes_them(d: District, hazard: Matter, at) -> None:
    assert "责令限期改正通知书" in at("xfdd1").get("/").content.decode()
    assert "责令限期改正通知书" not in at("lzh1").get("/").content.decode()
    assert "责令限期改正通知书" in at("xfdd1").get("/fire/steps/?mine=1").content.decode()


def test_a_suspicion_of_today_says_that_the_edition_is_not_filled(d: District, at) -> None:
    matter = d.raised("hazard_major", by="xfdd1", title="疑似重大")
    start(person="xfdd1", unit="xfdd", matter=matter, procedure="major", at=d.now)
    client: Client = at("xfdd1")
    assert (
        client.post(f"/matters/{matter.pk}/procedures/1/report/", {"token": TOKEN, "text": "疑似"}).status_code == 302
    )
    url = f"/matters/{matter.pk}/procedures/1/discussion/"
    assert "条文尚未载入" in client.get(url).content.decode()
    token = str(uuid4())
    told = {"token": token, "people": "甲\n乙\n丙", "outcome": "determined", "findings": "x"}
    page = client.post(url, told)
    assert page.status_code == 200
    assert "GB 35181-2025" in page.content.decode()
    assert client.post(url, {**told, "outcome": "rejected"}).status_code == 302


def test_measured_values_are_counted_by_what_the_place_is_like(d: District, at) -> None:
    found = datetime(2025, 6, 3, 10, 0, tzinfo=ZONE)
    matter = d.raised("hazard_major", by="xfdd1", title="疑似重大", at=found)
    start(person="xfdd1", unit="xfdd", matter=matter, procedure="major", at=found)
    client: Client = at("xfdd1")
    client.post(f"/matters/{matter.pk}/procedures/1/report/", {"token": TOKEN, "text": "疑似"})
    url = f"/matters/{matter.pk}/procedures/1/discussion/"
    told = {
        "token": str(uuid4()), "people": "甲\n乙\n丙", "outcome": "determined", "findings": "x", "place": "crowded", "items": ["7.3.1", "7.3.2"],
        "measured-7.3.7": "0.4",
    }  # fmt: skip
    refused = client.post(url, told)
    assert refused.status_code == 200
    assert "不构成重大隐患" in refused.content.decode()
    assert client.post(url, {**told, "traits": ["highrise"]}).status_code == 302
    page = client.get(f"/matters/{matter.pk}/").content.decode()
    assert "7.3.1、7.3.2、7.3.7 (0.4 &gt; 0.3)" in page


# complaints


def test_a_complaint_is_taken_once_and_its_complainant_masked(d: District, at) -> None:
    client: Client = at("lzh1")
    told = {
        "token": TOKEN,
        "subject": "丙仓储",
        "about": "exits",
        "title": "出口上锁",
        "source": "12345",
        "name": "示例群众",
        "phone": "0371-0000",
    }
    for _ in range(2):
        assert client.post("/fire/complaints/", told).status_code == 302
    matter = Matter.objects.get(kind="complaint_urgent")
    assert Complainant.objects.count() == 1
    assert "示例群众" in client.get(f"/matters/{matter.pk}/").content.decode()
    other = at("xab1").get(f"/matters/{matter.pk}/").content.decode()
    assert "示例群众" not in other
    assert "已隐去" in other
    wrong = client.post("/fire/complaints/", {**told, "token": str(uuid4()), "subject": "远处场所"})
    assert wrong.status_code == 200
    assert Matter.objects.filter(kind__startswith="complaint").count() == 1


def test_a_complaint_is_not_raised_by_the_plain_form(d: District, at) -> None:
    told = {"token": TOKEN, "subject": d.premises.code, "kind": "complaint", "title": "绕过", "unit": "lzh"}
    assert at("lzh1").post("/matters/new/", told).status_code == 200
    assert not Matter.objects.filter(kind="complaint").exists()


# from the device


def entered(d: District, browser: Client, /, **kw):
    told = {
        "client": str(uuid4()),
        "premises": d.premises.code,
        "at": timezone.now().isoformat(),
        "people": ["甲某", "乙某"],
        "items": {"exit_clear": "ok"},
        **kw,
    }
    return browser.post("/field/enter/", json.dumps(told), content_type="application/json")


def test_what_comes_from_a_device_is_taken_once(d: District, at) -> None:
    client: Client = at("lzh1")
    name = str(uuid4())
    answers = [entered(d, client, client=name, findings=[{"item": "wiring"}]) for _ in range(10)]
    assert {a.status_code for a in answers} == {200}
    assert len({a.json()["record"] for a in answers}) == 1
    assert Record.objects.count() == Matter.objects.filter(kind="hazard_general").count() == 1


@pytest.mark.parametrize(
    "kw", [{"client": "x"}, {"at": "soon"}, {"at": "2026-03-02T01:00:00"}, {"items": ["x"]}, {"items": {"nothing": "ok"}}, {"findings": [{"item": "nothing"}]}, {"findings": [{}]}, {"kind": "nap"}, {"place": ["x", "y"]}, {"photos": ["0" * 64]}]
)  # fmt: skip
def test_a_record_that_cannot_be_taken_says_why_and_leaves_nothing(d: District, at, kw) -> None:
    answer = entered(d, at("lzh1"), **kw)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert not Record.objects.exists()


HALF = "\ud800"
"""Half a character: JSON can say it, no text has it."""
HOSTILE: list[tuple[str, dict[str, object]]] = [
    ("place", {"place": [float("inf"), 1]}), ("place", {"place": [float("nan"), 1]}), ("place", {"place": [1, 91]}), ("place", {"place": [-180.1, 1]}),
    ("place", {"place": [1]}), ("place", {"place": {"0": 1, "1": 2}}), ("place", {"place": "1,2"}),
    ("note", {"note": HALF}), ("people", {"people": [HALF + "某某"]}), ("premises", {"premises": HALF}), ("photos", {"photos": [HALF]}),
    ("findings", {"findings": [{"item": "wiring", "text": HALF}]}), ("items", {"items": {HALF: "ok"}}), ("kind", {"kind": HALF}),
    ("note", {"note": "a\0b"}), ("people", {"people": ["甲\0某"]}), ("premises", {"premises": "\0"}), ("findings", {"findings": [{"item": "wiring", "place": "\0"}]}),
    ("reason", {"reason": "\0"}), ("tenants", {"tenants": ["\0"]}),
    ("at", {"at": "0001-01-01T00:00:00+14:00"}), ("at", {"at": "9999-12-31T23:59:59-14:00"}), ("at", {"at": "1970-01-01T00:00:00Z"}),
    ("at", {"at": "2199-01-01T00:00:00Z"}), ("at", {"at": 1_000_000_000}), ("at", {"at": None}), ("at", {"at": ["x"]}), ("at", {"at": "2026-03-02"}),
    ("device_at", {"device_at": "0001-01-01T00:00:00Z"}), ("device_at", {"device_at": 7}),
    ("people", {"people": []}), ("people", {"people": "甲某"}), ("people", {"people": [{"name": "甲某"}]}), ("people", {"people": None}), ("people", {"people": [["甲某"]]}),
    ("people", {"people": ["a", "b"]}), ("people", {"people": ["甲某", " 甲某 "]}), ("people", {"people": ["字" * 61]}), ("people", {"people": [f"某{i}人" for i in range(11)]}),
    ("note", {"note": "字" * 2001}), ("note", {"note": {"a": 1}}), ("findings", {"findings": [{"item": "wiring"}] * 61}), ("findings", {"findings": {"item": "wiring"}}),
    ("photos", {"photos": ["../etc/passwd"]}), ("items", {"items": {"exit_clear": 1}}), ("client", {"client": "x" * 99}), ("tenants", {"tenants": [1]}),
]  # fmt: skip


@pytest.mark.parametrize(("field", "kw"), HOSTILE)
def test_hostile_values_are_refused_by_name_and_nothing_is_stored(d: District, at, field: str, kw) -> None:
    before = Event.objects.count()
    answer = entered(d, at("lzh1"), **kw)
    assert answer.status_code == 400
    assert (answer.json()["field"], bool(answer.json()["error"])) == (field, True)
    assert not Record.objects.exists()
    assert Event.objects.count() == before


@pytest.mark.parametrize("field", ["note", "items", "people", "zzz"])
@pytest.mark.parametrize("deep", ["[" * 200_000, '{"a":' * 200_000, '[{"a":' * 300])
def test_deep_nesting_is_refused_and_never_breaks(d: District, at, field: str, deep: str) -> None:
    body = f'{{"{field}": {deep}'
    for text in (body, body + "1"):
        answer = at("lzh1").post("/field/enter/", text, content_type="application/json")
        assert answer.status_code == 400
        assert answer.json()["error"]
    assert not Record.objects.exists()


def test_an_infinite_place_written_as_a_number_is_refused(d: District, at) -> None:
    body = json.dumps(
        {"client": str(uuid4()), "premises": d.premises.code, "at": timezone.now().isoformat(), "people": ["甲某"]}
    )
    for place in ("[1e999, 1]", "[Infinity, 1]", "[NaN, NaN]", "[1, -1e400]"):
        answer = at("lzh1").post("/field/enter/", f'{body[:-1]}, "place": {place}}}', content_type="application/json")
        assert (answer.status_code, answer.json()["field"]) == (400, "place"), place


def test_one_bad_row_of_before_breaks_no_page(d: District, at) -> None:
    entered(d, at("lzh1"), place=[113.7, 34.7])
    record = Record.objects.get()
    for lon, lat in ((999.0, 1.0), (float("inf"), 1.0)):
        Record.objects.create(
            client=uuid4(), subject=d.premises, what="inspection", by="township", unit=record.unit, person="lzh1", at=record.at, entered_at=record.at,
            lon=lon, lat=lat,
        )  # fmt: skip
    for who in ("lzh1", "xfdd1"):
        assert at(who).get("/fire/blind/").status_code == 200


# entered late


def ago(days: float) -> str:
    return (timezone.now() - timedelta(days=days)).isoformat()


def test_a_late_record_asks_for_a_reason_and_then_waits_for_a_second_person(d: District, at) -> None:
    client: Client = at("lzh1")
    name = str(uuid4())
    answer = entered(d, client, client=name, at=ago(10))
    assert (answer.status_code, answer.json()["field"]) == (400, "reason")
    assert not Record.objects.exists()
    answer = entered(d, client, client=name, at=ago(10), reason="现场无网络")
    assert answer.json()["late"] == "补录，待第二人确认"
    record = Record.objects.get()
    assert record.late == "waiting"
    for url in (f"/records/{record.pk}/", f"/subjects/{d.premises.code}/?tab=done"):
        page = client.get(url).content.decode()
        assert "补录，待第二人确认" in page, url
        assert "录入" in page, url
    assert "现场无网络" in client.get(f"/records/{record.pk}/").content.decode()


def test_the_device_time_is_kept_beside_the_time_put_right(d: District, at) -> None:
    when, wrong = timezone.now() - timedelta(hours=1), "2020-01-01T00:00:00Z"
    assert entered(d, at("lzh1"), at=wrong).status_code == 400
    assert entered(d, at("lzh1"), at=when.isoformat(), device_at=wrong).status_code == 200
    record = Record.objects.get()
    assert (record.at, record.device_at) == (when, datetime(2020, 1, 1, tzinfo=UTC))


def test_the_second_person_sees_it_on_the_desk_and_decides(d: District, at) -> None:
    entered(d, at("lzh1"), at=ago(10), reason="现场无网络")
    record = Record.objects.get()
    line = "条补录等待您确认"
    for who in ("lzh1", "lzh2", "jcl1", "xfdd1", "audit"):
        assert line not in at(who).get("/").content.decode(), who
        assert "现场无网络" not in at(who).get("/late/").content.decode(), who
    url = f"/records/{record.pk}/late/"
    for who, status in (
        ("lzh1", 403),
        ("lzh2", 403),
        ("xfdd1", 403),
        ("audit", 403),
        ("jcl1", 404),
        ("zgyh1", 404),
        ("admin", 404),
    ):
        assert at(who).get(url).status_code == status, who
        assert at(who).post(url, {"counts": "yes"}).status_code == status, who
    assert Record.objects.get().late == "waiting"
    client: Client = at("xab1")
    assert line in client.get("/").content.decode()
    assert "现场无网络" in client.get("/late/").content.decode()
    assert "现场无网络" in client.get(url).content.decode()
    assert client.post(url, {"counts": "no"}).status_code == 200, "words are missing"
    assert client.post(url, {"counts": "maybe"}).status_code == 200
    assert client.post(url, {"counts": "yes"}).status_code == 302
    assert Record.objects.get().late == "confirmed"
    assert client.post(url, {"counts": "yes"}).status_code == 200, "decided already, said on the page"
    assert line not in client.get("/").content.decode()
    assert "补录，已由第二人确认" in client.get(f"/records/{record.pk}/").content.decode()


def test_a_leader_who_only_looks_confirms(d: District, at) -> None:
    entered(d, at("lzh1"), at=ago(10), reason="现场无网络")
    record = Record.objects.get()
    client: Client = at("leader")
    assert f"/records/{record.pk}/late/" in client.get("/late/").content.decode()
    assert client.post(f"/records/{record.pk}/late/", {"counts": "no", "words": "查无此事"}).status_code == 302
    assert Record.objects.get().late == "declined"


def test_a_drill_of_last_week_needs_its_reason_on_the_form_too(d: District, at) -> None:
    client: Client = at("lzh1")
    url = f"/subjects/{d.premises.code}/records/"
    when = timezone.localtime() - timedelta(days=7)
    told = {"what": "drill", "at": when.strftime("%Y-%m-%dT%H:%M"), "people": "甲某", "note": "疏散演练"}
    page = client.post(url, told)
    assert page.status_code == 200
    assert "id_reason" in page.content.decode()
    assert not Record.objects.exists()
    assert client.post(url, {**told, "reason": "当日外出"}).status_code == 302
    assert Record.objects.get().late == "waiting"
    for wrong in ("1970-01-01T00:00", "0001-01-01T00:00", "9999-12-31T23:59"):
        assert client.post(url, {**told, "at": wrong, "reason": "x"}).status_code == 200, wrong
    assert Record.objects.count() == 1


def test_nonsense_and_other_ways_are_refused(d: District, at) -> None:
    client: Client = at("lzh1")
    assert client.post("/field/enter/", "{", content_type="application/json").status_code == 400
    assert client.get("/field/enter/").status_code == 405
    assert client.post("/field/photo/", {}).status_code == 404
    assert client.post("/field/photo/", {"file": upload("x.exe", b"MZ")}).status_code == 400
    assert Client().post("/field/enter/", "{}", content_type="application/json").status_code == 302
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(d.people["lzh1"], backend="django.contrib.auth.backends.ModelBackend")
    assert strict.post("/field/enter/", "{}", content_type="application/json").status_code == 403


def test_a_photo_then_its_record(d: District, at) -> None:
    client: Client = at("lzh1")
    sha = client.post("/field/photo/", {"file": upload("现场.jpg", jpeg(61))}).json()["sha256"]
    answer = entered(d, client, findings=[{"item": "exit_clear", "photos": [sha], "place": "二层"}])
    assert answer.status_code == 200
    assert Record.objects.get().findings.get().files.get().file_id == sha


def test_the_list_of_the_day_holds_only_what_is_the_viewer_s(d: District, at) -> None:
    refresh([d.premises.pk, d.far.pk], d.now)
    told = at("lzh1").get("/field/list.json").json()
    assert [p["name"] for p in told["premises"]] == ["丙仓储"]
    assert told["person"] == "lzh1"
    assert at("lzh1").get("/field/list.json?find=远处").json()["premises"] == []
    assert {i["id"] for i in told["premises"][0]["items"]} == {
        "exit_clear",
        "extinguisher",
        "wiring",
        "explosive_goods",
    }


def test_the_worker_of_the_field_pages_names_its_files(d: District, at) -> None:
    client: Client = at("lzh1")
    answer = client.get("/field/worker.js")
    assert answer["Content-Type"].startswith("text/javascript")
    text = answer.content.decode()
    assert '"/field/"' in text
    assert "indexedDB" not in text.replace("IndexedDB", ""), "what waits on the device is none of its business"
    assert client.get("/field/app.webmanifest").json()["scope"] == "/field/"


# the rest


def test_a_list_of_premises_is_previewed_confirmed_and_written_by_the_worker(d: District, at) -> None:
    client: Client = at("lzh1")
    data = "场所名称,用途,建筑面积\n甲店,商店,80\n乙店,商店,很大\n".encode("utf-8-sig")
    made = client.post("/fire/import/", {"unit": d.units["lzh"].pk, "file": upload("清单.csv", data)})
    page = client.get(made["Location"]).content.decode()
    assert "很大" in page
    assert client.post(made["Location"]).status_code == 302
    assert PremisesImport.objects.get().state == "preview"
    good = client.post(
        "/fire/import/", {"unit": d.units["lzh"].pk, "file": upload("清单.csv", data.replace("很大".encode(), b"90"))}
    )
    assert client.post(good["Location"]).status_code == 302
    assert "已读取" in client.get(good["Location"]).content.decode()
    work_off()
    assert Subject.objects.filter(name__in=["甲店", "乙店"]).count() == 2
    assert (
        client.post("/fire/import/", {"unit": d.units["jcl"].pk, "file": upload("清单.csv", data)}).status_code == 404
    )


def test_a_plan_is_asked_for_watched_and_edited(d: District, at) -> None:
    refresh([d.premises.pk, d.far.pk], d.now)
    client: Client = at("xfdd1")
    told = {
        "unit": d.units["xfdd"].pk,
        "title": "抽查",
        "begins": timezone.localdate(),
        "days": 1,
        "teams": "一组\n二组",
        "minutes": 360,
        "visit": 40,
        "share": 50,
    }
    assert client.post("/fire/visits/", {**told, "teams": ""}).status_code == 200
    made = client.post("/fire/visits/", told)
    assert made.status_code == 302
    assert "停止并保留" in client.get(made["Location"]).content.decode()
    plan = VisitPlan.objects.get()
    from bihuan.mechanisms.fire import planning

    planning.propose(plan=plan, at=d.now, seconds=0.5)
    page = client.get(made["Location"]).content.decode()
    assert "丙仓储" in page
    assert plan.seed in page
    visit = plan.visits.first()
    assert visit is not None
    answer = client.post(f"/fire/visits/{plan.pk}/{visit.pk}/", {"day": visit.day.isoformat(), "team": "1"})
    assert answer.status_code == 302
    assert client.get(f"/fire/visits/{plan.pk}/?export=xlsx").status_code == 200
    assert (
        "没有这个场所"
        in client.post(f"/fire/visits/{plan.pk}/add/", {"subject": "不存在"}, follow=True).content.decode()
    )
    assert at("lzh1").get(f"/fire/visits/{plan.pk}/").status_code == 404


def test_campaigns_are_kept_by_the_fire_office_and_reported_by_units(d: District, at) -> None:
    today = timezone.localdate()
    told = {
        "name": "治本攻坚", "begins": "2024-01-01", "ends": "2026-12-31", "stock_day": "2023-12-31", "points": "一\n  二",
        "targets": "清零 | major_stock | 0 | 2024-12-31\n机制常态",
    }  # fmt: skip
    office: Client = at("xab1")
    assert office.post("/fire/campaigns/new/", {**told, "targets": "x | nonsense"}).status_code == 200
    assert office.post("/fire/campaigns/new/", told).status_code == 302
    campaign = Campaign.objects.get()
    page = office.get(f"/fire/campaigns/{campaign.pk}/").content.decode()
    assert "存量重大隐患未销数" in page
    assert "存量已清零" in page
    assert at("lzh1").get(f"/fire/campaigns/{campaign.pk}/edit/").status_code == 403
    client: Client = at("lzh1")
    assert (
        client.post(
            f"/fire/campaigns/{campaign.pk}/report/", {"period": f"{today.year - 1}h1", "text": "推进"}
        ).status_code
        == 302
    )
    assert client.post(f"/fire/campaigns/{campaign.pk}/report/", {"period": f"{today.year + 1}Q1"}).status_code == 200
    assert "推进" in office.get(f"/fire/campaigns/{campaign.pk}/").content.decode()


def test_the_rules_say_what_is_to_be_checked_and_what_is_missing(d: District, at) -> None:
    page = at("lzh1").get("/fire/rules/").content.decode()
    assert "GB 35181-2025" in page
    assert "待核对" in page
    assert at("lzh1").get("/fire/rules/load/").status_code == 403
    client: Client = at("xfdd1")
    assert (
        client.post(
            "/fire/rules/load/", {"name": "labels", "title": "本省", "file": upload("a.toml", b"x = [")}
        ).status_code
        == 200
    )
    assert (
        client.post(
            "/fire/rules/load/", {"name": "labels", "title": "本省", "file": upload("a.toml", b"\xff\xfe")}
        ).status_code
        == 200
    )
    assert not RuleTable.objects.exists()
    good = '[[table]]\nlabel = "key_unit"\nprovince = "河南"\nvalid_from = 2020-01-01\nsource = "豫消"\nany = [{ use = ["shop"] }]\n'
    assert (
        client.post(
            "/fire/rules/load/", {"name": "labels", "title": "本省", "file": upload("a.toml", good.encode())}
        ).status_code
        == 302
    )
    assert "豫消" in client.get("/fire/rules/").content.decode()


def test_the_notice_s_last_day_is_offered_when_the_matter_is_assigned(d: District, hazard: Matter, at) -> None:
    last = timezone.localdate() + timedelta(days=12)
    told = {"token": TOKEN, "number": "责改7号", "served": timezone.localdate(), "deadline": last}
    assert at("xfdd1").post(f"/matters/{hazard.pk}/procedures/1/notice/", told).status_code == 302
    page = at("xab1").get(f"/matters/{hazard.pk}/assign/").content.decode()
    assert last.isoformat() in page
    assert "责改7号" in page


def test_what_an_area_lacks_stands_on_the_desk_of_its_township(d: District, at) -> None:
    client: Client = at("lzh1")
    since = timezone.localdate() - timedelta(days=3)
    client.post(f"/subjects/{d.premises.code}/premises/tenant/", {"name": "示例商户", "since": since})
    assert "新租户未核实" in client.get("/").content.decode()
    assert "新租户未核实" not in at("jcl1").get("/").content.decode()
    assert "新租户未核实" not in at("cgj1").get("/").content.decode()


def test_blind_spots_open_their_rows(d: District, at) -> None:
    refresh([d.premises.pk, d.far.pk], d.now)
    page = at("xab1").get("/fire/blind/?spot=never").content.decode()
    assert "丙仓储" in page
    assert "远处场所" in page
    assert "远处场所" not in at("lzh1").get("/fire/blind/?spot=never").content.decode()
    assert at("xab1").get("/fire/blind/?spot=nonsense").status_code == 404
    assert at("xab1").get("/m/fire/").status_code == 200
    assert at("xab1").get("/fire/centres/").status_code == 200
