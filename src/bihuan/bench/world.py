"""An invented district as large as a bench needs, and how the benches share the machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, timedelta
from random import Random


class World:
    """A district as large as a list needs: ten townships, sixty units, three hundred subjects."""

    def __init__(self) -> None:
        from django.conf import settings
        from django.utils import timezone

        from bihuan.kernel.access.viewer import viewer_of
        from bihuan.kernel.calendars.services import notices_ship
        from bihuan.kernel.files.filing import subject_add
        from bihuan.kernel.orgs.models import Function, Person, Post
        from bihuan.kernel.orgs.services import territory_add, unit_add

        self.now = timezone.now()
        notices_ship(folder=settings.CATALOGUE / "holidays", at=self.now)
        root = territory_add(code="root", name="示例区", level="district")
        self.places = [
            territory_add(code=f"t{i}", name=f"示例乡镇{i}", level="township", parent=root) for i in range(10)
        ]
        self.units = [unit_add(name=f"示例单位{i}", kind="bureau", code=f"u{i}") for i in range(60)]
        for name in ("promotion", "fire", "financing", "counselling"):
            Function.objects.create(name=f"coordinate.{name}", unit=self.units[0])
        for name in ("supervision", "fire_inspection"):
            Function.objects.create(name=name, unit=self.units[1])
        self.subjects = [
            subject_add(
                person="bench", unit="u0", at=self.now, entered_at=self.now, type="project" if i % 2 else "premises",
                name=f"示例对象{i}", territory=self.places[i % 10],
            )
            for i in range(300)
        ]  # fmt: skip
        people = {}
        for name, unit, scope in (
            ("leader", self.units[0], root),
            ("officer", self.units[7], None),
            ("township", self.units[8], self.places[3]),
        ):
            people[name] = Person.objects.create(username=name, name=name)
            role = "leader" if name == "leader" else "officer"
            Post.objects.create(
                unit=unit,
                title="x",
                role=role,
                person=people[name],
                scope_territory=scope,
                clearance=True,
                valid_from=date(2020, 1, 1),
            )
        self.viewers = {name: viewer_of(p, timezone.localdate()) for name, p in people.items()}
        self.made = 0


def microseconds(work: Callable[[], object], n: int = 2_000) -> float:
    """Microseconds a call, the mean of n."""
    begin = time.perf_counter()
    for _ in range(n):
        work()
    return round((time.perf_counter() - begin) / n * 1e6, 1)


def fill(world: World, total: int) -> None:
    """Rows of matters up to `total`, written straight into the projection: lists read rows, not events."""
    from django.db import connection

    from bihuan.kernel.matters.models import Involvement, Matter

    random = Random(total)  # noqa: S311  a fixed seed, no secret
    kinds = [
        ("obstacle", "promotion", "economy"),
        ("demand", "promotion", "economy"),
        ("hazard_general", "fire", "fire"),
        ("question", "counselling", "approval"),
    ]
    have = Matter.objects.count()
    while have < total:
        rows, parts = [], []
        for i in range(have + 1_000_000, have + 1_000_000 + min(20_000, total - have)):
            kind, mechanism, sector = random.choice(kinds)
            subject = random.choice(world.subjects)
            state = random.choices(["raised", "assigned", "handling", "submitted", "closed"], [1, 2, 6, 1, 90])[0]
            lead, verifier = random.sample(world.units, 2)
            owed = verifier if state == "submitted" else lead
            due = world.now + timedelta(hours=random.randrange(-2000, 900))
            is_open = state != "closed"
            rows.append(
                Matter(
                    number=i, kind=kind, edition="2019-01-01", mechanism=mechanism, sector=sector, state=state, open=is_open,
                    title=f"示例事项{i}道路未贯通", subject=subject, territory_id=subject.territory_id, raiser=world.units[0],
                    assigner=world.units[0], lead=lead, verifier=verifier, owed_by=owed if is_open else None,
                    due_at=due if is_open else None, warn_at=due - timedelta(days=3) if is_open else None, raised_at=world.now, version=1,
                )
            )  # fmt: skip
            parts += [
                Involvement(matter_id=i, unit=u, role=r)
                for u, r in ((world.units[0], "assigner"), (lead, "lead"), (verifier, "verifier"))
            ]
        Matter.objects.bulk_create(rows, batch_size=2_000)
        Involvement.objects.bulk_create(parts, batch_size=2_000)
        have += len(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
