"""Where the loop was bent for fire safety (ADR 0008): further revisits, who may transfer, what the verifier may amend."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.kinds import BadCatalogue, parse
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.matters.catalogue import kind_on
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.services import load

from ..support import District

pytestmark = pytest.mark.django_db


def closed(d: District, kind: str) -> Matter:
    matter = d.raised(kind, by="xab1", at=d.now - timedelta(days=900))
    at = d.now - timedelta(days=899)
    d.do("xab1", matter, c.Assign, "lzh", (), "xfdd", "dcs", at=at)
    d.do("lzh1", matter, c.Accept, at=at)
    staged = d.photo("lzh1")
    d.do("lzh1", matter, c.Attach, ({"sha256": staged.file_id, "name": "a.jpg", "type": "image/jpeg"},), at=at)
    d.do("lzh1", matter, c.Submit, "已改", at=at)
    return d.do("xfdd1", matter, c.Verify, "合格", at=at)


def test_a_kind_with_one_revisit_ends_with_it(d: District) -> None:
    matter = closed(d, "hazard_general")
    d.do("dcs1", matter, c.Revisit, True, "好", at=d.now - timedelta(days=860))
    assert load(matter.number)[0].revisit_due is None
    with pytest.raises(Refused):
        d.do("dcs1", matter, c.Revisit, True, "好")


def test_a_late_revisit_does_not_swallow_the_next(d: District) -> None:
    matter = closed(d, "hazard_major")
    assert kind_on("hazard_major", d.now.date()).revisit_then == (180, 365)
    for days in (180, 365):
        # a year and more later all of them are still asked for, one after the other
        d.do("dcs1", matter, c.Revisit, True, "好", at=d.now - timedelta(days=10))
        state = load(matter.number)[0]
        assert state.closed_at is not None
        assert state.revisit_due is not None
        assert (state.revisit_due - state.closed_at.date()).days in (days, days + 1)
    d.do("dcs1", matter, c.Revisit, True, "好", at=d.now - timedelta(days=9))
    assert load(matter.number)[0].revisit_due is None


def test_the_lead_of_a_hazard_hands_it_over_but_never_to_its_verifier(d: District) -> None:
    matter = d.raised("hazard_general", by="xab1")
    d.do("xab1", matter, c.Assign, "lzh", (), "xfdd", "dcs")
    with pytest.raises(Refused):
        d.do("lzh1", matter, c.Transfer, "xfdd", "移交")
    with pytest.raises(Refused):
        d.do("cgj1", matter, c.Transfer, "jsj", "移交")
    d.do("lzh1", matter, c.Transfer, "cgj", "移交")
    assert load(matter.number)[0].lead == "cgj"


def test_revisits_that_do_not_follow_one_another_are_a_bad_catalogue(d: District) -> None:
    from tomllib import loads

    from django.conf import settings

    text = (settings.CATALOGUE / "kinds" / "hazard_major.toml").read_text("utf-8")
    with pytest.raises(BadCatalogue, match="revisits"):
        parse(loads(text.replace("[180, 365]", "[180, 60]")), "mine")
