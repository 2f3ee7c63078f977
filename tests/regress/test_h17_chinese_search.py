"""H17 (thedotmack/claude-mem#3810, NousResearch/hermes-agent#16651, tommy0103/obelisk#76, garrytan/gbrain#3898,
block/buzz#7025): a sentence is one token, trigrams cannot answer two characters and drop short words beside long ones.

Kind: words without spaces. The answer is that of a substring search, for every length, on both databases.
"""

from __future__ import annotations

import pytest

from bihuan.kernel.matters import finding
from bihuan.kernel.matters.models import Matter

from ..support import District

pytestmark = pytest.mark.django_db
TEXT = "郑东新区商都路消防通道堵塞整改A12-3"


@pytest.mark.parametrize("settled", [False, True])
def test_every_part_of_the_text_is_found_and_nothing_else(d: District, at, settled: bool) -> None:
    m = d.raised(title=TEXT)
    while settled and finding.settle():
        pass
    client = at("leader")

    def hit(words: str) -> bool:
        return f"/matters/{m.number}/" in client.get("/matters/", {"text": words}).content.decode()

    for query in ("消防", "消防通道", "消防 通道", "A12-3", "a12-3", "郑", "3", "堵塞整改A1"):
        assert hit(query), query
    for query in ("消防通道 不存", "不存", "通道消防", "A12-4", "道消"):
        assert not hit(query), query
    parts = {TEXT[i : i + n] for n in (1, 2, 3, 5) for i in range(len(TEXT) - n + 1)}
    for part in parts:
        found = [x.number for x in finding.newest(Matter.objects.all(), part, 9)]
        assert found == [m.number], part
