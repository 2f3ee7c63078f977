"""Every row that a stream decides is proven: whatever is changed, deleted or put in behind the program's back is named, and `rebuild`
brings back exactly what was there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner
from django.apps import apps
from django.db import transaction
from django.utils import timezone

from bihuan.cli import main
from bihuan.kernel.domain import commands as c
from bihuan.kernel.ledger import adopting, proving
from bihuan.kernel.matters.services import act
from bihuan.kernel.registry.events import types
from bihuan.kernel.registry.streams import outside, tables
from bihuan.mechanisms.financing.models import Step

from ..forging import every_table, forged, held, made, of, plainly, rows_in
from ..support import District, differences


def _proof_of(**step: Any) -> Callable[[], dict[str, Any]]:
    return lambda: {"step": plainly(Step).get(**step)}


PARTS: dict[tuple[str, str], Callable[[], dict[str, Any]]] = {
    ("financing", "financing_step"): lambda: {"push": None, "what": "found"},
    ("push", "financing_step"): lambda: {"what": "asked", "matter": None},
    ("duty", "financing_step"): lambda: {"what": "duty", "matter": None},
    ("financing", "financing_proof"): _proof_of(what="found"),
    ("push", "financing_proof"): _proof_of(what="asked"),
    ("duty", "financing_proof"): _proof_of(what="duty"),
}
"""What makes a row one of this kind of stream, where several kinds share a table."""


@pytest.fixture
def world(d: District) -> District:
    """A district in which every table that a stream decides has a row with an event."""
    matter, photo = d.handling(), d.photo("cgj1")
    told = {"sha256": photo.file_id, "name": photo.name, "type": "image/jpeg"}
    act(number=matter.number, command=c.Attach(d.actor("cgj1"), timezone.now(), (told,)))
    adopting.adopt(by="test", reason="before", at=timezone.now())
    for kind, table in list(tables()):
        if table.captured and not of(table).exists():
            made(table.model, **PARTS.get((kind.prefix, table.name), dict)())
    adopting.adopt(by="test", reason="made by hand", at=timezone.now())
    assert differences() == []
    assert [t.name for t in every_table() if not of(t).exists()] == []
    return d


def test_every_column_row_and_stray_row_of_every_table_is_held(world: District) -> None:
    for kind, table in list(tables()):
        held(kind, table)


def test_rebuild_brings_back_what_was_there_also_from_emptied_tables(world: District) -> None:
    before = {t.name: rows_in(t) for t in every_table()}
    with transaction.atomic():
        for table in reversed(every_table()):
            plainly(table.model)._raw_delete(using="default")
        assert not any(plainly(t.model).exists() for t in every_table())
        assert len(differences()) >= len(every_table())
        proving.rebuild()
    assert differences() == []
    for table in every_table():
        assert rows_in(table) == before[table.name], table.name


def test_rebuild_puts_forged_rows_right_and_takes_strays_away(world: District) -> None:
    before = {t.name: rows_in(t) for t in every_table()}
    for table in every_table():
        row = of(table).first()
        with transaction.atomic():
            plainly(table.model).filter(pk=row.pk).update(**forged(table, row))
            proving.rebuild()
        assert rows_in(table) == before[table.name], table.name


def test_the_command_names_kind_stream_and_column_and_fails(world: District) -> None:
    plainly(apps.get_model("orgs", "Post")).filter(title="经办").update(role="head")
    result = CliRunner().invoke(main, ["rebuild", "--check"])
    assert result.exit_code == 1
    assert "post · post:" in result.output
    assert "role" in result.output
    assert CliRunner().invoke(main, ["rebuild"]).exit_code == 0
    again = CliRunner().invoke(main, ["rebuild", "--check"])
    assert (again.exit_code, again.output.strip()) == (0, "0 differences")


def test_every_table_of_ours_is_decided_by_a_stream_or_says_why_not() -> None:
    decided = {t.name for t in every_table()}
    known = decided | {name for name, _ in outside.items()}
    own = {
        m._meta.db_table: m
        for m in apps.get_models(include_auto_created=True)
        if m.__module__.startswith("bihuan.") and not m.__module__.startswith("bihuan.kernel.ledger")
    }
    assert set(own) - known == set()
    assert known - set(own) == set()
    assert decided.isdisjoint(name for name, _ in outside.items())
    for _, table in tables():
        assert all(str(why).strip() for why in table.undecided.values())


def test_every_event_type_says_what_its_data_hold() -> None:
    assert [name for name, kind in types.items() if kind.data is None] == []
