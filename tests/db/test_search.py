"""Finding in Chinese, on both databases alike, and only within what the viewer may see."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bihuan.kernel.domain import commands as c
from bihuan.kernel.files.filing import subject_change
from bihuan.kernel.matters import finding
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.selectors import visible_to
from bihuan.kernel.search.grams import document, words
from bihuan.kernel.search.index import Index

from ..support import District

pytestmark = pytest.mark.django_db
TITLE = "郑东新区商都路消防通道堵塞整改(A12-3)"


def found(d: District, query: str, who: str = "leader") -> list[int]:
    return [m.number for m in finding.newest(visible_to(d.viewer(who)), query, 51)]


@pytest.fixture(params=["fresh", "settled"])
def settle(request):
    """Every answer must be the same before and after the worker has entered the grams."""

    def settled() -> None:
        while request.param == "settled" and finding.settle():
            pass

    return settled


@pytest.mark.parametrize(
    "query", ["消防", "消防通道", "消防 通道", "A12-3", "a12-3", "A12-3 商都", "改", "(a12", "东微电子"]
)
def test_what_is_there_is_found(d: District, settle, query: str) -> None:
    m = d.raised(title=TITLE)
    settle()
    assert found(d, query) == [m.number]


@pytest.mark.parametrize(
    "query", ["消防通道 不存", "消道", "通道消防", "堵塞整改郑", "A123", "%", "_", '"', "'", "*", "消防 OR 不存"]
)
def test_what_is_not_there_is_not_found(d: District, settle, query: str) -> None:
    d.raised(title=TITLE)
    settle()
    assert found(d, query) == []


def test_signs_are_found_as_themselves(d: District, settle) -> None:
    m = d.raised(title='100%完成_"引号"*\'')
    settle()
    for query in ("%完", "_", '"引', "*'", "100%"):
        assert found(d, query) == [m.number], query


def test_units_and_places_are_found(d: District, settle) -> None:
    m = d.assigned(lead="cgj", supporting=("jsj",))
    settle()
    assert found(d, "城市管理局 建设局 道路") == [m.number]
    assert found(d, "督查室") == []


def test_an_amended_matter_is_found_by_what_it_says_now(d: District, settle) -> None:
    m = d.raised(title="道路未贯通")
    settle()
    d.do("jfj1", m, c.Amend, {"title": "电力未接入"}, "写错了")
    assert found(d, "道路") == []
    assert found(d, "电力") == [m.number]
    settle()
    assert (found(d, "道路"), found(d, "电力")) == ([], [m.number])


def test_a_renamed_project_is_found_by_its_new_name(d: District, settle) -> None:
    m = d.raised()
    settle()
    args = {"person": "jfj1", "unit": "jfj", "at": d.now, "entered_at": d.now}
    subject_change(subject=d.project, changes={"name": "西微电子"}, **args)
    settle()
    assert (found(d, "东微"), found(d, "西微电子")) == ([], [m.number])


def test_nobody_finds_what_is_not_theirs_to_see(d: District, settle) -> None:
    d.raised(title=TITLE)
    settle()
    assert found(d, "消防", "jcl1") == []
    assert found(d, "消防", "zgyh1") == []
    assert len(found(d, "消防", "lzh1")) == 1


def test_older_hits_are_found_behind_many_that_are_hidden(d: District, settle, monkeypatch) -> None:
    monkeypatch.setattr(finding, "ROUNDS", (2, 2))
    mine = d.raised(title="消防水池")
    for i in range(7):
        d.raised("hazard_general", by="jcl1", title=f"消防{i}", subject=d.far)
    settle()
    assert found(d, "消防", "cgj1") == []
    assert found(d, "消防", "lzh1") == [mine.number]


def test_paging_goes_on_where_it_stopped(d: District, settle) -> None:
    numbers = [d.raised(title=f"消防{i}").number for i in range(7)][::-1]
    settle()
    rows = visible_to(d.viewer("leader"))
    first = [m.number for m in finding.newest(rows, "消防", 4)]
    rest = [m.number for m in finding.newest(rows, "消防", 4, before=first[-1])]
    assert first + rest == numbers


def test_rebuilding_gives_the_same_index(d: District) -> None:
    m = d.assigned(lead="cgj")
    finding.settle()
    assert finding.rebuild() == (1, 3)
    assert found(d, "城市管理局 道路 东微") == [m.number]
    assert list(Matter.objects.filter(finding.holds(finding.MATTERS, ["道路"]))) == [m]


letters = st.text(st.sampled_from("消防通道A1-\"'%*_ 䶮𠮷"), min_size=1, max_size=12)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(letters, min_size=1, max_size=8), letters, st.booleans())
def test_the_answer_is_exactly_that_of_a_substring_search(db, texts: list[str], query: str, settled: bool) -> None:
    index, wanted = Index("subject"), words(query)
    index.clear()
    documents = [(i, document([t])) for i, t in enumerate(texts, 1)]
    index.put(documents)
    index.put(documents[:2])
    while settled and index.settle(3):
        pass
    index.put([(1, documents[0][1] + "尾")])
    expect = [i for i, text in documents if all(w in text for w in wanted)][::-1]
    if wanted:
        assert index.ids(wanted, limit=99) == expect
