"""What instruments write is decided by their streams: nothing differs, forgeries are named, emptied tables come back."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from bihuan.instruments.keys import services as keys
from bihuan.instruments.keys.models import Key
from bihuan.instruments.plans import services as plans
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.registry.streams import kinds

from ..forging import proven
from ..support import District, differences, local
from .test_plans import plan

pytestmark = pytest.mark.django_db


def test_keys(d: District) -> None:
    row, secret = keys.make(viewer=d.viewer("zgyh1"), unit=d.units["zgyh"], name="核心系统", at=d.now)
    events = Event.objects.count()
    assert keys.viewer_by(secret, d.now + timedelta(minutes=5))
    assert Event.objects.count() == events, "using a key is no event"
    proven("key")
    assert secret not in "".join(f"{e.body}{e.effect}" for e in Event.objects.all())
    for _ in range(2):
        keys.end(viewer=d.viewer("zgyh1"), row=Key.objects.get(pk=row.pk), at=d.now)
        keys.end(viewer=d.viewer("zgyh1"), row=row, at=d.now)
    assert Event.objects.filter(type="KeyEnded").count() == 1
    assert differences("key") == []
    seen = kinds["key"].seen
    assert seen(d.viewer("zgyh1"), str(row.pk)).title == "核心系统"
    assert [seen(d.viewer(w), str(row.pk)) for w in ("zgyh2", "leader", "audit", "admin")] == [None] * 4
    assert [seen(d.viewer("zgyh1"), n) for n in ("", "²", "x", "999999")] == [None] * 4


def test_plans(d: District) -> None:
    with time_machine.travel(local(2027, 1, 10)):
        made = plan(d)
    with time_machine.travel(local(2027, 3, 1)):
        assert plans.run(at=timezone.now()) == 2
        plans.plan_stop(viewer=d.viewer("jfj1"), plan=made, reason="项目竣工", at=timezone.now())
    proven("plan")
    told = Event.objects.filter(stream=f"plan:{made.pk}").order_by("seq").values_list("type", flat=True)
    assert list(told) == ["PlanMade", "PeriodMade", "PeriodMade", "PlanStopped"]
    seen = kinds["plan"].seen
    assert {w for w in ("jfj1", "cgj1", "jsj1", "leader", "admin") if seen(d.viewer(w), str(made.pk))} == {
        "jfj1",
        "cgj1",
    }
