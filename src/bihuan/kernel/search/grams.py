"""Text as it is searched: one and two characters at a time. Pure.

Neither unicode61 (a sentence is one word) nor trigrams (two characters find nothing) serve Chinese, so every document
is indexed by each character and each pair of neighbours; a longer word must hold all its pairs and is then looked for
in the text itself, so the answer is exactly that of a substring search.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from itertools import pairwise

MAX_WORDS = 8
BREAK = "\n"
"""Stands between the fields of a document; no word goes across it."""


def plain(text: str) -> str:
    """Text as it is compared: NFKC, no capitals, no white space, no NUL."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(folded.replace("\0", "").split())


def document(fields: Iterable[str]) -> str:
    """The searchable text of several fields."""
    return BREAK.join(p for p in map(plain, fields) if p)


def words(query: str) -> list[str]:
    """The words of a query, all of which must be found; white space separates them, and the full-width comma too."""
    found = [plain(w) for w in query.replace(",", " ").replace("、", " ").split()]
    return list(dict.fromkeys(w for w in found if w))[:MAX_WORDS]


def grams(text: str) -> set[str]:
    """Each character and each pair of neighbours within a field."""
    found = set(text)
    for field in text.split(BREAK):
        found.update(a + b for a, b in pairwise(field))
    found.discard(BREAK)
    return found


def needed(word: str) -> set[str]:
    """The grams that a document must have to hold a word."""
    return {a + b for a, b in pairwise(word)} if len(word) > 1 else {word}
