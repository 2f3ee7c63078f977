"""A session: which units are needed for which projects, the timetable, questions and answers; what is promised is a matter at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from bihuan.engines import sittings as engine
from bihuan.engines.cpsat import Progress
from bihuan.instruments.meetings import services as meetings
from bihuan.instruments.meetings.models import Item, Meeting
from bihuan.instruments.meetings.selectors import meetings_visible_to
from bihuan.instruments.projects.selectors import project_of, writers
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import Limit, local_day
from bihuan.kernel.domain.refusal import N_, Refused, must, need
from bihuan.kernel.domain.state import Event
from bihuan.kernel.ledger.services import note, once
from bihuan.kernel.matters.selectors import subjects_visible_to
from bihuan.kernel.matters.services import promise
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.orgs.selectors import carriers, unit_ids
from bihuan.kernel.subjects.models import Subject

from .catalogue import approvals, units_of
from .models import Question, Session, Sitting
from .paths import OFFICE, facts, path_of

HORIZON = 60
"""Working days within which an item must begin for its unit to be needed before approval."""
SECONDS = 2.0
MOST = 60
"""Projects of one session at most."""
Answer = Question.Answer


def sessions_visible_to(viewer: Viewer) -> QuerySet[Session]:
    """Sessions whose meeting the viewer may see."""
    return Session.objects.filter(meeting__in=meetings_visible_to(viewer)).select_related("meeting__host")


def questions_visible_to(viewer: Viewer) -> QuerySet[Question]:
    """Questions of visible projects, and of visible sessions to one's own unit."""
    return Question.objects.filter(subject__in=subjects_visible_to(viewer)) | Question.objects.filter(
        unit__in=viewer.units
    )


def needed(subject: Subject, phase: str, today: date) -> dict[str, list[str]]:
    """The units that a project needs in a phase, by code, with the items for which it does.

    Before: what begins within the next working days. During: what is under way or can be handed in. After: acceptance and what
    the enterprise still needs around it.
    """
    path = path_of(subject, today)
    until = calendar_for(subject.territory.path).add(today, HORIZON)
    found: dict[str, list[str]] = {}
    for step in path.left():
        item = approvals().items[step.id]
        wanted = {
            Session.Phase.BEFORE: step.start is not None and step.start <= until,
            Session.Phase.DURING: step.state in ("ready", "running"),
            Session.Phase.AFTER: item.stage == "4" or step.state == "running",
        }[Session.Phase(phase)]
        if wanted:
            for unit in units_of(item):
                found.setdefault(unit, []).append(item.id)
    return found


def _note(session: Session, type_: str, viewer: Viewer, at: datetime, **data: object) -> None:
    host = session.meeting.host.code
    note(
        stream=f"meeting:{session.meeting_id}", event=Event(type_, at, viewer.person.username, host, dict(data)), at=at
    )


@transaction.atomic
def begin(*, viewer: Viewer, meeting: Meeting, at: datetime, phase: str, minutes: int) -> Session:
    """What a meeting of counselling has beside a meeting. Refused for another kind, and for slots of no length."""
    meetings.hosted(viewer, meeting)
    if meeting.kind != Meeting.Kind.COUNSELLING:
        raise Refused(N_("This is no counselling session."))
    if not 5 <= minutes <= 60:
        raise Refused(N_("A slot has 5 to 60 minutes."), field="minutes")
    made, _ = Session.objects.update_or_create(meeting=meeting, defaults={"phase": phase, "minutes": minutes})
    _note(made, "SessionBegun", viewer, at, phase=phase, minutes=minutes)
    return made


def _open(viewer: Viewer, session: Session) -> None:
    meetings.hosted(viewer, session.meeting)
    if session.meeting.state not in (Meeting.State.PREPARED, Meeting.State.CALLED):
        raise Refused(N_("This meeting is over."))


@transaction.atomic
def choose(*, viewer: Viewer, session: Session, at: datetime, subjects: Sequence[Subject]) -> int:
    """The projects of a session: each becomes a point of the agenda, the units that they need are invited; how many pairs.

    Pairs that are needed no longer go; the timetable is to be made anew. Refused for a project whose facts nobody told.
    """
    _open(viewer, session)
    if not 1 <= len(subjects) <= MOST:
        raise Refused(N_("A session takes 1 to %(most)s projects."), field="subjects", most=MOST)
    today = local_day(at)
    wanted: dict[tuple[int, int], list[str]] = {}
    for subject in subjects:
        if facts(subject) is None:
            raise Refused(N_("%(name)s: describe the project first."), field="subjects", name=subject.name)
        units = needed(subject, session.phase, today)
        ids = unit_ids(units)
        wanted |= {(subject.pk, ids[code]): items for code, items in units.items() if code in ids}
    on = set(session.meeting.items.values_list("subject", flat=True))
    points = [meetings.Point(s.name, Item.Why.ADDED, s) for s in subjects if s.pk not in on]
    if points:
        meetings.agenda_set(viewer=viewer, meeting=session.meeting, at=at, points=points)
    gone = on - {s.pk for s in subjects} - {None}
    if gone:
        order = list(session.meeting.items.exclude(subject__in=gone).values_list("pk", flat=True))
        meetings.agenda_order(viewer=viewer, meeting=session.meeting, at=at, order=order)
    guests = Unit.objects.filter(pk__in={u for _, u in wanted})
    meetings.invite(viewer=viewer, meeting=session.meeting, at=at, units=guests)
    session.sittings.all().delete()
    Sitting.objects.bulk_create(
        Sitting(session=session, subject_id=s, unit_id=u, items=items) for (s, u), items in wanted.items()
    )
    Session.objects.filter(pk=session.pk).update(cost=0, bound=0)
    _note(session, "SessionChosen", viewer, at, subjects=[s.code for s in subjects], pairs=len(wanted))
    return len(wanted)


def arrange(
    *, viewer: Viewer, session: Session, at: datetime, seconds: float = SECONDS, progress: Progress | None = None,
    keep: Callable[[engine.Timetable], bool] = lambda made: True,
) -> engine.Timetable:  # fmt: skip
    """Make the timetable: no clash, a short session, little waiting; never worse than the one there is. Refused without projects.

    `keep` is asked in the transaction that would write it; False leaves everything as it was.
    """
    _open(viewer, session)
    rows = list(session.sittings.order_by("subject", "unit"))
    if not rows:
        raise Refused(N_("Choose the projects first."))
    wanted = engine.Wanted(tuple(engine.Talk(str(r.unit_id), str(r.subject_id), r.slots) for r in rows))
    have = [r.start for r in rows if r.start is not None]
    begin = have if len(have) == len(rows) else None
    made = engine.timetable(wanted, seconds, seed=session.pk, begin=begin, progress=progress)
    for row, start in zip(rows, made.starts, strict=True):
        row.start = start
    with transaction.atomic():
        if not keep(made):
            return made
        Sitting.objects.bulk_update(rows, ["start"])
        Session.objects.filter(pk=session.pk).update(cost=made.cost, bound=made.bound)
        _note(session, "TimetableMade", viewer, at, pairs=len(rows), end=made.end, cost=made.cost, bound=made.bound)
    return made


@dataclass(frozen=True)
class Table:
    """The timetable as a page shows it: a row a project with its talks, a column a slot; moments of the slots."""

    moments: list[datetime]
    rows: list[tuple[Subject, list[list[Sitting]]]]


def table(session: Session) -> Table:
    """Who sits with whom when; empty before the timetable was made."""
    rows = list(session.sittings.exclude(start=None).select_related("subject", "unit"))
    end = max((r.start + r.slots for r in rows if r.start is not None), default=0)
    moments = [session.meeting.starts_at + timedelta(minutes=session.minutes * n) for n in range(end)]
    cells: dict[int, list[list[Sitting]]] = {}
    names: dict[int, Subject] = {}
    for r in rows:
        assert r.start is not None
        names[r.subject_id] = r.subject
        cells.setdefault(r.subject_id, [[] for _ in range(end)])[r.start].append(r)
    return Table(moments, [(names[k], cells[k]) for k in sorted(cells, key=lambda k: names[k].name)])


def _asks(viewer: Viewer, session: Session | None, subject: Subject) -> str:
    """The unit in whose name the viewer puts questions: the host at its table, the office, the project's own units."""
    hosts = {session.meeting.host.code} if session else set()
    return min(viewer.acting & (hosts | carriers(OFFICE) | writers(subject, project_of(subject))), default="")


@transaction.atomic
def ask(
    *,
    viewer: Viewer,
    subject: Subject,
    unit: Unit,
    text: str,
    at: datetime,
    item: str = "",
    session: Session | None = None,
) -> Question:
    """Put a question to a unit. Refused in another's name, for an unknown item, and for a project that is not of the session."""
    by = _asks(viewer, session, subject)
    must(bool(by))
    text = need(text, "text")
    if len(text) > 300:
        raise Refused(N_("A question has at most 300 characters."), field="text")
    if item and (item not in approvals().items or approvals().items[item].milestone):
        raise Refused(N_("%(item)s is no item of the catalogue."), field="item", item=item)
    if session is not None and not session.sittings.filter(subject=subject).exists():
        raise Refused(N_("This project is not of this session."), field="subject")
    made = Question.objects.create(
        subject=subject, session=session, unit=unit, item=item, text=text, edition=approvals().edition, person=viewer.person.username, at=at,
    )  # fmt: skip
    data = {
        "subject": subject.code,
        "to": unit.code,
        "item": item,
        "text": text,
        "session": session.meeting_id if session else None,
    }
    note(stream=f"question:{made.pk}", event=Event("Asked", at, viewer.person.username, by, {**data, "title": text[:120], "tell": [] if session else [unit.code]}), at=at)  # fmt: skip
    return made


def _locked(question: Question) -> Question:
    """The row, held until the transaction ends."""
    Question.objects.select_for_update().get(pk=question.pk)
    rows = Question.objects.select_related("subject__territory", "subject__unit", "unit", "session__meeting__host")
    found: Question = rows.get(pk=question.pk)
    return found


@transaction.atomic
def answer(
    *, viewer: Viewer, question: Question, kind: str, said: str, at: datetime, due: date | None = None
) -> Question:
    """What the unit said: answered, not possible and why, or taken back until a day, which makes a matter of it at once.

    Refused for other units, for an answer without words, for a promise without a day, and once a matter came of it.
    """
    row = _locked(question)
    session = row.session
    hosts = {session.meeting.host.code} if session else set()
    can = viewer.acting & ({row.unit.code} | hosts | carriers(OFFICE))
    must(bool(can))
    if row.matter_id is not None:
        raise Refused(N_("This is matter #%(n)s already; it goes on there."), n=row.matter_id)
    if session is not None and session.meeting.state not in (Meeting.State.CALLED, Meeting.State.HELD):
        raise Refused(N_("Answers are taken down at a meeting that was called."))
    if kind not in (Answer.NOW, Answer.TAKEN, Answer.CONSULT, Answer.IMPOSSIBLE):
        raise Refused(N_("Choose what kind of answer it is."), field="kind")
    if kind in (Answer.NOW, Answer.IMPOSSIBLE):
        said = need(said, "said")
    promised = kind in (Answer.TAKEN, Answer.CONSULT)
    if promised and (due is None or due <= local_day(at)):
        raise Refused(N_("A promise needs a day that is still to come."), field="due")
    by = row.unit.code if row.unit.code in can else min(can)
    if promised:
        row.matter = promise(
            actor=c.Actor(viewer.person.username, viewer.acting), at=at, kind_id="question", title=row.text[:80],
            description=f"{row.text}\n{said}".strip(), subject=row.subject, raiser=Unit.objects.get(code=min(hosts or carriers(OFFICE))),
            lead=row.unit.code, limit=Limit("date", until=due), reason=session.meeting.title if session else "",
            token=once(f"question:{row.pk}"),
        )  # fmt: skip
    row.answer, row.said, row.due, row.answered_at = kind, said.strip(), due if promised else None, at
    row.edition = approvals().edition
    row.save()
    data = {
        "kind": kind, "said": row.said, "due": due.isoformat() if promised and due else None, "matter": row.matter_id, "edition": row.edition,
    }  # fmt: skip
    note(stream=f"question:{row.pk}", event=Event("Answered", at, viewer.person.username, by, data), at=at)
    return row


def materials(session: Session) -> list[tuple[Subject, list[tuple[str, str, tuple[str, ...]]]]]:
    """What each project brings: item, its name, its papers, in the order of the catalogue."""
    c_ = approvals()
    by_subject: dict[int, set[str]] = {}
    names: dict[int, Subject] = {}
    for row in session.sittings.select_related("subject"):
        names[row.subject_id] = row.subject
        by_subject.setdefault(row.subject_id, set()).update(row.items)
    order = list(c_.items)
    return [
        (names[k], [(i, c_.items[i].name, c_.items[i].materials) for i in sorted(items, key=order.index)])
        for k, items in sorted(by_subject.items(), key=lambda x: names[x[0]].name)
    ]
