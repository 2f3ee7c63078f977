"""Receipts in the browser: for those who may see the event, and for nobody else."""

from __future__ import annotations

import pytest

from bihuan.kernel.domain import receipts
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.registry.streams import kinds
from bihuan.mechanisms.financing import selectors
from bihuan.web.surface.offline import verifier

from ..support import District

pytestmark = pytest.mark.django_db


def test_a_receipt_shows_its_event_its_file_and_its_code(d: District, at) -> None:
    m = d.handling()
    page = at("cgj1").get(f"/receipts/matter/{m.number}/2/")
    assert page.status_code == 200
    file = at("cgj1").get(f"/receipts/matter/{m.number}/2/file/")
    event, head = receipts.check(receipts.read_receipt(file.content.decode()))
    assert (event["stream"], event["seq"]) == (f"matter:{m.number}", 2)
    assert head.size >= 2
    code = at("cgj1").get(f"/receipts/matter/{m.number}/2/code/")
    assert code["Content-Type"] == "image/svg+xml"
    subject = at("cgj1").get(f"/receipts/subject/{m.subject.code}/1/")
    assert subject.status_code == 200


def test_every_entry_of_the_story_links_to_its_own_receipt(d: District, at) -> None:
    m = d.handling()
    text = at("cgj1").get(f"/matters/{m.number}/").content.decode()
    for seq in range(1, m.version + 1):
        assert f"/receipts/matter/{m.number}/{seq}/" in text


def test_strangers_and_unknown_events_get_404(d: District, at) -> None:
    m = d.handling()
    for tail in ("", "file/", "code/"):
        assert at("jcl1").get(f"/receipts/matter/{m.number}/1/{tail}").status_code == 404
        assert at("cgj1").get(f"/receipts/matter/{m.number}/99/{tail}").status_code == 404
    assert at("jcl1").get(f"/receipts/subject/{m.subject.code}/1/").status_code == 404
    for kind in ("seen", "register", "x"):
        assert at("leader").get(f"/receipts/{kind}/1/1/").status_code == 404


def test_the_offline_page_loads_nothing_from_anywhere(d: District, at) -> None:
    page = at("jfj1").get("/receipts/check/")
    assert page["Content-Disposition"].startswith("attachment")
    text = verifier()
    assert page.content.decode() == text
    assert "src=" not in text.split("<script>")[0]
    assert "default-src 'none'" in text


def test_every_kind_of_stream_says_who_may_take_its_receipts() -> None:
    assert [kind.prefix for kind in kinds if kind.seen is None] == []


def test_looks_at_financing_files_have_receipts_for_the_audit_administrator_alone(d: District, at) -> None:
    selectors.looked(viewer=d.viewer("leader"), what="list", at=d.now)
    [entry] = Event.objects.filter(stream="looks:lists")
    path = f"/receipts/looks/lists/{entry.seq}/"
    assert at("logs").get(path).status_code == 200
    for who in ("leader", "admin", "security", "zgyh1", "rzb1"):
        assert at(who).get(path).status_code == 404, who
