"""What the room of administration says of itself."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N

from bihuan.kernel.domain import state
from bihuan.kernel.domain.state import Event
from bihuan.kernel.registry import duties, events, streams
from bihuan.kernel.registry.events import EventType, Names
from bihuan.kernel.registry.streams import StreamKind, for_audit
from bihuan.kernel.registry.words import moment

from .models import DeniedCount
from .refused import settle


def _first(e: Event, names: Names) -> list[str]:
    return [f"{e.data.get('deed', e.data.get('method', ''))} {e.data['path']}", str(e.data["status"])]


def _total(e: Event, names: Names) -> list[str]:
    said = _("%(n)s times within the hour from %(when)s")
    return [e.data["deed"], said % {"n": e.data["n"], "when": moment(state.moment(e.data["hour"]))}]


TYPES = (
    EventType(
        "Denied", N("was refused"), {"deed?": "code", "method?": "code", "path": "text", "status": "int"}, tone="bad", notes=_first
    ),
    EventType(
        "DeniedOften", N("was refused again and again"), {"deed": "code", "hour": "moment", "n": "int", "last": "moment"}, tone="bad",
        notes=_total,
    ),
)  # fmt: skip


def register() -> None:
    """Events and streams."""
    events.register(*TYPES)
    streams.leave_out(N("counted for an hour; the total is an event"), DeniedCount)
    duties.register(
        duties.Duty(
            "denied", N("writing down how often acts were refused"), settle, every=timedelta(minutes=5), order=80
        )
    )
    streams.register(
        StreamKind("denied", N("refused acts"), seen=for_audit(N("refused acts"))),
    )
