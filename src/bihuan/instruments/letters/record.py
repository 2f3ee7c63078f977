"""Whether letters are what their events say."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from bihuan.kernel.ledger.models import Event as Recorded
from bihuan.kernel.ledger.selectors import happened

from .models import Letter
from .rules import digest
from .services import head_of

STATES = {"LetterDrafted": "draft", "LetterOffered": "offered", "LetterHolds": "signed", "LetterWithdrawn": "withdrawn"}


def folded() -> dict[int, dict[str, Any]]:
    """Of every letter its state, version, digest and signatures (side, version, digest), as its events say."""
    found: dict[int, dict[str, Any]] = {}
    rows = Recorded.objects.filter(stream__startswith="letter:").order_by("stream", "seq").values_list("stream", "body")
    for stream, group in groupby(rows.iterator(2_000), key=lambda r: r[0]):
        told: dict[str, Any] = {"signed": set()}
        for _stream, body in group:
            event = happened(body)
            told["state"] = STATES.get(event.type, told.get("state"))
            if event.type == "LetterReworded" and told["state"] == "signed":
                told["state"] = "offered"
            if event.type in ("LetterDrafted", "LetterReworded"):
                told |= {"version": event.data["version"], "digest": event.data["digest"]}
            if event.type == "LetterSigned":
                told["signed"].add((event.data["side"], event.data["version"], event.data["digest"]))
        found[int(stream.partition(":")[2])] = told
    return found


def differences() -> Iterator[str]:
    """A sentence for every letter whose row, wording or signatures differ from its events."""
    known = folded()
    for letter in Letter.objects.select_related("batch__issuer").prefetch_related("signatures"):
        told = known.get(letter.pk, {})
        have = {
            "state": letter.state, "version": letter.version, "digest": letter.digest,
            "signed": {(s.side, s.version, s.digest) for s in letter.signatures.all()},
        }  # fmt: skip
        for name, value in have.items():
            if told.get(name) != value:
                yield f"letter:{letter.pk}: {name} is {value!r}, its events say {told.get(name)!r}"
        if digest(head_of(letter), letter.body) != letter.digest:
            yield f"letter:{letter.pk}: the wording is not the one whose hash stands in the record"
