"""What the ledger says of itself."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N

from bihuan.kernel.domain.state import Event
from bihuan.kernel.registry import duties, events, streams
from bihuan.kernel.registry.events import EventType, Names
from bihuan.kernel.registry.models import DutyRun
from bihuan.kernel.registry.streams import StreamKind, for_audit

from . import checkpoints


def _rows(e: Event, names: Names) -> list[str]:
    return [_("%(n)s rows") % {"n": e.data["rows"]}]


def _keys(e: Event, names: Names) -> list[str]:
    return [f"{e.data['old']} → {e.data['new']}"]


def _sizes(e: Event, names: Names) -> list[str]:
    return [_("kept: %(kept)s events; here: %(here)s") % {"kept": e.data["kept_size"], "here": e.data["size"]}]


def sign(now: datetime) -> int:
    """Make a checkpoint when one is due; how many events it covers, 0 when none was."""
    if not checkpoints.due(now):
        return 0
    head = checkpoints.make(at=now)
    return head.size if head else 0


def register() -> None:
    """Events and duties of the ledger."""
    events.register(
        EventType(
            "RowsAdopted",
            N("took rows as they stood into the record"),
            {"reason": "text", "rows": "int"},
            notes=_rows,
            text="reason",
        ),
        EventType(
            "ClockAccepted", N("said that the clock is right"), {"seen": "moment|null", "now": "moment", "reason": "text"}, text="reason"
        ),
        EventType(
            "LedgerKeyChanged", N("changed the key that signs the record"), {"old": "str", "new": "str", "reason": "text"},
            tone="bad", notes=_keys, text="reason",
        ),
        EventType(
            "LedgerAccepted", N("took over a record that does not continue the kept checkpoint"),
            {"kept_size": "int", "kept_root": "hash", "size": "int", "root": "hash", "reason": "text"},
            tone="bad", notes=_sizes, text="reason",
        ),
    )  # fmt: skip
    streams.register(StreamKind("clock", N("the clock of the worker"), seen=for_audit(N("the clock of the worker"))))
    streams.register(
        StreamKind(
            "ledger",
            N("the record's own key and checkpoints"),
            seen=for_audit(N("the record's own key and checkpoints")),
        )
    )
    streams.leave_out(N("how the duties of the worker went; nobody decides by it"), DutyRun)
    duties.register(duties.Duty("checkpoint", N("signing the record"), sign, order=95))
