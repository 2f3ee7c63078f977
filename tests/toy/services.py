"""The only writers of the toy."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.state import Event
from bihuan.kernel.ledger.services import note
from bihuan.kernel.orgs.models import Unit

from .models import Vow


@transaction.atomic
def vow_make(*, viewer: Viewer, unit: Unit, text: str, until: date, at: datetime) -> Vow:
    """A unit vows something."""
    row = Vow.objects.create(unit=unit, text=text, until=until)
    data = {"unit": unit.code, "text": text, "until": until.isoformat(), "title": text, "tell": [unit.code]}
    note(stream=f"toy:{row.pk}", event=Event("VowMade", at, viewer.person.username, unit.code, data), at=at)
    return row


def vows_keep(now: datetime) -> int:
    """What the worker does: vows whose day has come count as kept."""
    done = 0
    for row in Vow.objects.filter(kept=False, until__lte=now.date()):
        with transaction.atomic():
            row.kept = True
            row.save(update_fields=["kept"])
            note(
                stream=f"toy:{row.pk}",
                event=Event("VowKept", now, "clock", row.unit.code, {"unit": row.unit.code}),
                at=now,
            )
        done += 1
    return done
