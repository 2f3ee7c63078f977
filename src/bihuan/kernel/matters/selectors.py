"""Reading matters: every query starts from `visible_to`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from bihuan.kernel.access.viewer import Viewer, scope_q
from bihuan.kernel.domain.clocks import ZONE, light, local_day, start_of
from bihuan.kernel.evidence import pictures
from bihuan.kernel.evidence.models import Look
from bihuan.kernel.search.grams import words
from bihuan.kernel.subjects.models import Subject, SubjectParty

from .finding import MATTERS, holds, newest
from .models import Attachment, Involvement, Matter

PAGE = 50
NEAR = 2000
"""How many of a unit's nearest parts are looked at before all of them."""
CAP = 1000
"""Counts stop here: "1000+" is as useful as a number that takes seconds."""


def visible_to(viewer: Viewer) -> QuerySet[Matter]:
    """Matters that the viewer's units take part in, and those that the viewer's scopes cover."""
    scoped = scope_q(viewer, "territory", "sector", "confidential")
    if scoped == Q():
        return Matter.objects.all()
    mine = Involvement.objects.filter(matter=OuterRef("pk"), unit__in=viewer.units)
    return Matter.objects.filter(Exists(mine) | scoped)


def subjects_visible_to(viewer: Viewer) -> QuerySet[Subject]:
    """Subjects in the viewer's scopes, those that the viewer's units own or have to do with, and those of matters they
    take part in."""
    scoped = scope_q(viewer, "territory", None)
    if scoped == Q():
        return Subject.objects.all()
    mine = Involvement.objects.filter(matter__subject=OuterRef("pk"), unit__in=viewer.units)
    party = SubjectParty.objects.filter(subject=OuterRef("pk"), unit__in=viewer.units)
    return Subject.objects.filter(scoped | Q(unit__in=viewer.units) | Exists(mine) | Exists(party))


def attachments_visible_to(viewer: Viewer) -> QuerySet[Attachment]:
    """Attachments of visible matters."""
    return Attachment.objects.filter(matter__in=visible_to(viewer))


@dataclass(frozen=True)
class Twin:
    """The same picture, or one that looks the same, on another matter."""

    attachment: Attachment
    other: Attachment
    exact: bool


def twins(viewer: Viewer, matter: Matter) -> list[Twin]:
    """Pictures of a matter that other matters have too, as far as the viewer may see those; a question, not a verdict."""
    mine = {a.file_id: a for a in Attachment.objects.filter(matter=matter).select_related("file")}
    quarters = [p for a in mine.values() for p in pictures.parts(a.file.look)]
    near = Look.objects.filter(part__in=quarters).values("file")
    others = attachments_visible_to(viewer).exclude(matter=matter).select_related("file", "matter").order_by("id")
    found: dict[tuple[int, int], Twin] = {}
    for other in others.filter(Q(file__in=mine) | Q(file__in=near))[:200]:
        exact = mine.get(other.file_id)
        own = exact or next((a for a in mine.values() if pictures.alike(a.file.look, other.file.look)), None)
        if own is not None:
            found.setdefault((own.pk, other.matter_id), Twin(own, other, exact is not None))
    return list(found.values())


def takes_part(unit: int) -> Q:
    """Matters in which a unit takes part: a list of numbers, which the database walks in the order of the page."""
    return Q(pk__in=Involvement.objects.filter(unit=unit).values("matter"))


LIGHTS = ("red", "amber", "green", "grey", "none")


def light_q(light: str, now: datetime) -> Q:
    """Open matters of one light, by `due_at` and `warn_at`."""
    running = Q(open=True, paused=False)
    return {
        "red": running & Q(due_at__lte=now),
        "amber": running & Q(due_at__gt=now, warn_at__lte=now),
        "green": running & Q(due_at__gt=now) & (Q(warn_at__gt=now) | Q(warn_at=None)),
        "grey": Q(open=True, paused=True),
        "none": running & Q(due_at=None),
    }[light]


ORDERS: dict[str, tuple[str, ...]] = {
    "due": ("due_at", "number"),
    "-due": ("-due_at", "-number"),
    "number": ("number",),
    "-number": ("-number",),
}
"""Orders of a list, each ending in the number so that a place in it is exact."""


@dataclass(frozen=True)
class Page:
    """A page of a list: `next` is the place after it, None at the end."""

    rows: list[Matter]
    next: str | None


def page(
    rows: QuerySet[Matter], order: str, after: str = "", size: int = PAGE, unit: int | None = None, text: str = ""
) -> Page:  # fmt: skip
    """A page by place, never by offset. Orders by due date hold open matters with a due date only.

    `after` is the `next` of the page before; ValueError when it is none. With `unit` only matters in which it takes part:
    first among its nearest ones in this order, which nearly always suffice, then among all. With `text` only matters that
    hold every word of it.
    """
    by = ORDERS[order]
    if words(text):
        if order == "-number" and unit is None:
            found = rows.select_related("subject", "territory", "lead", "owed_by")
            return _cut(newest(found, text, size + 1, int(after) if after else None), size, order)
        rows = rows.filter(holds(MATTERS, words(text)))
    if len(by) == 2:
        rows = rows.filter(open=True, due_at__isnull=False)
    if after:
        rows = rows.filter(_behind(order, after))
    found = rows.order_by(*by).select_related("subject", "territory", "lead", "owed_by")
    matters: list[Matter] = []
    if unit is not None and len(by) == 1:
        mine = Involvement.objects.filter(unit=unit)
        if after:
            mine = mine.filter(**{f"matter__{'lt' if order.startswith('-') else 'gt'}": int(after)})
        near = mine.order_by("-matter_id" if order.startswith("-") else "matter_id").values("matter")[:NEAR]
        matters = list(found.filter(pk__in=near)[: size + 1])
    if unit is not None and len(matters) <= size:
        found = found.filter(takes_part(unit))
    if len(matters) <= size:
        matters = list(found[: size + 1])
    return _cut(matters, size, order)


def _cut(matters: list[Matter], size: int, order: str) -> Page:
    more = len(matters) > size
    matters = matters[:size]
    return Page(matters, _place(matters[-1], order) if more else None)


def _place(row: Matter, order: str) -> str:
    if order.endswith("due"):
        assert row.due_at is not None
        return f"{row.due_at.timestamp():.0f}-{row.number}"
    return str(row.number)


def _behind(order: str, after: str) -> Q:
    down = order.startswith("-")
    way = "lt" if down else "gt"
    if not order.endswith("due"):
        return Q(**{f"number__{way}": int(after)})
    stamp, _, number = after.partition("-")
    moment = datetime.fromtimestamp(int(stamp), ZONE)
    bound = {f"due_at__{way}e": moment}
    return Q(**bound) & (Q(**{f"due_at__{way}": moment}) | Q(**{f"number__{way}": int(number)}))


def due_on(day: date) -> Q:
    """Due on a local day: `due_at` is the first moment too late, so the day's own end belongs to the day."""
    return Q(due_at__gt=start_of(day), due_at__lte=start_of(day + timedelta(days=1)))


def with_worst_light(rows: QuerySet[Subject], light: str, viewer: Viewer, now: datetime) -> QuerySet[Subject]:
    """Subjects whose worst visible light is this one."""
    seen = visible_to(viewer).filter(subject=OuterRef("pk"))
    rows = rows.filter(Exists(seen.filter(light_q(light, now))))
    for worse in LIGHTS[: LIGHTS.index(light)]:
        rows = rows.exclude(Exists(seen.filter(light_q(worse, now))))
    return rows


def capped(rows: QuerySet[Any]) -> int:
    """How many, but never more than CAP + 1."""
    return int(rows.order_by()[: CAP + 1].count())


def narrowed(rows: QuerySet[Matter], unit: int | None = None, text: str = "") -> QuerySet[Matter]:
    """Those of `rows` that a unit takes part in and that hold every word."""
    if unit is not None:
        rows = rows.filter(takes_part(unit))
    return rows.filter(holds(MATTERS, words(text))) if words(text) else rows


def counted(rows: QuerySet[Matter], unit: int | None = None, text: str = "") -> int:
    """How many of `rows` a unit takes part in and hold every word, capped."""
    rows = narrowed(rows, unit)
    if words(text):
        newest_hits = MATTERS.ids(words(text), limit=CAP + 1)
        rows = rows.filter(pk__in=newest_hits) if len(newest_hits) <= CAP else rows.filter(holds(MATTERS, words(text)))
    return capped(rows)


@dataclass(frozen=True)
class Group:
    """A group of the desk: its rows as far as shown and how many there are."""

    name: str
    rows: list[Matter]
    count: int


def desk_q(name: str, viewer: Viewer, now: datetime) -> Q:
    """The condition of a desk group."""
    units = viewer.units
    soon = start_of(local_day(now) + timedelta(days=7))
    todo = Q(open=True, owed_by__in=units)
    return {
        "mine": todo,
        "todo": todo & ~Q(state="submitted"),
        "soon": todo & Q(due_at__gt=now, due_at__lte=soon),
        "overdue": todo & Q(due_at__lte=now),
        "verify": Q(state="submitted", owed_by__in=units),
        "owed": Q(open=True) & ~Q(owed_by__in=units)
        & Q(pk__in=Involvement.objects.filter(unit__in=units, role__in=["assigner", "raiser", "verifier"]).values("matter")),
        "revisit": Q(state="closed", owed_by__in=units, revisit_due__lte=local_day(now)),
    }[name]  # fmt: skip


GROUPS = ("todo", "overdue", "soon", "verify", "owed", "revisit")


def desk_group(viewer: Viewer, name: str, now: datetime, show: int = 6) -> Group:
    """One group of the desk, most urgent first."""
    rows = visible_to(viewer).filter(desk_q(name, viewer, now))
    first = rows.order_by(F("due_at").asc(nulls_last=True), "number").select_related(
        "subject", "territory", "lead", "owed_by"
    )[:show]
    return Group(name, list(first), capped(rows))


def due_by_day(viewer: Viewer, now: datetime, days: int = 7) -> list[tuple[date, int]]:
    """How many open matters of the viewer's (of everybody's, for people who only look) fall due on each of the next days."""
    today = local_day(now)
    rows = visible_to(viewer).filter(open=True)
    if viewer.acting:
        rows = rows.filter(owed_by__in=viewer.units)
    found = [today + timedelta(days=i) for i in range(days)]
    rows = rows.filter(due_at__gt=start_of(today), due_at__lte=start_of(today + timedelta(days=days)))
    counts = rows.order_by().aggregate(**{f"d{i}": Count("pk", filter=due_on(day)) for i, day in enumerate(found)})
    return [(day, counts[f"d{i}"]) for i, day in enumerate(found)]


def lights_of(rows: QuerySet[Matter], now: datetime) -> dict[str, int]:
    """How many of each light. Asked of open matters alone, which an index of their own answers."""
    counts = {name: Count("pk", filter=light_q(name, now)) for name in LIGHTS}
    return rows.filter(open=True).order_by().aggregate(**counts)


def counted_by(rows: QuerySet[Matter], now: datetime, *keys: str) -> list[dict[str, Any]]:
    """Matters by the first of `keys`: {*keys, open_, red, closed, in_time}; what is open and what ended are each asked of their own index."""
    by = rows.order_by().values(*keys)
    running = by.filter(open=True).annotate(open_=Count("pk"), red=Count("pk", filter=light_q("red", now)))
    ended = by.filter(open=False, state="closed").annotate(closed=Count("pk"), in_time=Count("pk", filter=Q(late=0)))
    found: dict[Any, dict[str, Any]] = {}
    for row in (*running, *ended):
        found.setdefault(row[keys[0]], {"open_": 0, "red": 0, "closed": 0, "in_time": 0}).update(row)
    return list(found.values())


def worst_lights(subjects: Iterable[int], viewer: Viewer, now: datetime) -> dict[int, str]:
    """For each subject the worst light among its visible open matters; absent when it has none."""
    rows = visible_to(viewer).filter(subject__in=list(subjects), open=True)
    worst: dict[int, str] = {}
    for subject, due, warn, paused in rows.values_list("subject", "due_at", "warn_at", "paused"):
        found = light(now, due, warn, paused=paused)
        if subject not in worst or LIGHTS.index(found) < LIGHTS.index(worst[subject]):
            worst[subject] = found
    return worst
