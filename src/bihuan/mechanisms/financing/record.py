"""Whether rows say what their events told people, and stand where those lead: the amounts that a receipt shows are those of the page."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

from bihuan.kernel.domain.refusal import N_
from bihuan.kernel.ledger.models import Event as Recorded
from bihuan.kernel.ledger.selectors import end, happened
from bihuan.kernel.registry.streams import Contradiction

from . import streams
from .lists import stood_by_ledger
from .models import Figure, File, Step

OTHERWISE = N_("the rows say otherwise than what its events told")
ELSEWHERE = N_("the row stands elsewhere than its steps lead")
LOOKS = 5
Found = dict[tuple[str, str], Contradiction]
"""By stream and table."""
STEPS, FIGURES, FILES = (m._meta.db_table for m in (Step, Figure, File))


def contradictions() -> Iterator[Contradiction]:
    """Every step and figure that was told stands so in a row; every file stands where its events lead.

    People go on working meanwhile: what is suspected is looked at again until nobody writes to it between two looks.
    """
    found = {**_untold(), **_strayed()}
    for _look in range(LOOKS):
        if not found:
            return
        before = {stream: end(stream) for stream, _ in found}
        again = {**_untold(), **_strayed()}
        found = {k: c for k, c in again.items() if k in found}
        if all(end(stream) == before[stream] for stream, _ in found):
            break
    yield from found.values()


def _untold() -> Found:
    """Streams that told of steps or figures which no row holds."""
    told: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    rows = Recorded.objects.filter(stream__regex=r"^(financing|push|duty):").order_by()
    for stream, body in rows.values_list("stream", "body").iterator(chunk_size=2_000):
        e = happened(body)
        if e.type == "FinancingTold":
            told[stream, FIGURES].update(_text(e.data["day"], e.data["source"], *v) for v in e.data["values"])
        elif e.type.startswith("Financing."):
            what, d = e.type.partition(".")[2], e.data
            if what == "duty":  # older editions told it in the stream of the push
                stream = f"duty:{stream.partition(':')[2]}"
            told[stream, STEPS][_text(what, d["day"], d["amount"], d["data"], e.by, e.unit)] += 1
    have: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for s in Step.objects.select_related("file", "push", "unit").iterator(chunk_size=2_000):
        line = _text(s.what, s.day.isoformat(), s.amount, s.data, s.person, s.unit.code)
        have[streams.of_step(s), STEPS][line] += 1
    for f in Figure.objects.select_related("file").iterator(chunk_size=2_000):
        have[streams.of_figure(f), FIGURES][_text(f.day.isoformat(), f.source, f.key, f.part, f.value)] += 1
    return {
        (stream, table): Contradiction(stream, table, "", "", OTHERWISE)
        for (stream, table), lines in told.items()
        if lines - have[stream, table]
    }


def _text(*parts: Any) -> str:
    return json.dumps(parts, ensure_ascii=False, sort_keys=True)


def _strayed() -> Found:
    """Files whose row stands elsewhere than their events lead."""
    standings, _flats = stood_by_ledger(date.max)
    found: Found = {}
    for file in File.objects.filter(code__in=standings):
        s = standings[file.code]
        stream = streams.of_file(file)
        if (file.state, file.treatment) != (s.state, s.treatment):
            found[stream, FILES] = Contradiction(stream, FILES, str(file.pk), "state", ELSEWHERE)
    return found
