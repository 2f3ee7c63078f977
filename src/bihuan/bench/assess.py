"""`bihuan bench assess`: 500 audiences over a million events, the first time and incrementally.

The peer in the same run is the database alone: reading the same rows of matters once. Streams and rows of matters and of what they
hang on are written straight, past what watches writing, as chains of the usual seven events; the year, and what comes after the
first reckoning, go through the services.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from bihuan.kernel.domain.clocks import local_day

from .promotion import timed

TOWNSHIPS, DEPARTMENTS, PREMISES = 100, 400, 20_000
STEPS = ("Raised", "Assigned", "Accepted", "Progressed", "Attached", "Submitted", "Verified")


def straight(model: Any) -> QuerySet[Any]:
    """Rows of a model, written past what watches writing."""
    return QuerySet(model)


def measure(events: int) -> dict[str, Any]:
    """The figures."""
    from django.db import connection

    from bihuan.instruments.assessment.models import Assessment, Kept, Reckoned
    from bihuan.instruments.assessment.reckoning import known, refresh
    from bihuan.instruments.assessment.told import scored
    from bihuan.kernel.ledger.models import Event
    from bihuan.kernel.matters.models import Matter

    made = _Made(events // len(STEPS))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    year, now = made.year, made.later()
    first, told = timed(lambda: scored(year, "", now))
    bare, _ = timed(
        lambda: list(
            Matter.objects.values_list(
                "pk", "lead_id", "kind", "state", "open", "paused", "due_at", "raised_at", "closed_at", "late", "round"
            )
        )
    )
    again, _ = timed(lambda: scored(year, "", made.later()))
    changed = made.work(100)
    later = made.later()
    incremental, second = timed(lambda: scored(year, "", later))
    kept = known(year)
    Kept.objects.all().delete()
    Reckoned.objects.all().delete()
    refresh(year, later)
    if known(year) != kept:
        raise RuntimeError("what was reckoned incrementally differs from what is reckoned at once")
    return {
        "audiences": Assessment.objects.count(), "events": Event.objects.count(), "matters": Matter.objects.count(), "first_seconds": round(first, 2),
        "first_of_bare_reading": round(first / bare, 2), "unchanged_seconds": round(again, 3), "changed_matters": changed,
        "incremental_seconds": round(incremental, 3), "incremental_of_first": round(incremental / first, 3), "incremental_units": second["reckoned_units"],
        "scored": len(told["units"]), "levels": {level: sum(u["level"] == level for u in told["units"]) for level in ("excellent", "good", "pass", "fail")},
    }  # fmt: skip


class _Made:
    """Units, premises, matters with their streams, records; a year under assessment for all of them."""

    def __init__(self, matters: int) -> None:
        from django.utils import timezone

        from bihuan.instruments.administration.structure import territory_told
        from bihuan.kernel.orgs.models import Unit
        from bihuan.kernel.orgs.services import territory_add

        from .world import World

        self.now, self.random = timezone.now(), Random(4)  # noqa: S311  a fixed seed, no secret
        today = local_day(self.now)
        self.year = today.year if today.month > 2 else today.year - 1
        self.world = World()
        root = self.world.places[0].parent
        assert root is not None
        self.places = []
        for i in range(TOWNSHIPS):
            with transaction.atomic():
                place = territory_add(code=f"bt{i}", name=f"示例办事处{i}", level="township", parent=root)
                territory_told(territory=place, by="bench", at=self.now)
            self.places.append(place)
        townships = [
            Unit(code=f"bt{i}", name=f"示例办事处{i}", kind="township", territory=p) for i, p in enumerate(self.places)
        ]
        departments = [
            Unit(
                code=f"bd{i}",
                name=f"示例部门{i}",
                kind="bureau",
                sector=self.random.choice(["education", "health", ""]),
            )
            for i in range(DEPARTMENTS)
        ]
        straight(Unit).bulk_create([*townships, *departments])
        self.units = list(Unit.objects.filter(code__startswith="b"))
        self._opened()
        self._premises()
        self._matters(matters)

    def _opened(self) -> None:
        """The year, opened by its office; nothing is reckoned yet when the bench begins."""
        from bihuan.instruments.assessment.models import Kept, Reckoned
        from bihuan.instruments.assessment.services import open_year
        from bihuan.kernel.access.viewer import Viewer
        from bihuan.kernel.orgs.models import Person

        office = self.world.units[0]
        unit, code = frozenset({office.pk}), frozenset({office.code})
        viewer = Viewer(Person(username="bench"), (), unit, code, (), acting=code)
        for key, kind in (("fire.township", "township"), ("fire.department", "bureau")):
            units = [u for u in self.units if u.kind == kind]
            open_year(viewer=viewer, key=key, year=self.year, units=units, at=self.now)
        Kept.objects.all().delete()
        Reckoned.objects.all().delete()

    def _premises(self) -> None:
        from bihuan.kernel.subjects.models import Subject
        from bihuan.mechanisms.fire.models import Record

        r, born = self.random, self.now - timedelta(days=700)
        rows = [
            Subject(code=f"bs{i}", type="premises", name=f"示例场所{i}", territory=r.choice(self.places), created=born)
            for i in range(PREMISES)
        ]
        self.premises = straight(Subject).bulk_create(rows, batch_size=2_000)
        from uuid import UUID

        records = [
            Record(
                client=UUID(int=r.getrandbits(128), version=4), subject=s, what=r.choice(["inspection", "training"]), by="township", unit=self.world.units[3],
                person="x", at=self._moment(), entered_at=self.now,
            )
            for s in self.premises for _ in range(2)
        ]  # fmt: skip
        straight(Record).bulk_create(records, batch_size=2_000)

    def _moment(self) -> Any:
        begin = date(self.year, 1, 1)
        span = (local_day(self.now) - begin).days
        return self.now - timedelta(days=self.random.randrange(0, max(span - 1, 1)), minutes=self.random.randrange(600))

    def _matters(self, n: int) -> None:
        from bihuan.kernel.domain.chain import GENESIS
        from bihuan.kernel.domain.state import Event
        from bihuan.kernel.ledger.models import Event as Recorded
        from bihuan.kernel.ledger.rows import insert_many
        from bihuan.kernel.ledger.services import drafted
        from bihuan.kernel.matters.models import Involvement, Matter

        r, kinds = self.random, ["hazard_general", "hazard_serious", "complaint", "letter_task", "hazard_major"]
        office = self.world.units[1]
        for begin in range(0, n, 5_000):
            rows, parts, events = [], [], []
            for i in range(begin, min(begin + 5_000, n)):
                lead, at, late = r.choice(self.units), self._moment(), r.random() < 0.15
                closed = at + timedelta(days=r.randrange(1, 20))
                ended = closed < self.now
                number, subject = 5_000_000 + i, r.choice(self.premises)
                rows.append(
                    Matter(
                        number=number, kind=r.choice(kinds), edition="2019-01-01", mechanism="fire", sector="fire", state="closed" if ended else "handling",
                        open=not ended, title="示例隐患", subject=subject, territory_id=subject.territory_id, raiser=office, assigner=office, lead=lead,
                        verifier=office, owed_by=None if ended else lead, due_at=None if ended else at + timedelta(days=10), late=3 if late and ended else 0,
                        raised_at=at, closed_at=closed if ended else None, version=len(STEPS),
                    )
                )  # fmt: skip
                parts += [
                    Involvement(matter_id=number, unit=lead, role="lead"),
                    Involvement(matter_id=number, unit=office, role="verifier"),
                ]
                steps = [Event(t, at, "bench", lead.code, {"text": "示例", "n": k}) for k, t in enumerate(STEPS)]
                events += drafted(stream=f"matter:{number}", events=steps, after=(0, GENESIS), entered_at=at)[0]
            Matter.objects.bulk_create(rows, batch_size=2_000)
            Involvement.objects.bulk_create(parts, batch_size=4_000)
            insert_many(Recorded, events)

    def work(self, n: int) -> int:
        """New matters of five units, through the services."""
        from bihuan.kernel.domain import commands as c
        from bihuan.kernel.matters.services import act, assignment, load, raise_matter

        office, raiser = c.Actor("bench", frozenset({"u0"})), self.world.units[0]
        for i in range(n):
            lead = self.units[i % 5]
            at = self.now - timedelta(days=30)
            matter = raise_matter(
                actor=office,
                at=at,
                kind_id="hazard_general",
                title="示例隐患",
                description="",
                subject=self.premises[i],
                raiser=raiser,
            )
            state, kind, _ = load(matter.number)
            act(
                number=matter.number,
                command=c.Assign(
                    office, at, lead.code, (), limit=kind.limit, reason="bench", **assignment(kind, state, lead.code)
                ),
            )
        return n

    def later(self) -> Any:
        """Now, after that work."""
        from django.utils import timezone

        return timezone.now()
