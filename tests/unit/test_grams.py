"""Bigrams: whatever a substring search finds has every gram that is asked for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bihuan.kernel.search.grams import MAX_WORDS, document, grams, needed, plain, words

chinese = st.text(st.sampled_from("消防通道堵塞整改 A12-3丙䶮𠮷é.\n"), max_size=30)


@given(chinese, chinese, st.integers(0, 30), st.integers(1, 6))
def test_every_part_of_a_document_has_its_grams_in_it(a: str, b: str, start: int, length: int) -> None:
    text = document([a, b])
    part = text[start : start + length]
    if part and "\n" not in part:
        assert needed(part) <= grams(text)


def test_words_are_folded_and_bounded() -> None:
    assert words("  消防,通道、a12-3 消防 ") == ["消防", "通道", "a12-3"]
    assert len(words(" ".join(str(i) for i in range(99)))) == MAX_WORDS
    assert words("   \t") == []
    assert plain("消 防\0通\n道") == "消防通道"


def test_no_word_goes_across_fields() -> None:
    assert "道堵" not in grams(document(["消防通道", "堵塞"]))
