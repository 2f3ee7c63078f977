"""Refused acts are recorded without letting one person fill the ledger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client

from bihuan.instruments.administration.models import DeniedCount
from bihuan.instruments.administration.refused import MOST_DEEDS, denied, settle
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.ledger.selectors import happened
from bihuan.kernel.ledger.verifying import Broken, verify
from bihuan.kernel.registry.duties import duties

from ..support import District

pytestmark = pytest.mark.django_db
TEN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def refuse(
    n: int = 1, deed: str = "POST act", at: datetime = TEN, person: str = "jcl1", path: str = "/matters/1/act/"
) -> None:
    for _ in range(n):
        denied(person=person, at=at, deed=deed, path=path, status=404)


def told(person: str = "jcl1") -> list[tuple[str, dict[str, object]]]:
    rows = Event.objects.filter(stream=f"denied:{person}").order_by("seq")
    return [(r.type, happened(r.body).data) for r in rows]


def test_the_first_is_an_event_at_once_and_the_rest_one_total(db: None) -> None:
    refuse()
    assert [t for t, _ in told()] == ["Denied"]
    for minute in range(1, 30):
        refuse(at=TEN + timedelta(minutes=minute), path=f"/matters/{minute}/act/")
    assert len(told()) == 1
    assert settle(TEN + timedelta(minutes=59)) == 0, "the hour is not over"
    assert settle(TEN + timedelta(minutes=70)) == 1
    (_first, _), (name, data) = told()
    assert (name, data["deed"], data["n"]) == ("DeniedOften", "POST act", 30)
    assert data["last"] == "2026-03-02T10:29:00.000000Z"
    assert not DeniedCount.objects.exists()
    assert settle(TEN + timedelta(hours=9)) == 0
    assert not [b for b in verify() if isinstance(b, Broken)]


def test_what_was_refused_once_has_no_total(db: None) -> None:
    refuse()
    assert settle(TEN + timedelta(hours=2)) == 0
    assert [t for t, _ in told()] == ["Denied"]
    assert not DeniedCount.objects.exists()


def test_every_hour_deed_and_person_counts_apart(db: None) -> None:
    for at in (TEN, TEN + timedelta(hours=1)):
        for deed in ("POST act", "POST decide"):
            for person in ("jcl1", "cgj1"):
                refuse(3, deed, at, person)
    assert settle(TEN + timedelta(minutes=70)) == 4
    assert settle(TEN + timedelta(minutes=130)) == 4
    assert [t for t, _ in told()].count("Denied") == [t for t, _ in told("cgj1")].count("DeniedOften") == 4


def test_whoever_tries_every_deed_fills_nothing(db: None) -> None:
    for i in range(5 * MOST_DEEDS):
        refuse(2, f"POST deed{i}")
    assert DeniedCount.objects.count() == MOST_DEEDS + 1
    settle(TEN + timedelta(hours=2))
    assert len(told()) == 2 * (MOST_DEEDS + 1)
    others = [data for name, data in told() if name == "DeniedOften" and data["deed"] == "others"]
    assert [d["n"] for d in others] == [2 * 4 * MOST_DEEDS], "none is lost"


def test_two_workers_write_a_total_once(db: None) -> None:
    refuse(2)
    row = DeniedCount.objects.get()
    settle(TEN + timedelta(hours=2))
    row.pk = None
    row.save(force_insert=True)  # a worker that died after the event and before the row was gone
    settle(TEN + timedelta(hours=2))
    assert [t for t, _ in told()] == ["Denied", "DeniedOften"]
    assert not DeniedCount.objects.exists()


def test_ids_and_words_of_an_address_make_no_other_deed(d: District, at) -> None:
    client: Client = at("jcl1")
    matter = d.handling()
    for number in (matter.number, 10**6, 10**7):
        for name in ("report", "verify", "nonsense"):
            assert client.post(f"/matters/{number}/{name}/", {"token": str(uuid4())}).status_code == 404
    for _ in range(40):
        client.post(f"/nowhere/{uuid4()}/")
    rows = {r.deed: r.n for r in DeniedCount.objects.filter(person="jcl1")}
    assert rows == {"POST act": 9, "POST ?": 40}
    assert Event.objects.filter(stream="denied:jcl1").count() == 2


def test_the_auditor_reads_counts_that_run_and_those_that_are_settled(d: District, at) -> None:
    client: Client = at("jcl1")
    for n in range(7):
        client.post(f"/matters/{n + 10**6}/report/", {})
    page = at("logs").get("/audit/?part=denied").content.decode()
    assert "本小时累计" in page
    assert '<span class="figure num">7</span>' in page
    settle(d.now + timedelta(hours=2))
    page = at("logs").get("/audit/?part=denied").content.decode()
    assert "本小时累计" not in page
    assert "共7次" in page
    sheet = at("logs").get("/audit/?part=denied&export=csv")
    assert "共7次" in b"".join(sheet.streaming_content).decode("utf-8-sig")
    for who in ("jcl1", "leader", "admin", "security"):
        assert at(who).get("/audit/?part=denied").status_code == 404, who


def test_the_worker_settles(db: None) -> None:
    refuse(2)
    assert duties["denied"].run(TEN + timedelta(hours=2)) == 1
