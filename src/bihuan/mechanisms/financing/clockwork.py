"""What time alone brings: answers of banks that come near their last day or pass it; buildings that will be late. The worker does this."""

from __future__ import annotations

from datetime import datetime

from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.state import Event
from bihuan.kernel.ledger.services import note, once
from bihuan.kernel.orgs.selectors import carriers

from . import streams
from .catalogue import course
from .models import File, Push
from .selectors import OFFICE, books

CLOCK = "clock"


def warn(*, now: datetime) -> int:
    """Tell the bank once before an answer is due, and bank and office once after; how many were told."""
    today = local_day(now)
    near = calendar_for().add(today, course().clock.warn)
    office = min(carriers(OFFICE), default="")
    told = 0
    for p in Push.objects.filter(due__lte=near, ended=None).select_related("file__subject", "bank"):
        assert p.due is not None
        over = p.due < today
        data = {
            "due": p.due.isoformat(), "over": over, "title": p.file.subject.name, "confidential": True,
            "tell": sorted({p.bank.code, office} - {""}) if over else [p.bank.code],
        }  # fmt: skip
        event = Event("AnswerDue", now, CLOCK, p.bank.code, data)
        told += note(stream=streams.of_push(p), event=event, at=now, token=once(f"answer:{p.code}:{p.due}:{over}"))
    return told


def deliveries(*, now: datetime) -> int:
    """Tell office and developer once a month of each building that will be late, and of money that will not last; how many."""
    today = local_day(now)
    office = min(carriers(OFFICE), default="")
    told = 0
    rows = File.objects.exclude(state__in=("out", "closed", "delivered")).select_related(
        "subject__territory", "developer"
    )
    for b in books(rows):
        red = [x.name for x in b.buildings(today) if x.light == "red"]
        money = b.funds(today)
        if money is not None and money.light == "red":
            red.append("")
        for name in red:
            data = {
                "building": name, "title": f"{b.file.subject.name} {name}".strip(), "confidential": True,
                "tell": sorted({office, b.file.developer.code} - {""}),
            }  # fmt: skip
            event = Event("DeliveryWarned", now, CLOCK, office, data)
            token = once(f"delivery:{b.file.code}:{name}:{today:%Y-%m}")
            told += note(stream=streams.of_file(b.file), event=event, at=now, token=token)
    return told
