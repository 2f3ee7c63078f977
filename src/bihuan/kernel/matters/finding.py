"""What is searched of matters and subjects, and finding it within what a viewer may see."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from bihuan.kernel.domain.state import State
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.orgs.selectors import unit_names_of
from bihuan.kernel.search.grams import document, words
from bihuan.kernel.search.index import Index
from bihuan.kernel.subjects.models import Subject

from .models import Involvement, Matter

MATTERS, SUBJECTS = Index("matter"), Index("subject")
BATCH = 1_000


def subject_text(subject: Subject) -> list[str]:
    """Name, address, code and the facts that are text."""
    facts = [v for v in subject.facts.values() if isinstance(v, str)]
    return [subject.name, subject.address, subject.code, *facts]


def matter_text(s: State, subject: Subject) -> str:
    """Title, description, the subject's text, and the names of the units that do the work."""
    units = unit_names_of([u for u in (s.lead, *s.supporting) if u])
    return document([s.title, s.description, *subject_text(subject), *units])


SEARCHED = ("title", "description", "lead", "supporting")


def searched(before: State, after: State) -> bool:
    """Whether anything that is searched changed."""
    return any(getattr(before, name) != getattr(after, name) for name in SEARCHED)


def indexed(number: int, before: State, after: State) -> None:
    """Keep the index with a matter that changed; nothing to do when nothing that is searched did."""
    if searched(before, after):
        MATTERS.put([(number, matter_text(after, Subject.objects.get(code=after.subject)))])


def subject_indexed(subject: Subject, *, with_matters: bool) -> None:
    """Keep the index with a subject that was written, and with its matters when they say something of it."""
    SUBJECTS.put([(subject.pk, document(subject_text(subject)))])
    if with_matters:
        reindex(Matter.objects.filter(subject=subject))


def subjects_indexed(subjects: Iterable[Subject]) -> None:
    """Keep the index with new subjects, which have no matters yet."""
    SUBJECTS.put([(s.pk, document(subject_text(s))) for s in subjects])


def unit_renamed(unit: Unit) -> None:
    """Index the matters anew that name a unit among those who do the work."""
    named = Involvement.objects.filter(unit=unit, role__in=["lead", "supporting"]).values("matter")
    reindex(Matter.objects.filter(pk__in=named))


def reindex(rows: QuerySet[Matter]) -> int:
    """Index matters from their rows; how many."""
    done, last = 0, 0
    rows = rows.select_related("subject", "lead").prefetch_related("involvements__unit").order_by("number")
    while batch := list(rows.filter(number__gt=last)[:BATCH]):
        MATTERS.put([(m.number, _row_text(m)) for m in batch])
        done, last = done + len(batch), batch[-1].number
    return done


def _row_text(m: Matter) -> str:
    parts = [i.unit.name for i in m.involvements.all() if i.role == "supporting"]
    units = [m.lead.name, *parts] if m.lead else parts
    return document([m.title, m.description, *subject_text(m.subject), *units])


def rebuild() -> tuple[int, int]:
    """Index everything anew; how many matters and subjects."""
    MATTERS.clear()
    SUBJECTS.clear()
    subjects = list(Subject.objects.all())
    for start in range(0, len(subjects), BATCH):
        SUBJECTS.put([(s.pk, document(subject_text(s))) for s in subjects[start : start + BATCH]])
    return reindex(Matter.objects.all()), len(subjects)


def holds(index: Index, query: Iterable[str]) -> Q:
    """Rows whose document holds every word."""
    sql, params = index.query(query)
    return Q(pk__in=RawSQL(sql, params))  # noqa: S611  our own SQL; the words are parameters


ROUNDS = (100, 400, 1_500)
"""How many of the newest hits are looked through, batch by batch, before the database is asked for all of them."""


def newest(rows: QuerySet[Matter], query: str, size: int, before: int | None = None) -> list[Matter]:
    """The newest of `rows` that hold every word of a query, at most `size`, numbered below `before`.

    Hits come newest first and are looked through in batches, since most searches are answered by the first; only a viewer
    who may see few of many hits makes the database join all of them.
    """
    wanted = words(query)
    if not wanted:
        return []
    found: list[Matter] = []
    for hits in ROUNDS:
        ids = MATTERS.ids(wanted, before=before, limit=hits)
        found += rows.filter(pk__in=ids).order_by("-number")[: size - len(found)]
        if len(found) >= size or len(ids) < hits:
            return found
        before = ids[-1]
    rest = rows.filter(holds(MATTERS, wanted), number__lt=before)
    return [*found, *rest.order_by("-number")[: size - len(found)]]


def settle() -> int:
    """Enter what is fresh into the indexes; how many documents. The worker does this."""
    return MATTERS.settle() + SUBJECTS.settle()
