"""Every type of event ever written keeps its meaning, holds what it says it holds, and reads in words in both languages."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.utils import timezone, translation

from bihuan.kernel.domain.state import Event
from bihuan.kernel.registry import events
from bihuan.kernel.registry.events import EventType, UnknownEvent, check, types
from bihuan.web.surface.history import history

from ..support import DATA, District

GOLDEN: dict[str, dict[str, Any]] = json.loads((DATA / "event-types.json").read_text("utf-8"))


def test_no_type_that_was_ever_written_is_forgotten_and_no_key_changes_its_meaning() -> None:
    for name, entry in GOLDEN.items():
        assert name in types, f"{name}: old records could not be read"
        now = types[name].data
        assert now is not None
        for key, shape in entry["data"].items():
            plain = key.removesuffix("?")
            assert now.get(key, now.get(f"{plain}?")) == shape, f"{name}.{key}: another meaning needs another key"
        for key in now:
            told = {k.removesuffix("?") for k in entry["data"]}
            assert key.removesuffix("?") in told or key.endswith("?"), (
                f"{name}.{key}: old records lack it, so it is optional"
            )


def test_every_type_and_key_stands_in_the_golden_file() -> None:
    for name, kind in types.items():
        assert name in GOLDEN, f"{name}: run the suite with BIHUAN_GOLDEN=FOLDER, then tools/golden.py FOLDER"
        assert {k.removesuffix("?") for k in kind.data or {}} == {k.removesuffix("?") for k in GOLDEN[name]["data"]}, (
            name
        )


def test_every_old_record_still_holds_what_its_type_says() -> None:
    assert [name for name, entry in GOLDEN.items() if entry["sample"] is None] == []
    for name, entry in GOLDEN.items():
        check(name, entry["sample"])


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_event_reads_in_words(d: District, language: str) -> None:
    with translation.override(language):
        for name, entry in GOLDEN.items():
            [told] = history([Event(name, timezone.now(), "cgj1", "cgj", entry["sample"])])
            words = str(told.verb)
            assert words, name
            assert words != name
            assert not re.search(r"[A-Z][a-z]+[A-Z]|Financing\.", words), f"{name} reads as its code name"
            assert bool(re.search(r"[一-鿿]", words)) == (language == "zh-hans"), f"{name}: {words}"
            for note in told.notes:
                assert isinstance(note, str), name
                assert note, name
            kind = types[name]
            assert bool(kind.why) <= bool(str(kind.said)), f"{name} is told to units without words"


@pytest.fixture
def promise() -> Any:
    """A type of its own."""
    events.register(
        EventType("ToyPromised", "promised", {"day": "date", "n": "int", "by": "[unit]", "why?": "text|null"})
    )
    yield check
    types.remove("ToyPromised")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"day": "2026-13-01", "n": 1, "by": []}, "day should be date"),
        ({"day": "2026-12-01", "n": True, "by": []}, "n should be int"),
        ({"day": "2026-12-01", "n": 1, "by": [3]}, "by should be"),
        ({"day": "2026-12-01", "n": 1}, "by is missing"),
        ({"day": "2026-12-01", "n": 1, "by": [], "more": 1}, "nobody registered what 'more' holds"),
    ],
)
def test_data_that_are_not_what_the_type_says_are_refused(promise: Any, data: dict[str, Any], why: str) -> None:
    with pytest.raises(UnknownEvent, match=re.escape(why)):
        promise("ToyPromised", data)
    promise("ToyPromised", {"day": "2026-12-01", "n": 1, "by": ["cgj"], "why": None})


def test_an_unregistered_type_or_stream_is_never_written(d: District) -> None:
    from bihuan.kernel.ledger.services import note

    event = Event("NobodySaidThis", timezone.now(), "cgj1", "cgj", {})
    with pytest.raises(UnknownEvent, match="NobodySaidThis"):
        note(stream="unit:cgj", event=event, at=timezone.now())
    known = Event("AccountLocked", timezone.now(), "cgj1", "", {})
    with pytest.raises(UnknownEvent, match="nowhere:1"):
        note(stream="nowhere:1", event=known, at=timezone.now())
