"""What must hold of letters besides: their wordings against the hashes that were recorded and signed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from bihuan.kernel.domain.refusal import N_
from bihuan.kernel.ledger.models import Event as Recorded
from bihuan.kernel.ledger.selectors import happened
from bihuan.kernel.registry.streams import Contradiction

from .models import Letter, Signature
from .rules import digest
from .services import head_of

HASHED = ("LetterDrafted", "LetterReworded", "LetterScanned")


def contradictions() -> Iterator[Contradiction]:
    """Every letter whose wording, paper or signature is not the one whose hash was recorded.

    The hash of a version stands for head and wording as they are, for the letter that keeps it, and for
    whoever signed that version; a paper's hash is that of the file that was brought last. Letters without a recorded hash have no events.
    """
    worded, papers = _recorded()
    for letter in Letter.objects.select_related("batch").prefetch_related("signatures").iterator(chunk_size=500):
        if letter.pk not in worded:
            continue
        versions = worded[letter.pk]
        recorded = versions.get(letter.version)
        if recorded != digest(head_of(letter), letter.body):
            yield _of(letter.pk, letter, "body", N_("the wording is not the one whose hash was recorded"))
        if recorded != letter.digest:
            yield _of(letter.pk, letter, "digest", N_("the hash is not the one that was recorded with the wording"))
        if letter.scan_id != papers.get(letter.pk):
            yield _of(letter.pk, letter, "scan_id", N_("the signed paper is not the one whose hash was recorded"))
        for signature in letter.signatures.all():
            if signature.digest != versions.get(signature.version):
                yield _of(letter.pk, signature, "digest", N_("what was signed is not the wording of that version"))


def _of(letter: int, row: Letter | Signature, column: str, message: str) -> Contradiction:
    return Contradiction(f"letter:{letter}", row._meta.db_table, str(row.pk), column, message)


def _recorded() -> tuple[dict[int, dict[int, str]], dict[int, str]]:
    """Of every letter the hash of each version of its wording, and of the paper that was brought last, as its events say."""
    worded: dict[int, dict[int, str]] = defaultdict(dict)
    papers: dict[int, str] = {}
    rows = Recorded.objects.filter(stream__startswith="letter:", type__in=HASHED).order_by("stream", "seq")
    for stream, body in rows.values_list("stream", "body").iterator(chunk_size=2_000):
        pk, event = int(stream.partition(":")[2]), happened(body)
        if event.type == "LetterScanned":
            papers[pk] = event.data["file"]
        else:
            worded[pk][event.data["version"]] = event.data["digest"]
    return worded, papers
