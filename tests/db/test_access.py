"""Who sees what: township A, township B (the stranger), sector, brigade, leader, bank, contractor."""

from __future__ import annotations

import pytest

from bihuan.kernel.matters.selectors import desk_group, page, subjects_visible_to, visible_to
from bihuan.kernel.orgs.models import Post

from ..support import District

pytestmark = pytest.mark.django_db


def sees(d: District, who: str, number: int) -> bool:
    return visible_to(d.viewer(who)).filter(number=number).exists()


def test_a_hazard_is_seen_by_its_place_its_sector_and_its_parties(d: District) -> None:
    m = d.assigned("hazard_general", lead="lzh", by="xab1")
    for who in ("lzh1", "xab1", "xfdd1", "dcs1", "leader", "audit"):
        assert sees(d, who, m.number), who
    for who in ("jcl1", "jfj1", "zgyh1", "qy1", "admin", "cgj1"):
        assert not sees(d, who, m.number), who


def test_a_confidential_matter_needs_a_part_in_it_or_clearance(d: District) -> None:
    m = d.assigned("financing", lead="zgyh", by="rzb1")
    for who in ("zgyh1", "rzb1", "leader"):
        assert sees(d, who, m.number), who
    for who in ("gsyh1", "lzh1", "dcs2", "audit", "jfj1"):
        assert not sees(d, who, m.number), who


def test_a_supporting_unit_sees_it_until_it_is_out(d: District) -> None:
    from bihuan.kernel.domain import commands as c

    m = d.handling(supporting=("jsj",))
    assert sees(d, "jsj1", m.number)
    d.do("jfj1", m, c.Amend, {"supporting": []}, "无需配合")
    assert not sees(d, "jsj1", m.number)


def test_subjects_follow_the_matters(d: District) -> None:
    assert not subjects_visible_to(d.viewer("cgj1")).filter(pk=d.project.pk).exists()
    d.assigned()
    assert subjects_visible_to(d.viewer("cgj1")).filter(pk=d.project.pk).exists()
    assert subjects_visible_to(d.viewer("lzh1")).filter(pk=d.premises.pk).exists()
    assert not subjects_visible_to(d.viewer("lzh1")).filter(pk=d.far.pk).exists()
    assert subjects_visible_to(d.viewer("leader")).count() == 3


def test_a_post_that_has_ended_shows_nothing(d: District) -> None:
    m = d.handling()
    Post.objects.filter(person=d.people["cgj1"]).update(valid_to=d.now.date().replace(year=2021))
    assert not sees(d, "cgj1", m.number)


def test_the_desk_holds_each_matter_where_it_belongs(d: District) -> None:
    m = d.submitted()
    now = d.now
    assert [r.number for r in desk_group(d.viewer("jfj1"), "verify", now).rows] == [m.number]
    assert desk_group(d.viewer("cgj1"), "todo", now).count == 0
    mine = d.handling(title="另一件")
    assert [r.number for r in desk_group(d.viewer("cgj1"), "todo", now).rows] == [mine.number]
    assert [r.number for r in desk_group(d.viewer("jfj1"), "owed", now).rows] == [mine.number]
    late = d.handling(title="早该办完", at=now.replace(year=now.year - 1))
    assert [r.number for r in desk_group(d.viewer("cgj1"), "overdue", now).rows] == [late.number]


@pytest.mark.parametrize("order", ["due", "-due", "number", "-number"])
def test_pages_hold_everything_once_in_order(d: District, order: str) -> None:
    made = [d.handling(title=f"第{i}件").number for i in range(7)]
    rows = visible_to(d.viewer("jfj1"))
    found: list[int] = []
    after = ""
    for _ in range(5):
        got = page(rows, order, after, size=3)
        found += [m.number for m in got.rows]
        if got.next is None:
            break
        after = got.next
    assert found == sorted(made, reverse=order.startswith("-"))


@pytest.mark.parametrize("order", ["-number", "number", "due"])
def test_pages_of_one_unit_hold_its_matters_once_even_past_the_nearest(
    d: District, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bihuan.kernel.matters.selectors.NEAR", 2)
    mine = [d.handling(title=f"第{i}件", supporting=("jsj",)).number for i in range(5)]
    d.handling(title="别家的")
    rows = visible_to(d.viewer("jfj1"))
    found: list[int] = []
    after = ""
    for _ in range(4):
        got = page(rows, order, after, size=2, unit=d.units["jsj"].pk)
        found += [m.number for m in got.rows]
        if got.next is None:
            break
        after = got.next
    assert found == sorted(mine, reverse=order == "-number")
