"""Taking rows that no event decided into the record as they stand: once, when a database comes from an edition that did not record them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from django.db import transaction

from bihuan.kernel.domain.refusal import N_, Refused, need
from bihuan.kernel.domain.state import Event
from bihuan.kernel.registry.streams import kinds
from bihuan.kernel.registry.written import remember

from .proving import Reader, Tally, batches
from .services import note

BATCH = 500


@transaction.atomic
def adopt(*, by: str, reason: str, at: datetime) -> int:
    """Record every row that has no event yet, with one event for each stream, in the name of `by`; how many rows.

    What was changed before that moment cannot be told from what was right: the event says since when the rows are proven.
    Refused without a reason. Rows that contradict events are left: `rebuild` puts those right.
    """
    need(reason, "reason")
    adopted: Counter[str] = Counter()
    for kind in kinds:
        known: dict[str, set[str]] = {t.name: set() for t in kind.tables}
        tally = Tally()
        for batch, _ in batches(kind, tally):
            for name, rows in batch.items():
                known[name] |= set(rows)
        if tally.unfolded:
            raise Refused(
                N_("%(stream)s cannot be folded: %(why)s"), stream=tally.unfolded[0][0], why=tally.unfolded[0][1]
            )
        for table in kind.tables:
            if not table.captured:
                continue
            fresh = [k for k in Reader(table).every_key() if k not in known[table.name]]
            for begin in range(0, len(fresh), BATCH):
                found = list(table.model._base_manager.filter(pk__in=fresh[begin : begin + BATCH]))
                remember(found)
                adopted.update(table.stream(row) for row in found)
    for stream, n in sorted(adopted.items()):
        note(stream=stream, event=Event("RowsAdopted", at, by, "", {"reason": reason.strip(), "rows": n}), at=at)
    return sum(adopted.values())
