"""Whether results and taken scores are what their events say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bihuan.kernel.ledger.models import Event as Recorded
from bihuan.kernel.ledger.selectors import happened

from .models import Assessment
from .services import digest


def differences() -> Iterator[str]:
    """A sentence for every result, kept fact or taken score that differs from its events."""
    results: dict[int, dict[str, Any]] = {}
    scores: dict[tuple[int, str], dict[str, Any]] = {}
    wanted = ("ResultAnnounced", "AppealDecided", "ResultFinal", "ScoreTaken")
    rows = Recorded.objects.filter(stream__startswith="assessment:", type__in=wanted).order_by("stream", "seq")
    for stream, body in rows.values_list("stream", "body"):
        event, pk = happened(body), int(stream.partition(":")[2])
        if event.type == "ScoreTaken":
            scores[pk, event.data["period"]] = event.data
            continue
        results[pk] = {**results.get(pk, {}), **event.data}
    for a in Assessment.objects.prefetch_related("scores"):
        told = results.get(a.pk, {})
        for name in ("total", "level"):
            if (getattr(a, name) or None) != told.get(name):
                yield f"assessment:{a.pk}: {name} is {getattr(a, name)!r}, its events say {told.get(name)!r}"
        for score in a.scores.all():
            entry = scores.get((a.pk, score.period), told if score.period == str(a.year) else {})
            if digest(score.body) != entry.get("digest"):
                yield f"assessment:{a.pk}: the score of {score.period} is not the one whose hash stands in the record"
        year = next((s for s in a.scores.all() if s.period == str(a.year)), None)
        if a.facts is not None and (year is None or year.body["facts"] != a.facts):
            yield f"assessment:{a.pk}: its facts are not those of the announcement"
