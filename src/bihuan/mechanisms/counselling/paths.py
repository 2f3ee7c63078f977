"""A project's path: what its file and its approvals say, laid before the engine."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import QuerySet

from bihuan.engines.approvals import path as engine
from bihuan.engines.approvals.applying import Facts
from bihuan.engines.approvals.situations import Situation
from bihuan.engines.approvals.telling import facts_of
from bihuan.instruments.projects.selectors import project_of, writers
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.matters.selectors import subjects_visible_to
from bihuan.kernel.orgs.selectors import carriers
from bihuan.kernel.subjects.models import Subject

from .catalogue import approvals, words
from .models import Application, Step
from .rules import Row, Standing, fold, waits

PART = "approval"
OFFICE = "coordinate.counselling"
LABEL = "联审联批"
ENOUGH = 5
"""Decided cases from which the record says how long an item takes."""


def coordinates(viewer: Viewer) -> bool:
    """Whether the viewer works for the office of counselling."""
    return bool(carriers(OFFICE) & viewer.acting)


def keeps(viewer: Viewer, subject: Subject) -> str:
    """The unit in whose name the viewer describes the project for its path; empty when none does."""
    units = viewer.acting & (writers(subject, project_of(subject)) | carriers(OFFICE))
    return min(units, default="")


def described(rows: QuerySet[Subject]) -> QuerySet[Subject]:
    """Those of `rows` that are projects whose path is known."""
    found = rows.filter(type=Subject.Type.PROJECT, file__body__approval__facts__isnull=False)
    return found.select_related("file", "territory", "unit").order_by("name", "pk")


def projects(viewer: Viewer) -> QuerySet[Subject]:
    """The projects that the viewer may see whose path is known."""
    return described(subjects_visible_to(viewer))


def applications_visible_to(viewer: Viewer) -> QuerySet[Application]:
    """Applications of visible projects."""
    return Application.objects.filter(subject__in=subjects_visible_to(viewer))


def approvals_on_desk(viewer: Viewer, today: date, most: int = 4) -> list[Application]:
    """The approvals that the viewer's units decide on next, by their due day."""
    until = calendar_for().add(today, 5)
    rows = Application.objects.filter(unit__code__in=viewer.acting, decided=None, due__lte=until)
    return list(rows.select_related("subject").order_by("due", "pk")[:most])


def body_of(subject: Subject) -> dict[str, Any]:
    """What the file holds for the path, by key."""
    found: dict[str, Any] = subject.file.body.get(PART, {})
    return found


def facts(subject: Subject) -> Facts | None:
    """The facts of a project; None before anybody told them."""
    told = body_of(subject).get("facts")
    return facts_of(told, approvals()) if told and "type" in told else None


def rows_of(steps: Iterable[Step]) -> list[Row]:
    """Steps as the rules read them."""
    return [
        Row(s.code, local_day(s.at), local_day(s.entered_at), s.what, s.reason, s.notice, s.until, s.days, s.opinion) for s in steps
    ]  # fmt: skip


def standing(application: Application, today: date) -> Standing:
    """Where an application stands, from its steps."""
    calendar = calendar_for(application.subject.territory.path)
    return fold(rows_of(application.steps.all()), application.law, words(), calendar, today)


def applied(subjects: Collection[Subject]) -> dict[int, list[Application]]:
    """All applications of projects by project, with their steps."""
    found: dict[int, list[Application]] = {s.pk: [] for s in subjects}
    rows = Application.objects.filter(subject__in=subjects).select_related("unit", "subject__territory")
    for a in rows.prefetch_related("steps__unit"):
        found[a.subject_id].append(a)
    return found


def history() -> dict[str, int]:
    """By item, the working days within which four of five cases were decided; only where enough were."""
    found: dict[str, list[int]] = {}
    calendar = calendar_for()
    rows = Application.objects.filter(decided__isnull=False, received__isnull=False).values_list(
        "item", "received", "decided"
    )
    for item, received, decided in rows.iterator(2_000):
        assert received is not None
        assert decided is not None
        found.setdefault(item, []).append(calendar.count(received, decided))
    return {item: p80 for item, (n, _median, p80) in waits(found).items() if n >= ENOUGH}


def situation(
    subject: Subject,
    today: date,
    apps: Sequence[Application] | None = None,
    by: str = "promise",
    learnt: Mapping[str, int] | None = None,
) -> Situation:
    """Where a project stands: settled and running approvals, what was supposed in its file, works begun and built."""
    body = body_of(subject)
    calendar = calendar_for(subject.territory.path)
    done: dict[str, date | None] = {k: _day(v) for k, v in body.get("done", {}).items()}
    ends: dict[str, date] = {}
    modes: dict[str, str] = dict(body.get("modes", {}))
    for a in applied([subject])[subject.pk] if apps is None else apps:
        s = standing(a, today)
        if s.granted and (a.mode != "mock" or s.formal):
            done[a.item] = s.decided
        elif s.state in ("received", "gap", "accepted", "review", "paused"):
            paused_to = s.pauses[-1].planned if s.state == "paused" and s.pauses else None
            due = s.decision_due or s.acceptance_due or today
            ends[a.item] = max(
                today,
                calendar.add(paused_to, max(calendar.count(today, due), 0)) if paused_to and paused_to > today else due,
            )
            if a.mode == "mock":
                modes[a.item] = "mock"
    project = project_of(subject)
    for node, milestone in (("start", engine.START), ("complete", "BUILT")):
        if project.node(node).actual:
            done[milestone] = project.node(node).actual
    own = body.get("own", {})
    return Situation(
        as_of=today, done=done, waived=dict(body.get("waived", {})), ends={k: v for k, v in ends.items() if k not in done},
        ready={k: date.fromisoformat(v) for k, v in body.get("ready", {}).items()}, days=dict(body.get("days", {})), modes=modes,
        history=dict(learnt if learnt is not None else history()) if by == "history" else {}, by=by, works=own.get("works"),
    )  # fmt: skip


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def path_of(
    subject: Subject, today: date, *, goal: str = engine.FINISH, suppose: Mapping[str, Any] | None = None, apps: Sequence[Application] | None = None,
    by: str = "promise", learnt: Mapping[str, int] | None = None,
) -> engine.Path:  # fmt: skip
    """The path of a project. `suppose`: fields of a situation laid over the real one. Refused before its facts are known."""
    told = facts(subject)
    if told is None:
        raise Refused(N_("Describe the project first: a dozen facts give its path."))
    now = situation(subject, today, apps, by, learnt)
    if suppose:
        laid: dict[str, Any] = {
            k: {**getattr(now, k), **v} if isinstance(v, Mapping) else v for k, v in suppose.items()
        }
        now = replace(now, **laid)
    return engine.plan(approvals(), told, now, calendar_for(subject.territory.path), goal)


def missing(subject: Subject, item: str, today: date) -> tuple[str, ...]:
    """The groups that an item waits for, as the record has it."""
    return path_of(subject, today).steps[item].missing
