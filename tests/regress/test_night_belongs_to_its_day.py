"""Until eight in the morning the day in UTC is yesterday: what begins today was not seen, what was declared bore yesterday's date.

Kind: the day taken from a moment (`.date()`, `.year`) without saying where. `tools/moments.py` finds such places.
"""

from __future__ import annotations

import io
from datetime import date

import openpyxl
import pytest
import time_machine
from django.utils import timezone

from bihuan.instruments.accountability import services as accountability
from bihuan.instruments.administration.services import kind_revise
from bihuan.instruments.notices.rules import digest_due
from bihuan.instruments.registers import planning, services
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.calendars.services import closure_declare
from bihuan.kernel.matters import catalogue
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.orgs.models import Post
from bihuan.kernel.orgs.services import unit_add

from ..support import DATA, District, local, upload
from ..web.test_pages import fields

pytestmark = pytest.mark.django_db
NIGHT = local(2026, 11, 30, 2, 30)


def test_a_post_at_a_service_centre_is_held_from_its_first_night(client) -> None:
    with time_machine.travel(NIGHT, tick=False):
        d = District()
        unit = unit_add(name="龙子湖消防服务中心", kind="centre", territory=d.a, code="lzhzx")
        for person in (d.people["lzh2"], None):
            Post.objects.create(
                unit=unit,
                title="专员",
                role="officer",
                person=person,
                valid_from=date(2026, 11, 30),
                scope_territory=d.a,
            )
        Post.objects.create(
            unit=unit, title="旧岗", role="officer", valid_from=date(2020, 1, 1), valid_to=date(2026, 11, 29)
        )
        client.force_login(d.people["xab1"], backend="django.contrib.auth.backends.ModelBackend")
        [shown] = client.get("/fire/centres/").context["rows"]
    assert (shown.held, shown.vacant) == (1, 1)


def test_a_register_taken_over_at_night_follows_the_edition_of_that_day() -> None:
    book = openpyxl.load_workbook(DATA / "fire-hazards.xlsx")

    def bring(d: District) -> None:
        out = io.BytesIO()
        book.save(out)
        viewer, now = d.viewer("lzh1"), timezone.now()
        made = services.upload(viewer=viewer, unit=d.units["lzh"], file=upload("台账.xlsx", out.getvalue()), at=now)
        new = dict.fromkeys(planning.plan(made, viewer).open_questions, 0)
        services.correct(imported=made, viewer=viewer, at=now, corrections={}, left_out=[], units=new, as_of=None)
        services.confirm(imported=made, viewer=viewer, at=now)

    with time_machine.travel(local(2026, 11, 29, 10), tick=False):
        d = District()
        bring(d)
        body = catalogue.latest_edition("hazard_serious") | {"accept_within": 2}
        kind_revise(
            viewer=d.viewer("admin"), at=timezone.now(), kind="hazard_serious", valid_from=date(2026, 11, 30), body=body
        )
    with time_machine.travel(NIGHT, tick=False):
        book.active["F6"] = "较大"
        bring(d)
    matter = Matter.objects.get(subject__name="丁餐饮店")
    assert (matter.kind, matter.edition) == ("hazard_serious", "2026-11-30")


def test_a_closure_declared_at_night_bears_the_date_of_that_day() -> None:
    with time_machine.travel(NIGHT, tick=False):
        d = District()
        row = closure_declare(
            territory=d.a, first=date(2026, 12, 1), last=date(2026, 12, 2), reason="暴雪停工", actor="admin", at=d.now
        )
    assert row.issued == date(2026, 11, 30)


@pytest.mark.parametrize(("hour", "day"), [(2, 30), (8, 30), (9, 1)])
def test_the_digest_of_a_night_comes_at_nine_of_the_same_day(hour: int, day: int) -> None:
    District()
    assert digest_due(local(2026, 11, 30, hour), calendar_for()) == local(2026, 11 if day == 30 else 12, day, 9)


def test_a_list_to_put_right_of_new_years_night_is_work_of_the_new_year(client) -> None:
    with time_machine.travel(local(2027, 1, 1, 2, 30), tick=False):
        d = District()
        measure = accountability.propose(
            viewer=d.viewer("xab1"), mechanism="fire", kind="rectify", unit=d.units["lzh"], basis="2026年度考核",
            text="得分偏低", points=(accountability.Wanted("补齐岗位", date(2027, 1, 29), "centre"),), at=d.now,
        )  # fmt: skip
        client.force_login(d.people["leader"], backend="django.contrib.auth.backends.ModelBackend")
        page = f"/measures/{measure.pk}/decide/"
        client.post(page, {**fields(client, page), "approve": "yes", "answer": "同意"})
    assert Matter.objects.get(kind="rectify_point").subject.name == "2027年度全区消防工作"
