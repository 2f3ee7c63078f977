"""What must hold of assessments besides: results and scores against the hashes and figures that were announced."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from bihuan.kernel.domain.refusal import N_
from bihuan.kernel.ledger.models import Event as Recorded
from bihuan.kernel.ledger.selectors import happened
from bihuan.kernel.registry.streams import Contradiction

from .models import Assessment, Score
from .services import digest

SAID = ("ResultAnnounced", "AppealDecided", "ResultFinal", "ScoreTaken")
YEAR = "year"
"""Stands for the period of the whole year among the hashes of one assessment."""


def contradictions() -> Iterator[Contradiction]:
    """Every result that is not the one announced last, every score that was taken from something else than what was hashed, and kept
    figures that are not those of the announcement. What was never announced or hashed has only its events."""
    results, hashes = _recorded()
    for a in Assessment.objects.prefetch_related("scores").iterator(chunk_size=500):
        scores = {s.period: s for s in a.scores.all()}
        for column in ("total", "level"):
            if a.pk in results and getattr(a, column) != results[a.pk][column]:
                yield _of(a.pk, a, column, N_("the result is not the one that was announced last"))
        for period, score in scores.items():
            hashed = hashes[a.pk].get(YEAR if period == str(a.year) else period)
            if hashed is not None and digest(score.body) != hashed:
                yield _of(a.pk, score, "body", N_("what the score was taken from is not what was hashed"))
        year = scores.get(str(a.year))
        if YEAR in hashes[a.pk] and (year is None or year.body.get("facts") != a.facts):
            yield _of(a.pk, a, "facts", N_("the figures are not those of the announcement"))


def _of(assessment: int, row: Assessment | Score, column: str, message: str) -> Contradiction:
    return Contradiction(f"assessment:{assessment}", row._meta.db_table, str(row.pk), column, message)


def _recorded() -> tuple[dict[int, dict[str, Any]], dict[int, dict[str, str]]]:
    """Of every assessment its result as it was said last, and the hashes of its scores by period."""
    results: dict[int, dict[str, Any]] = {}
    hashes: dict[int, dict[str, str]] = defaultdict(dict)
    rows = Recorded.objects.filter(stream__startswith="assessment:", type__in=SAID).order_by("stream", "seq")
    for stream, body in rows.values_list("stream", "body").iterator(chunk_size=2_000):
        event, pk = happened(body), int(stream.partition(":")[2])
        if event.type == "ScoreTaken":
            hashes[pk][event.data["period"]] = event.data["digest"]
            continue
        results[pk] = event.data
        if event.type == "ResultAnnounced":
            hashes[pk][YEAR] = event.data["digest"]
    return results, hashes
