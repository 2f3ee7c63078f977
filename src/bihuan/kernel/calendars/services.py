"""Loading notices of holidays and declaring closures. Open matters are re-clocked by `matters.services.reclock`."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.refusal import N_, Refused, need
from bihuan.kernel.domain.state import Event
from bihuan.kernel.ledger.services import note
from bihuan.kernel.orgs.models import Territory

from . import rules, selectors
from .models import HolidayNotice


@transaction.atomic
def notice_load(*, notice: rules.NoticeFile, actor: str, at: datetime) -> HolidayNotice:
    """Load a notice. A later notice for the same year overrides day by day; the same notice twice is Refused."""
    if HolidayNotice.objects.filter(year=notice.year, number=notice.number, territory=None).exists():
        raise Refused(N_("The notice %(number)s is loaded already."), field="notice", number=notice.number)
    row = HolidayNotice.objects.create(
        year=notice.year, number=notice.number, issued=notice.issued, days_off=dict(notice.days_off),
        makeup_days=dict(notice.makeup_days), loaded_by=actor, loaded_at=at,
    )  # fmt: skip
    note(stream=f"calendar:{row.pk}", event=Event("NoticeLoaded", at, actor, "", _told(row)), at=at)
    selectors.forget()
    return row


def _told(row: HolidayNotice) -> dict[str, Any]:
    return {
        "year": row.year, "number": row.number, "issued": row.issued.isoformat(), "days_off": row.days_off,
        "makeup_days": row.makeup_days,
    }  # fmt: skip


@transaction.atomic
def closure_declare(
    *, territory: Territory, first: date, last: date, reason: str, actor: str, at: datetime
) -> HolidayNotice:
    """A closure that one territory declares (heavy snow, flood): it moves only the clocks of that territory."""
    need(reason, "reason")
    days = {d.isoformat(): reason for d in rules.span(first, last)}
    row = HolidayNotice.objects.create(
        year=first.year, number=reason.strip()[:120], issued=local_day(at), days_off=days, makeup_days={}, territory=territory,
        loaded_by=actor, loaded_at=at,
    )  # fmt: skip
    told = {**_told(row), "territory": territory.code}
    note(stream=f"calendar:{row.pk}", event=Event("ClosureDeclared", at, actor, "", told), at=at)
    selectors.forget()
    return row


def notices_ship(*, folder: Path, at: datetime) -> int:
    """Load the catalogue's notices that are not loaded yet; how many were."""
    known = set(HolidayNotice.objects.filter(territory=None).values_list("year", "number"))
    fresh = [n for n in rules.shipped(folder) if (n.year, n.number) not in known]
    for notice in fresh:
        notice_load(notice=notice, actor="catalogue", at=at)
    return len(fresh)
