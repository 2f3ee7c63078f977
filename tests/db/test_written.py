"""What is written to a row goes along with the next event of its stream: neither lost nor told twice, whatever is taken back."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import models, transaction
from django.test.utils import isolate_apps
from django.utils import timezone

from bihuan.kernel.domain.state import Event
from bihuan.kernel.ledger import triggers
from bihuan.kernel.ledger.models import Event as Recorded
from bihuan.kernel.ledger.services import StaleStream, append, end, note
from bihuan.kernel.ledger.verifying import Broken, verify
from bihuan.kernel.matters.models import KindEdition
from bihuan.kernel.orgs.models import Person, Unit, UnitAlias
from bihuan.kernel.registry import streams
from bihuan.kernel.registry.streams import StreamKind, Table
from bihuan.kernel.registry.written import Watched, plain

from ..support import District, differences

UNIT = {"name": "x", "kind": "bureau", "sector": "", "territory": None, "active": True}


def told(stream: str) -> dict[str, Any]:
    """What the last event of a stream took along."""
    effect = Recorded.objects.filter(stream=stream).order_by("-seq").values_list("effect", flat=True)[0]
    return json.loads(effect)["rows"] if effect else {}


def tell(stream: str, type_: str = "UnitAdded", **data: Any) -> None:
    note(stream=stream, event=Event(type_, timezone.now(), "test", "", {**UNIT, **data}), at=timezone.now())


def test_saving_updating_and_deleting_go_along_with_the_next_event(d: District) -> None:
    unit = Unit.objects.create(code="neu", name="新单位", kind="bureau")
    Unit.objects.filter(code="neu").update(sector="fire")
    unit.name = "更名单位"
    unit.save(update_fields=["name"])
    tell("unit:neu")
    row = told("unit:neu")["orgs_unit"][str(unit.pk)]
    assert (row["name"], row["sector"], row["active"]) == ("更名单位", "fire", True)
    tell("unit:neu")
    assert told("unit:neu") == {}, "told once"
    Unit.objects.filter(pk=unit.pk).delete()
    tell("unit:neu")
    assert told("unit:neu") == {"orgs_unit": {str(unit.pk): None}}


def test_rows_of_other_streams_wait_for_their_own_event(d: District) -> None:
    one = Unit.objects.create(code="one", name="甲", kind="bureau")
    two = Unit.objects.create(code="two", name="乙", kind="bureau")
    tell("unit:one")
    assert told("unit:one") == {"orgs_unit": {str(one.pk): told("unit:one")["orgs_unit"][str(one.pk)]}}
    tell("unit:two")
    assert str(two.pk) in told("unit:two")["orgs_unit"]


def test_many_rows_at_once_go_each_to_its_stream(d: District) -> None:
    rows = Unit.objects.bulk_create(Unit(code=f"n{i}", name=f"批量{i}", kind="bureau") for i in range(5))
    for row in rows:
        tell(f"unit:{row.code}")
        assert list(told(f"unit:{row.code}")["orgs_unit"]) == [str(row.pk)]
    assert differences("unit") == []


def test_what_a_savepoint_took_back_is_not_told(d: District) -> None:
    with transaction.atomic():
        Unit.objects.filter(code="cgj").update(name="绝不发生")
        transaction.set_rollback(True)
    tell("unit:cgj")
    assert told("unit:cgj") == {}
    assert differences("unit") == []


def test_what_an_event_that_was_taken_back_had_told_is_told_by_the_next(d: District) -> None:
    Unit.objects.filter(code="cgj").update(sector="x")
    with transaction.atomic():
        tell("unit:cgj")
        transaction.set_rollback(True)
    tell("unit:cgj")
    assert [row["sector"] for row in told("unit:cgj")["orgs_unit"].values()] == ["x"]
    assert differences("unit") == []


def test_a_place_that_was_taken_leaves_what_was_written_for_the_next_try(d: District) -> None:
    Unit.objects.filter(code="cgj").update(sector="y")
    taken = end("unit:cgj")
    event = Event("UnitChanged", timezone.now(), "test", "", {})
    with pytest.raises(StaleStream), transaction.atomic():
        append(stream="unit:cgj", events=[event], after=(taken[0] - 1, taken[1]), entered_at=timezone.now())
    append(stream="unit:cgj", events=[event], after=taken, entered_at=timezone.now())
    assert [row["sector"] for row in told("unit:cgj")["orgs_unit"].values()] == ["y"]


def test_a_condition_that_no_row_meets_writes_and_remembers_nothing(d: District) -> None:
    assert Unit.objects.filter(code="nobody").update(sector="z") == 0
    assert Unit.objects.filter(code="cgj", sector="not so").update(name="z") == 0
    tell("unit:cgj")
    assert told("unit:cgj") == {}


def test_what_is_the_persons_own_needs_no_event(d: District) -> None:
    person = Person.objects.get(username="cgj1")
    person.set_password("another long password")
    person.save(update_fields=["password"])
    note(stream="person:cgj1", event=Event("AccountLocked", timezone.now(), "test", "", {}), at=timezone.now())
    assert told("person:cgj1") == {}


def test_what_cannot_be_known_is_refused(d: District) -> None:
    with pytest.raises(NotImplementedError):
        UnitAlias.objects.bulk_create([UnitAlias(alias="x", unit=d.units["cgj"])], ignore_conflicts=True)


@pytest.mark.parametrize("on_delete", [models.SET_NULL, models.DO_NOTHING])
def test_a_column_that_changes_behind_the_models_back_is_refused_when_it_is_told(on_delete) -> None:
    with isolate_apps("tests.toy"):

        class Loose(Watched):
            unit = models.ForeignKey(Unit, on_delete, null=True, related_name="+")

            class Meta:
                app_label = "toy"

        with pytest.raises(ImproperlyConfigured, match="changes unseen"):
            streams.register(StreamKind("loose", "x", tables=(Table(Loose, lambda row: f"loose:{row.pk}"),)))
    assert streams.kind_of("loose:1") is None


def test_values_are_kept_in_one_form_on_both_databases(d: District) -> None:
    body = {"b": 1, "a": [1.5, None, "中"]}
    row = KindEdition.objects.create(kind="toy", valid_from=date(2026, 1, 1), body=body)
    row.refresh_from_db()
    field = KindEdition._meta.get_field("body")
    assert plain(field, row.body) == plain(field, body) == '{"a":[1.5,null,"中"],"b":1}'
    data = {"valid_from": "2026-01-01", "body": {}}
    note(stream="kind:toy", event=Event("KindRevised", timezone.now(), "test", "", data), at=timezone.now())
    assert differences("kind") == []


def test_receipts_do_not_show_what_was_written_but_the_chain_vouches_for_it(d: District) -> None:
    Unit.objects.filter(code="cgj").update(sector="geheim")
    tell("unit:cgj")
    event = Recorded.objects.filter(stream="unit:cgj").order_by("-seq")[0]
    assert "geheim" not in event.body
    assert "geheim" in event.effect
    assert not [b for b in verify() if isinstance(b, Broken)]
    triggers.remove()
    try:
        Recorded.objects.filter(pk=event.pk).update(effect=event.effect.replace("geheim", "erlaubt"))
        assert [(b.stream, b.seq) for b in verify() if isinstance(b, Broken)] == [("unit:cgj", event.seq)]
        Recorded.objects.filter(pk=event.pk).update(effect=None)
        assert [(b.stream, b.seq) for b in verify() if isinstance(b, Broken)] == [("unit:cgj", event.seq)]
    finally:
        triggers.install()
