"""The check that finds days taken in UTC: every way of it, and none of the innocent ones."""

from __future__ import annotations

import pytest

from tools.moments import NAIVE, ROOT, utc_days

BAD = [
    "now.date()",
    "self.at.date()",
    "timezone.now().date()",
    "(world.now + timedelta(days=3)).date()",
    "datetime.fromisoformat(text).date()",
    "datetime.date(now)",
    "row.closed_at.year",
    "now.strftime('%d')",
    "f'{row.at:%Y-%m-%d}'",
    "posts_on(now.date()).filter(unit=unit)",
    "[x.raised_at.weekday() for x in rows]",
]
INNOCENT = [
    "local_day(now)",
    "now.astimezone(ZONE).date()",
    "datetime.now(ZONE).date()",
    "timezone.localtime(row.at).date()",
    "datetime.strptime(text, '%Y-%m-%d').date()",
    "datetime.date(2026, 1, 1)",
    "day.year",
    "local_day(now).year",
    "f'{day:%Y-%m-%d}'",
    "f'{now}'",
    "request.GET.get('date')",
    "form.date",
    "now.replace(microsecond=0)",
]


@pytest.mark.parametrize("text", BAD)
def test_a_day_in_utc_is_found(text: str) -> None:
    [line] = utc_days("src/bihuan/x.py", f"\ndef f():\n    return {text}\n")
    assert line.startswith("src/bihuan/x.py:3: ")


@pytest.mark.parametrize("text", INNOCENT)
def test_what_is_local_or_no_moment_is_left_alone(text: str) -> None:
    assert utc_days("src/bihuan/x.py", f"\ndef f():\n    return {text}\n") == []


def test_every_exception_is_still_one() -> None:
    """A function that no longer takes a naive day leaves the list."""
    for (name, function), why in NAIVE.items():
        text = (ROOT / name).read_text("utf-8")
        assert why
        assert utc_days(name, text) == []
        [line] = utc_days("src/elsewhere.py", text)
        assert f"def {function}(" in text
        assert ".date()" in line
