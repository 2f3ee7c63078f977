"""Three separated administrators: each does one job, none another's, and none touches matters."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from bihuan.instruments.administration import services
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.ledger.verifying import Broken, verify
from bihuan.kernel.matters import finding
from bihuan.kernel.matters.catalogue import kind_on
from bihuan.kernel.matters.selectors import visible_to
from bihuan.kernel.orgs.models import Function, Person, Post, Territory, Unit

from ..support import District

pytestmark = pytest.mark.django_db
JOBS = {
    "admin": ["/units/new/", "/units/cgj/edit/", "/territories/new/", "/territories/lzh/edit/", "/people/new/", "/kinds/obstacle/new/", "/channels/", "/calendars/notice/", "/calendars/closure/"],
    "security": ["/people/", "/posts/new/", "/people/cgj1/lock/", "/people/cgj1/password/", "/people/cgj1/factors/"],
    "logs": ["/audit/", "/audit/?part=denied", "/audit/?part=seen", "/audit/?part=signins"],
}  # fmt: skip


@pytest.mark.parametrize("who", ["admin", "security", "logs", "jfj1", "leader", "audit", "zgyh1"])
def test_each_job_is_one_administrators_alone(d: District, at, who: str) -> None:
    client = at(who)
    for owner, urls in JOBS.items():
        for url in urls:
            assert client.get(url).status_code == (200 if who == owner else 404), url
            if who != owner:
                before = Event.objects.exclude(stream__startswith="denied:").count()
                assert client.post(url, {"name": "x"}).status_code in (404, 405), url
                assert Event.objects.exclude(stream__startswith="denied:").count() == before


@pytest.mark.parametrize("who", ["admin", "security", "logs"])
def test_administrators_see_and_touch_no_matters(d: District, at, who: str) -> None:
    Post.objects.filter(person__username=who).update(scope_territory=d.root, clearance=True)
    m = d.handling()
    client = at(who)
    assert not visible_to(d.viewer(who)).exists()
    for url in (
        f"/matters/{m.number}/",
        f"/matters/{m.number}/report/",
        f"/subjects/{d.project.code}/",
        f"/receipts/matter/{m.number}/1/",
    ):
        assert client.get(url).status_code == 404, url
    assert client.get("/matters/new/").status_code == 403
    assert finding.newest(visible_to(d.viewer(who)), "道路", 9) == []


def test_the_services_themselves_refuse_the_wrong_administrator(d: District) -> None:
    person, now = d.people["cgj1"], timezone.now()
    for who in ("security", "logs", "jfj1", "leader"):
        v = d.viewer(who)
        for act in (
            lambda v=v: services.unit_save(viewer=v, at=now, name="x", kind="other", sector="", territory=None),
            lambda v=v: services.territory_save(viewer=v, at=now, name="x", level="grid", parent=d.a),
            lambda v=v: services.person_add(viewer=v, at=now, username="x", name="x"),
            lambda v=v: services.kind_revise(viewer=v, at=now, kind="obstacle", valid_from=now.date(), body={}),
        ):
            with pytest.raises(Refused, match="another administrator"):
                act()
    for who in ("admin", "logs", "jfj1", "leader"):
        v = d.viewer(who)
        for act in (
            lambda v=v: services.post_grant(
                viewer=v, at=now, unit=d.units["cgj"], title="x", role="officer", person=person, today=now.date()
            ),
            lambda v=v: services.account_lock(viewer=v, at=now, person=person, locked=True),
            lambda v=v: services.password_reset(viewer=v, at=now, person=person),
            lambda v=v: services.factors_reset(viewer=v, at=now, person=person),
        ):
            with pytest.raises(Refused, match="another administrator"):
                act()


def test_a_unit_is_entered_renamed_and_found_by_its_new_name(d: District, at) -> None:
    client = at("admin")
    client.post("/units/new/", {"name": "新设局", "kind": "bureau", "sector": "new", "active": "on"})
    assert Unit.objects.get(name="新设局").active
    m = d.assigned(lead="cgj")
    form = {"name": "城市综合管理局", "kind": "bureau", "sector": "city", "active": "on"}
    client.post("/units/cgj/edit/", form)
    rows = visible_to(d.viewer("leader"))
    assert [x.number for x in finding.newest(rows, "综合管理局", 9)] == [m.number]
    assert finding.newest(rows, "城市管理局", 9) == []
    page = client.post("/units/cgj/edit/", {**form, "name": "督查室"})
    assert "该名称" in page.content.decode() or "Another unit" in page.content.decode()
    assert [e.type for e in Event.objects.filter(stream="unit:cgj")] == ["UnitAdded", "UnitChanged"]


def test_a_unit_that_carries_functions_is_not_closed_before_they_move(d: District) -> None:
    args = {"viewer": d.viewer("admin"), "at": d.now, "kind": "bureau", "sector": "", "territory": None}
    with pytest.raises(Refused, match="carries functions"):
        services.unit_save(row=d.units["dcs"], name="督查室", active=False, **args)
    services.unit_save(row=d.units["jfj"], name="经济发展局", functions=("supervision",), **args)
    assert Function.objects.get(name="supervision").unit == d.units["jfj"]
    services.unit_save(row=d.units["dcs"], name="督查室", active=False, **args)


def test_territories_grow_as_a_tree(d: District, at) -> None:
    at("admin").post("/territories/new/", {"name": "某社区", "level": "community", "parent": d.a.pk})
    made = Territory.objects.get(name="某社区")
    assert made.path.startswith(d.a.path)
    at("admin").post(f"/territories/{made.code}/edit/", {"name": "某新社区"})
    made.refresh_from_db()
    assert made.name == "某新社区"
    assert at("admin").post("/territories/new/", {"name": "另一区", "level": "district"}).status_code == 200


def test_a_new_colleague_comes_in_by_two_administrators(d: District, at) -> None:
    before = Event.objects.count()
    at("admin").post("/people/new/", {"username": "new1", "name": "示例新人"})
    person = Person.objects.get(username="new1")
    assert not person.has_usable_password()
    at("security").post(
        "/posts/new/", {"unit": d.units["cgj"].pk, "title": "经办", "role": "officer", "person": person.pk}
    )
    page = at("security").post("/people/new1/password/").content.decode()
    person.refresh_from_db()
    shown = page.split('<code class="big">')[1].split("<")[0]
    assert person.check_password(shown)
    assert visible_to(d.viewer("cgj1")).count() == 0
    types = list(Event.objects.order_by("id").values_list("type", flat=True)[before:])
    assert types == ["PersonAdded", "PostGranted", "PasswordReset"]
    assert shown not in "".join(Event.objects.values_list("body", flat=True))


def test_nobody_grants_to_themselves_and_administrators_hold_one_post(d: District) -> None:
    args = {"viewer": d.viewer("security"), "at": d.now, "unit": d.units["gwh"], "title": "x", "today": d.now.date()}
    with pytest.raises(Refused, match="themselves"):
        services.post_grant(role="leader", person=d.people["security"], **args)
    with pytest.raises(Refused, match="is an administrator"):
        services.post_grant(role="officer", person=d.people["admin"], **args)
    with pytest.raises(Refused, match="holds another post"):
        services.post_grant(role="system", person=d.people["cgj1"], **args)
    with pytest.raises(Refused, match="no scope"):
        services.post_grant(role="audit", person=None, scope_territory=d.root, **args)


def test_a_vacant_post_is_filled_and_a_held_one_is_not_taken(d: District) -> None:
    held = Post.objects.get(person__username="cgj1")
    args = {"viewer": d.viewer("security"), "at": d.now, "unit": d.units["cgj"], "title": "经办", "role": "officer"}
    with pytest.raises(Refused, match="is held"):
        services.post_grant(row=held, person=d.people["jsj1"], today=d.now.date(), **args)
    services.post_end(
        viewer=d.viewer("security"), at=d.now, post=held, last_day=d.now.date() - timedelta(days=1), reason="调离"
    )
    vacant = Post.objects.get(unit=d.units["cgj"], person=None)
    services.post_grant(row=vacant, person=d.people["jsj1"], today=d.now.date(), **args)
    assert visible_to(d.viewer("jsj1")).count() == 0
    assert "cgj" in d.viewer("jsj1").codes


def test_leaving_hands_the_work_to_a_colleague_and_never_to_a_stranger(d: District, at) -> None:
    m = d.handling(lead="cgj")
    mine = Post.objects.get(person__username="cgj1")
    url = f"/units/posts/{mine.pk}/handover/"
    form = {"last_day": d.now.date().isoformat(), "reason": "调离"}
    assert (
        at("jsj1").get(url).status_code == at("admin").get(url).status_code == at("leader").get(url).status_code == 404
    )
    assert at("cgj1").post(url, {**form, "successor": d.people["jsj1"].pk}).status_code == 404
    assert at("cgj1").post(url, {**form, "successor": d.people["cgj2"].pk}).status_code == 302
    m.refresh_from_db()
    assert m.officer == "cgj2"


def test_a_locked_account_is_out_at_once_and_comes_back(d: District, at) -> None:
    client = at("cgj1")
    assert client.get("/matters/").status_code == 200
    at("security").post("/people/cgj1/lock/")
    assert client.get("/matters/").status_code == 302
    at("security").post("/people/cgj1/unlock/")
    assert at("cgj1").get("/matters/").status_code == 200
    for name in ("lock", "password", "factors"):
        assert at("security").post(f"/people/security/{name}/").status_code == 400


def test_a_new_edition_counts_for_matters_raised_from_then_on(d: District, at) -> None:
    old = d.raised()
    client = at("admin")
    page = client.get("/kinds/obstacle/new/").content.decode()
    assert "15" in page
    form = {
        "valid_from": timezone.localdate().isoformat(), "source": "本区〔2026〕1号第三条", "confirmed": "on", "n": 7, "unit": "workdays",
        "warn": 2, "max_extension": 5, "assign_within": 1, "accept_within": 1, "verify_within": 2, "photos": 1, "documents": 0,
        "verifier": "function:coordinate.promotion", "revisit_after": 30, "questions": "解决了吗", "reasons": "不可抗力",
    }  # fmt: skip
    assert client.post("/kinds/obstacle/new/", form).status_code == 302
    new = d.raised()
    assert kind_on("obstacle", timezone.localdate()).limit.n == 7
    assert (old.edition, new.edition) == ("2019-01-01", timezone.localdate().isoformat())
    assert client.post("/kinds/obstacle/new/", form).status_code == 200
    assert client.post("/kinds/obstacle/new/", {**form, "valid_from": "2020-01-01"}).status_code == 200
    assert Event.objects.filter(stream="kind:obstacle").count() == 1
    assert client.get("/kinds/").status_code == 200


def test_refused_acts_leave_one_event_each_and_the_auditor_reads_them(d: District, at) -> None:
    m = d.handling()
    at("jcl1").post(f"/matters/{m.number}/report/", {"text": "x"})
    rows = Event.objects.filter(stream="denied:jcl1")
    assert [r.type for r in rows] == ["Denied"]
    page = at("logs").get("/audit/?part=denied").content.decode()
    assert f"/matters/{m.number}/report/" in page
    assert not [b for b in verify() if isinstance(b, Broken)]
