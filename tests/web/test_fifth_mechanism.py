"""A fifth mechanism is one folder: words, stream, proof, duty, desk, menu, notices and receipts come from its face alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.signals import post_delete, post_save
from django.utils import timezone, translation

from bihuan.instruments.notices.models import Notice
from bihuan.instruments.notices.services import gather
from bihuan.instruments.notices.texts import what
from bihuan.kernel.ledger import proving
from bihuan.kernel.ledger.selectors import stream
from bihuan.kernel.registry import duties, events, pages, streams, written
from bihuan.kernel.registry.duties import run_due
from bihuan.web.surface.history import history

from ..forging import plainly
from ..support import District, differences
from ..toy import face
from ..toy.models import Vow
from ..toy.services import vow_make


@pytest.fixture
def toy(d: District) -> Iterator[District]:
    """The toy is installed: its table is there and its face has spoken."""
    key = "integer PRIMARY KEY AUTOINCREMENT" if connection.vendor == "sqlite" else "bigserial PRIMARY KEY"
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE toy_vow (id {key}, unit_id bigint NOT NULL, text varchar(80) NOT NULL, until date NOT NULL, kept bool NOT NULL)"
        )
    face.register()
    yield d
    for name in ("VowMade", "VowKept"):
        events.types.remove(name)
    streams.kinds.remove("toy")
    duties.duties.remove("toy")
    pages.menus.remove("toy")
    pages.panels.remove("vows")
    del written.watched[Vow], written.left_out[Vow]
    for signal in (post_save, post_delete):
        signal.disconnect(sender=Vow, dispatch_uid="written toy_vow")


def made(d: District) -> Vow:
    until = timezone.localdate() + timedelta(days=1)
    return vow_make(viewer=d.viewer("cgj1"), unit=d.units["cgj"], text="修好路灯", until=until, at=timezone.now())


def test_its_events_read_in_words_and_tell_whom_they_concern(toy: District) -> None:
    row = made(toy)
    [entry] = history(stream(f"toy:{row.pk}").events)
    assert (entry.verb, entry.text, entry.notes[0]) == ("made a vow", "修好路灯", "城市管理局")
    while gather(at=timezone.now()):
        pass
    notice = Notice.objects.get(type="VowMade", person=toy.people["cgj2"])
    with translation.override("en"):
        assert what(notice) == "a vow was made"


def test_its_rows_are_proven_and_come_back(toy: District) -> None:
    row = made(toy)
    assert differences("toy") == []
    plainly(Vow).filter(pk=row.pk).update(text="什么也不修")
    [found] = proving.differences("toy")
    assert (found.kind, found.stream, found.column) == ("toy", f"toy:{row.pk}", "text")
    plainly(Vow)._raw_delete("default")
    proving.rebuild()
    assert plainly(Vow).get().text == "修好路灯"
    assert differences("toy") == []


def test_its_duty_runs_with_the_others(toy: District) -> None:
    row = made(toy)
    run_due(timezone.now() + timedelta(days=2))
    row.refresh_from_db()
    assert row.kept
    assert [e.type for e in stream(f"toy:{row.pk}").events] == ["VowMade", "VowKept"]
    assert differences("toy") == []


def test_it_stands_on_the_desk_and_in_the_menu_and_has_receipts(toy: District, at) -> None:
    row = made(toy)
    page = at("cgj1").get("/").content.decode()
    assert "修好路灯" in page
    assert "Vows" in page
    assert at("cgj1").get("/m/toy/").status_code == 200
    assert "made a vow" in at("cgj1").get(f"/receipts/toy/{row.pk}/1/").content.decode()
    assert at("lzh1").get(f"/receipts/toy/{row.pk}/1/").status_code == 404
    assert "修好路灯" not in at("lzh1").get("/").content.decode()
