"""After the permit: call-backs on their days, what is not solved goes on, permits that lapse; answers kept for the next project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from bihuan.instruments.projects.rules import Permit, running
from bihuan.instruments.projects.selectors import project_of
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.refusal import N_, Refused, must, need
from bihuan.kernel.domain.state import Event
from bihuan.kernel.ledger.services import note, once
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.services import act, promise
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.orgs.selectors import carriers
from bihuan.kernel.search.grams import words as split
from bihuan.kernel.subjects.models import Subject

from .catalogue import approvals, words
from .models import Application, Knowledge, Question, Revisit
from .paths import OFFICE, applications_visible_to, coordinates, projects

AHEAD = 7
"""Days ahead for which call-backs are shown."""


@dataclass(frozen=True)
class Due:
    """A call-back that is to be made: so many days after the permit, on this day."""

    application: Application
    after: int
    day: date

    @property
    def item(self) -> str:
        """What the permit is called."""
        return approvals().items[self.application.item].name


def permits(rows: QuerySet[Application], since: date) -> QuerySet[Application]:
    """Those of `rows` that were granted since then and are followed by call-backs."""
    items = [i.id for i in approvals().approvals if i.revisit]
    found = rows.filter(item__in=items, granted=True, decided__gte=since).exclude(mode="mock")
    return found.select_related("subject__territory", "unit").prefetch_related("revisits")


def callbacks(rows: Iterable[Application], until: date) -> list[Due]:
    """Call-backs after these permits that were not made and are due by a day, the oldest first."""
    found = []
    for a in rows:
        have = {r.after for r in a.revisits.all()}
        assert a.decided is not None
        for n in words().revisit_days:
            day = a.decided + timedelta(days=n)
            if n not in have and day <= until:
                found.append(Due(a, n, day))
    return sorted(found, key=lambda d: (d.day, d.application.pk))


def due(viewer: Viewer, today: date) -> list[Due]:
    """Call-backs that are due or come due within days, the oldest first."""
    rows = permits(applications_visible_to(viewer), today - timedelta(days=365))
    return callbacks(rows, today + timedelta(days=AHEAD))


def unsolved(application: Application) -> QuerySet[Matter]:
    """Matters of the project's questions that were closed, and may not have solved anything."""
    return Matter.objects.filter(question__subject=application.subject, state="closed").order_by("-closed_at")


def _goes_on(
    viewer: Viewer, application: Application, after: int, said: str, again: Sequence[Matter], at: datetime, office: Unit
) -> list[int]:
    """What was not solved: the matters named are reopened, else there is a new one. Their numbers."""
    actor = c.Actor(viewer.person.username, viewer.acting)
    for matter in again:
        act(number=matter.number, command=c.Reopen(actor, at, said[:300]))
    if again:
        return [m.number for m in again]
    made = promise(
        actor=actor, at=at, kind_id="question", title=said[:80], description=said, subject=application.subject, raiser=office,
        lead=application.unit.code, reason=approvals().items[application.item].name,
        token=once(f"revisit:{application.pk}:{after}"),
    )  # fmt: skip
    return [made.number]


@transaction.atomic
def revisit(
    *, viewer: Viewer, application: Application, after: int, at: datetime, answers: Mapping[str, str], solved: bool, satisfaction: int,
    said: str = "", again: Sequence[Matter] = (),
) -> Revisit:  # fmt: skip
    """Take a call-back down. What is not solved reopens the matters named, or becomes a new one. Refused for other offices, before
    its day, twice, and when something unsolved is not said."""
    must(coordinates(viewer))
    if after not in words().revisit_days or not application.granted or application.decided is None:
        raise Refused(N_("No call-back is due here."))
    day = local_day(at)
    if day < application.decided + timedelta(days=after):
        raise Refused(N_("This call-back is due on %(day)s."), day=application.decided + timedelta(days=after))
    if not 1 <= satisfaction <= 5:
        raise Refused(N_("Satisfaction is 1 to 5."), field="satisfaction")
    said = said.strip() if solved else need(said, "said")
    if {m.pk for m in again} - set(unsolved(application).values_list("pk", flat=True)):
        raise Refused(N_("Only closed matters of this project's questions are reopened."), field="again")
    office = Unit.objects.get(code=min(carriers(OFFICE)))
    numbers = [] if solved else _goes_on(viewer, application, after, said, again, at, office)
    known = {q.id for q in words().questions}
    try:
        with transaction.atomic():
            row = Revisit.objects.create(
                application=application, after=after, day=day, answers={k: v[:200] for k, v in answers.items() if k in known}, solved=solved,
                satisfaction=satisfaction, said=said[:500], matters=numbers, unit=office, person=viewer.person.username, at=at,
            )  # fmt: skip
    except IntegrityError:
        raise Refused(N_("This call-back was made already.")) from None
    data = {
        "after": after,
        "solved": solved,
        "satisfaction": satisfaction,
        "matters": numbers,
        "answers": row.answers,
        "said": row.said,
    }
    note(
        stream=f"approval:{application.pk}",
        event=Event("CalledBack", at, viewer.person.username, office.code, data),
        at=at,
    )
    return row


@dataclass(frozen=True)
class Lapse:
    """A permit whose time runs out: days left, and the step of warning it has reached (60, 30, 15)."""

    subject: Subject
    permit: Permit
    left: int
    step: int


def lapsing(subjects: Iterable[Subject], today: date) -> list[Lapse]:
    """Permits of these projects that lapse soon or have lapsed, the nearest first."""
    steps = sorted(words().lapse_days)
    found = []
    for subject in subjects:
        for permit in running(project_of(subject)):
            assert permit.lapses is not None
            left = (permit.lapses - today).days
            if left <= steps[-1]:
                found.append(Lapse(subject, permit, left, next(s for s in steps if left <= s)))
    return sorted(found, key=lambda x: (x.left, x.subject.pk))


def lapses(viewer: Viewer, today: date) -> list[Lapse]:
    """Permits of visible projects that lapse soon or have lapsed, the nearest first."""
    return lapsing(projects(viewer), today)


@transaction.atomic
def publish(*, viewer: Viewer, question: Question, at: datetime, asked: str, said: str, basis: str = "") -> Knowledge:
    """Keep an answer for everybody, worded so that no project is named. Refused for other offices and without an answer."""
    must(coordinates(viewer))
    if question.answer == Question.Answer.OPEN and not said.strip():
        raise Refused(N_("This question was not answered yet."))
    asked, said = need(asked, "asked"), need(said, "said")
    if question.subject.name in asked or question.subject.name in said:
        raise Refused(N_("Word it without the project's name: everybody reads it."), field="said")
    row, _ = Knowledge.objects.update_or_create(
        source=question,
        defaults={
            "item": question.item, "question": asked[:300], "said": said[:2000], "basis": basis.strip()[:200], "edition": question.edition,
            "unit": question.unit, "day": local_day(at), "ended": None, "person": viewer.person.username,
        },
    )  # fmt: skip
    data = {
        "item": row.item,
        "question": row.question,
        "said": row.said,
        "basis": row.basis,
        "edition": row.edition,
        "from": question.pk,
    }
    note(
        stream=f"knowledge:{row.pk}",
        event=Event("Published", at, viewer.person.username, min(carriers(OFFICE)), data),
        at=at,
    )
    return row


@transaction.atomic
def outdate(*, viewer: Viewer, row: Knowledge, at: datetime) -> None:
    """An answer that is no longer true; it stays to be read as such."""
    must(coordinates(viewer))
    row.ended = local_day(at)
    row.save(update_fields=["ended"])
    note(
        stream=f"knowledge:{row.pk}",
        event=Event("Outdated", at, viewer.person.username, min(carriers(OFFICE)), {}),
        at=at,
    )


def knowledge(text: str = "", item: str = "") -> QuerySet[Knowledge]:
    """Answers that hold every word, those that are still true first; for everybody who works here."""
    rows = Knowledge.objects.select_related("unit")
    if item:
        rows = rows.filter(item=item)
    for word in split(text):
        named = [i.id for i in approvals().approvals if word in i.name]
        rows = rows.filter(
            Q(question__icontains=word) | Q(said__icontains=word) | Q(basis__icontains=word) | Q(item__in=named)
        )
    return rows.order_by("ended", "-day", "-pk") if text or item else rows.filter(ended=None)
