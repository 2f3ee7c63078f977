"""Demands by link, objections, lots and second looks; what must not be possible."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from bihuan.instruments.supervision import services
from bihuan.instruments.supervision.models import Draw, SecondLook
from bihuan.instruments.supervision.rules import drawn
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.ledger.selectors import stream
from bihuan.kernel.matters.models import Matter
from bihuan.mechanisms.promotion import services as promotion
from bihuan.mechanisms.promotion.models import DemandLink

from ..support import District

pytestmark = pytest.mark.django_db
TOKEN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def link(d: District) -> DemandLink:
    return promotion.link_make(viewer=d.viewer("jfj1"), subject=d.project, unit=d.units["qy"], at=d.now)


def raised(link: DemandLink) -> Matter:
    response = Client().post(
        f"/demand/{link.code}/", {"act": "raise", "title": "门前停车位不足", "description": "", "token": TOKEN}
    )
    assert response.status_code == 302
    return Matter.objects.get(kind="demand")


def test_a_demand_by_link_is_raised_in_the_enterprise_s_name_once_and_rated(d: District, link: DemandLink) -> None:
    matter = raised(link)
    raised(link)
    assert (matter.raiser.code, matter.subject, matter.assigner.code) == ("qy", d.project, "jfj")
    d.do("jfj1", matter, c.Assign, "cgj", (), "qy", "dcs", at=timezone.now())
    d.do("cgj1", matter, c.Accept, at=timezone.now())
    d.do("cgj1", matter, c.Submit, "已增设车位三十个", at=timezone.now())
    page = Client().get(f"/demand/{link.code}/").content.decode()
    assert "已增设车位三十个" in page
    Client().post(f"/demand/{link.code}/", {"act": "bad", "number": matter.number, "words": "只画了线"})
    matter.refresh_from_db()
    assert matter.state == "handling"
    d.do("cgj1", matter, c.Submit, "车位已启用", at=timezone.now())
    Client().post(f"/demand/{link.code}/", {"act": "good", "number": matter.number, "words": ""})
    matter.refresh_from_db()
    assert (matter.state, stream(f"matter:{matter.number}").events[-1].by) == ("closed", f"link:{link.pk}")


def test_a_declined_demand_is_objected_to_and_raised_anew_when_upheld(d: District, link: DemandLink) -> None:
    matter = raised(link)
    d.do("jfj1", matter, c.Withdraw, "不属于本区职责", at=timezone.now())
    page = Client().get(f"/demand/{link.code}/").content.decode()
    assert "不属于本区职责" in page
    Client().post(f"/demand/{link.code}/", {"act": "object", "number": matter.number, "words": "属于区管道路"})
    objection = matter.objections.get()
    assert (objection.decider.code, objection.due) == ("dcs", timezone.localdate() + timedelta(days=30))
    with pytest.raises(Refused):
        services.decide(viewer=d.viewer("jfj1"), objection=objection, upheld=True, answer="x", at=timezone.now())
    with pytest.raises(Refused, match="empty"):
        services.decide(viewer=d.viewer("dcs1"), objection=objection, upheld=True, answer=" ", at=timezone.now())
    done = services.decide(viewer=d.viewer("dcs1"), objection=objection, upheld=True, answer="属实", at=timezone.now())
    assert (done.again.title, done.again.raiser.code, done.again.state) == (matter.title, "qy", "raised")
    with pytest.raises(Refused, match="already"):
        services.decide(viewer=d.viewer("dcs1"), objection=objection, upheld=False, answer="x", at=timezone.now())
    assert [e.type for e in services.history(matter)] == ["Objected", "ObjectionDecided"]


def test_a_link_opens_nothing_but_its_own(d: District, link: DemandLink) -> None:
    other = d.raised("demand", by="jfj1", title="别人的诉求")
    page = Client().get(f"/demand/{link.code}/").content.decode()
    assert "别人的诉求" not in page
    for act in ("good", "bad", "object", "nonsense"):
        assert (
            Client().post(f"/demand/{link.code}/", {"act": act, "number": other.number, "words": "x"}).status_code
            == 404
        )
    assert Client().get("/demand/guessed/").status_code == 404
    promotion.link_end(viewer=d.viewer("jfj1"), link=link, at=timezone.now())
    assert Client().get(f"/demand/{link.code}/").status_code == 404
    fresh = promotion.link_make(viewer=d.viewer("jfj1"), subject=d.project, unit=d.units["qy"], at=d.now)
    with time_machine.travel(timezone.now() + timedelta(days=400)):
        assert Client().get(f"/demand/{fresh.code}/").status_code == 404
    with pytest.raises(Refused):
        promotion.link_make(viewer=d.viewer("cgj1"), subject=d.project, unit=d.units["qy"], at=d.now)


def test_a_link_cannot_be_hammered(d: District, link: DemandLink) -> None:
    from django.core.cache import cache

    cache.clear()
    pages = [
        Client().post(f"/demand/{link.code}/", {"act": "good", "number": 1, "words": ""}).status_code for _ in range(32)
    ]
    assert (pages[0], pages[-1]) == (404, 200)
    cache.clear()


def late(d: District) -> Matter:
    matter = d.handling(lead="cgj", at=d.now - timedelta(days=60))
    for step in ("interview", "circular"):
        d.do("leader", matter, c.Escalate, step, "经批准")
    return Matter.objects.get(pk=matter.pk)


def test_who_objects_to_a_circular_and_when(d: District) -> None:
    matter = late(d)
    ask = {"matter": matter, "against": "circular", "reason": "上游迟延"}
    for who in ("jsj1", "jfj1", "qy1"):
        with pytest.raises(Refused) as refused:
            services.object_to(units=d.viewer(who).acting, person=who, at=timezone.now(), **ask)
        assert not refused.value.allowed
    mine = d.viewer("cgj1").acting
    with pytest.raises(Refused, match="30 days"):
        services.object_to(units=mine, person="cgj1", at=timezone.now() + timedelta(days=31), **ask)
    services.object_to(units=mine, person="cgj1", at=timezone.now(), **ask)
    with pytest.raises(Refused, match="already"):
        services.object_to(units=mine, person="cgj1", at=timezone.now(), **ask)
    with pytest.raises(Refused):
        services.object_to(
            units=mine, person="cgj1", at=timezone.now(), matter=d.handling(lead="cgj"), against="interview", reason="x"
        )


def month_ago(d: District):
    """Six matters closed in the month before this one."""
    first = timezone.localtime().replace(day=1, hour=9) - timedelta(days=12)
    found = [d.closed(lead="cgj", at=first) for _ in range(6)]
    return f"{first:%Y-%m}", found


def test_a_lot_is_drawn_once_among_what_closed_and_anybody_can_draw_it_again(d: District) -> None:
    month, matters = month_ago(d)
    made = services.draw(viewer=d.viewer("dcs1"), mechanism="promotion", month=month, percent=50, at=timezone.now())
    told = stream(f"draw:{made.pk}").events[0].data
    assert told["among"] == sorted(m.number for m in matters)
    assert told["drawn"] == drawn(told["among"], told["percent"], told["seed"])
    assert made.looks.count() == 3
    assert {s.unit.code for s in made.looks.all()}.isdisjoint({"cgj", "jfj"})
    with pytest.raises(Refused, match="already"):
        services.draw(viewer=d.viewer("dcs1"), mechanism="promotion", month=month, percent=50, at=timezone.now())
    with pytest.raises(Refused, match="not ended"):
        services.draw(
            viewer=d.viewer("dcs1"),
            mechanism="promotion",
            month=f"{timezone.localdate():%Y-%m}",
            percent=9,
            at=timezone.now(),
        )
    with pytest.raises(Refused):
        services.draw(viewer=d.viewer("cgj1"), mechanism="promotion", month="2020-01", percent=9, at=timezone.now())


def test_who_draws_at_the_same_moment_is_told_that_it_was_drawn(d: District) -> None:
    month, _matters = month_ago(d)
    args = {"mechanism": "promotion", "month": month, "percent": 50, "at": timezone.now()}
    services.draw(viewer=d.viewer("dcs1"), **args)
    with (
        patch.object(Draw.objects, "filter", return_value=Draw.objects.none()),
        pytest.raises(Refused, match="already"),
    ):
        services.draw(viewer=d.viewer("jfj1"), **args)
    assert Draw.objects.count() == 1


def test_solved_on_paper_only_is_reopened_by_the_second_look(d: District) -> None:
    month, _matters = month_ago(d)
    services.draw(viewer=d.viewer("jfj1"), mechanism="promotion", month=month, percent=30, at=timezone.now())
    first, second = SecondLook.objects.all()
    who = f"{first.unit.code}1"
    with pytest.raises(Refused):
        services.look(viewer=d.viewer("cgj1"), second=first, good=True, findings="x", at=timezone.now())
    with pytest.raises(Refused, match="empty"):
        services.look(viewer=d.viewer(who), second=first, good=True, findings=" ", at=timezone.now())
    services.look(viewer=d.viewer(who), second=first, good=False, findings="现场道路仍未贯通", at=timezone.now())
    first.matter.refresh_from_db()
    assert (first.matter.state, first.matter.round) == ("assigned", 2)
    services.look(viewer=d.viewer(who), second=second, good=True, findings="已贯通", at=timezone.now())
    second.matter.refresh_from_db()
    assert second.matter.state == "closed"
    with pytest.raises(Refused, match="done"):
        services.look(viewer=d.viewer(who), second=first, good=True, findings="x", at=timezone.now())
