"""What the groups of commands share."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from bihuan.kernel.domain.workdays import Workdays

ROOT = Path(__file__).resolve().parents[3]


class IsoDate(click.ParamType[date]):
    """A date such as 2026-12-28."""

    name = "YYYY-MM-DD"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no date; write it as 2026-12-28", param, ctx)


def shipped_calendar() -> Workdays:
    """The calendar of the catalogue's notices, without a database."""
    from bihuan.kernel.calendars import rules

    return rules.calendar_of(rules.shipped(ROOT / "catalogue" / "holidays"))
