"""H01 (liriansu-opus/chinese-calendar#137 #77 #66, workalendar#764): every January the library knew no new year and crashed.

Kind: knowledge that ends. A date beyond it is computed, marked provisional, and put right once when it is published.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from bihuan.instruments.notices import services as notices
from bihuan.instruments.notices.models import Notice
from bihuan.kernel.calendars import rules
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.calendars.services import notice_load
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.matters.clockwork import reclock

from ..support import District, local

NOTICE_2027 = """
year = 2027
number = "测试〔2026〕1号"
issued = 2026-12-29
makeup_days = []
[days_off]
"元旦" = [2027-01-01]
"""


@pytest.mark.django_db
@pytest.mark.parametrize("year", [2027, 2030, 2045])
def test_no_year_is_too_far_for_any_page(d: District, at, year: int) -> None:
    calendar = calendar_for()
    due = calendar.add(date(year - 1, 12, 28), 10)
    assert due.year == year
    assert calendar.is_provisional(due)
    for url in (f"/calendars/?year={year}", "/", "/matters/"):
        with time_machine.travel(local(year, 1, 4, 9)):
            assert at("jfj1").get(url).status_code == 200, url


@pytest.mark.django_db(transaction=True)
def test_the_new_notice_moves_each_date_once_with_one_event_and_one_notice(open_ledger) -> None:
    with time_machine.travel(local(2026, 12, 28, 9), tick=False):
        d = District()
        m = d.handling(lead="cgj")
        assert m.provisional
        assert m.due_at is not None
        loaded = notice_load(notice=rules.parse(NOTICE_2027), actor="admin", at=timezone.now())
        for _ in range(3):
            reclock(at=timezone.now(), notice=loaded.number)
        before = m.due_at
        m.refresh_from_db()
        assert (m.due_at - before, m.provisional) == (timedelta(days=1), False)
        assert Event.objects.filter(stream=f"matter:{m.number}", type="Reclocked").count() == 1
        for _ in range(3):
            notices.gather(at=timezone.now())
        assert Notice.objects.filter(type="Reclocked", person__username="cgj1").count() == 1
