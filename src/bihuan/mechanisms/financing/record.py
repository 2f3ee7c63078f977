"""Whether files, steps and figures are what the ledger says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bihuan.kernel.ledger.models import Event as Recorded
from bihuan.kernel.ledger.selectors import happened

from .models import File
from .selectors import book
from .services import stream_of


def differences() -> Iterator[str]:
    """A sentence for every file whose steps, figures or fold differ from the ledger."""
    told: dict[str, list[Any]] = {}
    spoken: dict[str, list[list[str]]] = {}
    rows = (
        Recorded.objects.filter(stream__regex=r"^(financing|push):")
        .order_by("stream", "seq")
        .values_list("stream", "body")
    )
    for stream, body in rows:
        e = happened(body)
        if e.type == "FinancingTold":
            spoken.setdefault(stream, []).extend([e.data["day"], *v] for v in e.data["values"])
        elif e.type.startswith("Financing."):
            told.setdefault(stream, []).append(
                (e.type.partition(".")[2], e.data["day"], e.data["amount"], e.data["data"])
            )
    for file in File.objects.prefetch_related("steps__push", "figures", "pushes"):
        have: dict[str, list[Any]] = {}
        for s in file.steps.all():
            have.setdefault(stream_of(file, s.push), []).append((s.what, s.day.isoformat(), s.amount, s.data))
        for stream, steps in have.items():
            if steps != told.get(stream):
                yield f"{stream}: its steps are {steps!r}, its events say {told.get(stream)!r}"
        stream = stream_of(file, None)
        kept = [[f.day.isoformat(), f.key, f.part, f.value] for f in sorted(file.figures.all(), key=lambda f: f.pk)]
        if kept != spoken.get(stream, []):
            yield f"{stream}: its figures differ from its events"
        standing = book(file).standing
        if (file.state, file.treatment) != (standing.state, standing.treatment):
            yield f"{stream}: state is {file.state}, its steps say {standing.state}"
