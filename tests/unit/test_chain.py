from __future__ import annotations

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from bihuan.kernel.domain.chain import GENESIS, canonical, link

KEYS = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=6)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_it_is_rfc_8785(value) -> None:
    assert canonical(value).encode() == rfc8785.dumps(value)


@pytest.mark.parametrize("bad", [{"a": 1.5}, {"a": [2**53]}, {"a": {1: 2}}, {"a": {"😀": 1}}, {"a": b"x"}])
def test_what_has_no_single_form_is_refused_with_its_place(bad) -> None:
    with pytest.raises(TypeError, match=r"\$\.a"):
        canonical(bad)


def test_a_link_depends_on_everything_before() -> None:
    one = link(GENESIS, "a")
    assert link(one, "b") != link(GENESIS, "b") != link(one, "c")
    assert len(one) == 64
