"""The ledger refuses change, and finds it where somebody got round the refusal."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from django.db import DatabaseError, connection, transaction

from bihuan.cli import main
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.chain import canonical, link
from bihuan.kernel.ledger import triggers
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.ledger.verifying import Broken, verify

from ..support import District

pytestmark = pytest.mark.django_db


def broken() -> list[Broken]:
    return [b for b in verify() if isinstance(b, Broken)]


@pytest.fixture
def stream(d: District) -> str:
    m = d.handling()
    for i in range(4):
        d.do("cgj1", m, c.Report, f"进展{i}")
    assert broken() == []
    return f"matter:{m.number}"


@pytest.mark.parametrize("sql", ["UPDATE ledger_event SET type = 'x'", "DELETE FROM ledger_event"])
def test_the_database_refuses_change(stream: str, sql: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_truncate_is_refused_where_it_exists(stream: str) -> None:
    if connection.vendor != "postgresql":
        return
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE ledger_event")


def _edit(stream: str) -> int:
    row = Event.objects.get(stream=stream, seq=4)
    body = json.loads(row.body)
    body["data"]["text"] = "从未如此"
    Event.objects.filter(pk=row.pk).update(body=canonical(body))
    return 4


def _edit_with_hash(stream: str) -> int:
    row, before = Event.objects.get(stream=stream, seq=4), Event.objects.get(stream=stream, seq=3)
    body = canonical({**json.loads(row.body), "by": "somebody"})
    Event.objects.filter(pk=row.pk).update(body=body, hash=link(before.hash, body))
    return 5


def _column(stream: str) -> int:
    Event.objects.filter(stream=stream, seq=5).update(type="Verified")
    return 5


def _delete(stream: str) -> int:
    Event.objects.filter(stream=stream, seq=4).delete()
    return 5


def _swap(stream: str) -> int:
    a, b = Event.objects.get(stream=stream, seq=4), Event.objects.get(stream=stream, seq=5)
    Event.objects.filter(pk=a.pk).update(seq=99)
    Event.objects.filter(pk=b.pk).update(seq=4)
    Event.objects.filter(pk=a.pk).update(seq=5)
    return 4


def _insert(stream: str) -> int:
    last = Event.objects.filter(stream=stream).order_by("-seq")[0]
    for row in Event.objects.filter(stream=stream, seq__gte=4).order_by("-seq"):
        Event.objects.filter(pk=row.pk).update(seq=row.seq + 1)
    Event.objects.create(
        stream=stream, seq=4, type=last.type, entered_at=last.entered_at, body=last.body, hash=last.hash
    )
    return 4


@pytest.mark.parametrize("tamper", [_edit, _edit_with_hash, _column, _delete, _swap, _insert])
def test_each_kind_of_tampering_is_named_with_stream_and_sequence(stream: str, tamper) -> None:
    triggers.remove()
    at = tamper(stream)
    triggers.install()
    found = broken()
    assert (found[0].stream, found[0].seq) == (stream, at)
    result = CliRunner().invoke(main, ["verify"])
    assert result.exit_code == 1
    assert f"{stream} #{at}" in result.output


def test_the_shell_says_that_all_is_well(stream: str) -> None:
    result = CliRunner().invoke(main, ["verify"])
    assert (result.exit_code, "0 places broken" in result.output) == (0, True)
    result = CliRunner().invoke(main, ["rebuild", "--check"])
    assert (result.exit_code, result.output.strip()) == (0, "0 differences")


def test_installing_the_triggers_twice_is_harmless(db) -> None:
    triggers.install()
    triggers.install()
