"""A session: its projects, who is needed, the timetable, the table at which questions and answers are typed, its papers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.instruments.documents import services as documents
from bihuan.instruments.documents.selectors import papers_visible_to
from bihuan.instruments.meetings.models import Meeting
from bihuan.instruments.meetings.selectors import hosts
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.registry.words import chinese
from bihuan.kernel.subjects.models import Subject
from bihuan.mechanisms.counselling import paths, sessions, together
from bihuan.mechanisms.counselling.catalogue import approvals
from bihuan.mechanisms.counselling.models import Question, Session
from bihuan.mechanisms.counselling.papers import plan_context, session_context

from ..meetings.meetings import hosted, meeting_or_404
from ..surface.formpage import form_page, refuse_foreign, saying
from ..surface.middleware import acting, viewer
from .forms import AnswerForm, QuestionForm, SessionForm

PAPERS = ("counselling_notice", "counselling_minutes")


def _session(request: HttpRequest, pk: int) -> Session:
    meeting = meeting_or_404(request, pk)
    found: Session = get_object_or_404(Session.objects.select_related("meeting__host"), meeting=meeting)
    return found


def _subjects(session: Session) -> QuerySet[Subject]:
    return Subject.objects.filter(pk__in=session.sittings.values("subject")).order_by("name")


@require_GET
def session(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole of it: timetable, questions by project, papers."""
    who = viewer(request)
    meeting = meeting_or_404(request, pk)
    if meeting.kind != Meeting.Kind.COUNSELLING:
        raise Http404
    row = Session.objects.select_related("meeting__host").filter(meeting=meeting).first()
    if row is None:
        if not hosts(who, meeting):
            raise Http404
        return redirect("session_projects", pk)
    mine = hosts(who, meeting)
    table = sessions.table(row)
    asked = row.questions.select_related("subject", "unit", "matter__territory")
    need: dict[str, list[dict[str, Any]]] = {}
    names = approvals().items
    for s in row.sittings.select_related("subject", "unit").order_by("subject__name", "unit__name"):
        need.setdefault(s.subject.name, []).append(
            {"unit": s.unit.name, "items": "、".join(names[i].name for i in s.items if i in names)}
        )
    return render(request, "counselling/session.html", {
        "session": row, "meeting": meeting, "mine": mine, "table": table, "need": list(need.items()), "asked": asked, "open": meeting.state in ("prepared", "called"),
        "form": question_form(row) if mine and meeting.state in ("called", "held") else None, "units": len({s.unit_id for s in row.sittings.all()}),
        "papers": papers_visible_to(who).filter(about=f"meeting:{pk}").exclude(state="dropped"), "projects": _subjects(row).count(),
        "search": together.reckonings_of(who).filter(session=row).first(), "loss": row.cost - row.bound if row.cost else None,
    })  # fmt: skip


def question_form(row: Session, data: Any = None) -> QuestionForm:
    """The line at the table: projects and units of this session."""
    form = QuestionForm(data)
    form.fields["subject"].queryset = _subjects(row)  # type: ignore[attr-defined]
    form.fields["unit"].queryset = Unit.objects.filter(invitations__meeting=row.meeting).distinct()  # type: ignore[attr-defined]
    name = "name" if chinese() else "name_en"
    form.fields["item"].choices = [("", "—"), *((i.id, f"{i.id} {getattr(i, name)}") for i in approvals().approvals)]  # type: ignore[attr-defined]
    return form


@require_http_methods(["GET", "POST"])
def projects(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose phase and projects; the units that are needed, and the timetable, follow."""
    who, meeting = hosted(request, pk)
    if meeting.kind != Meeting.Kind.COUNSELLING:
        raise Http404
    row = Session.objects.filter(meeting=meeting).first()
    chosen = list(_subjects(row).values_list("code", flat=True)) if row else []
    initial = {"phase": row.phase if row else "before", "minutes": row.minutes if row else 10, "subjects": chosen}
    form = SessionForm(request.POST or None, initial=initial)
    form.fields["subjects"].queryset = paths.projects(who)  # type: ignore[attr-defined]

    def act(d: dict[str, Any]) -> HttpResponse:
        now = timezone.now()
        made = sessions.begin(viewer=who, meeting=meeting, at=now, phase=d["phase"], minutes=d["minutes"])
        sessions.choose(viewer=who, session=made, at=now, subjects=list(d["subjects"]))
        sessions.arrange(viewer=who, session=made, at=now)
        return redirect("session", pk)

    back = reverse("session" if row else "meeting", args=[pk])
    return form_page(
        request,
        form,
        act,
        title=_("Projects of %(title)s") % {"title": meeting.title},
        button=_("Find the units and make the timetable"),
        back=back,
    )


@require_POST
def arrange(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the timetable anew."""
    who, _meeting = hosted(request, pk)
    row = _session(request, pk)
    with saying(request):
        sessions.arrange(viewer=who, session=row, at=timezone.now())
    return redirect("session", pk)


@require_POST
def better(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on looking for a better timetable, while somebody watches."""
    who, _meeting = hosted(request, pk)
    with saying(request):
        together.ask(viewer=who, at=timezone.now(), session=_session(request, pk))
    return redirect("session", pk)


@require_POST
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a question down, with its answer where it was given at once; a promise is a matter in this moment."""
    who, _meeting = hosted(request, pk)
    row = _session(request, pk)
    form = question_form(row, request.POST)
    if not form.is_valid():
        refuse_foreign(form)
        for name, errors in form.errors.items():
            messages.error(
                request, f"{form.fields[name].label if name in form.fields else ''} {'; '.join(map(str, errors))}"
            )
        return redirect("session", pk)
    d = form.cleaned_data
    now = timezone.now()
    with saying(request):
        made = sessions.ask(
            viewer=who, subject=d["subject"], unit=d["unit"], text=d["text"], at=now, item=d["item"], session=row
        )
        if d["kind"]:
            made = sessions.answer(viewer=who, question=made, kind=d["kind"], said=d["said"], at=now, due=d["due"])
        if made.matter_id:
            messages.success(
                request,
                _("Matter #%(n)s: %(unit)s, due %(due)s.")
                % {"n": made.matter_id, "unit": d["unit"].name, "due": d["due"]},
            )
    return redirect(f"{reverse('session', args=[pk])}#ask")


def question_or_404(request: HttpRequest, pk: int) -> tuple[Viewer, Question]:
    """A question that the viewer may see."""
    who = acting(request)
    rows = sessions.questions_visible_to(who).select_related("subject", "unit", "session")
    return who, get_object_or_404(rows.distinct(), pk=pk)


@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a question."""
    who, row = question_or_404(request, pk)
    if row.session_id is not None:
        back = reverse("session", args=[row.session.meeting_id]) if row.session else ""
    else:
        back = reverse("path", args=[row.subject.code])
    form = AnswerForm(request.POST or None, initial={"kind": "now", "said": row.said})

    def act(d: dict[str, Any]) -> HttpResponse:
        sessions.answer(viewer=who, question=row, kind=d["kind"], said=d["said"], at=timezone.now(), due=d["due"])
        return redirect(back)

    return form_page(request, form, act, title=f"{row.subject.name}: {row.text}", button=_("Answer"), back=back)


@require_POST
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the papers ticked: notice with timetable, minutes, and a plan for each project."""
    who, meeting = hosted(request, pk)
    row = _session(request, pk)
    now = timezone.now()
    readers = [i.unit for i in meeting.invitations.select_related("unit")]
    names = {"counselling_notice": "通知", "counselling_minutes": "纪要"}
    n = 0
    with saying(request):
        for kind in request.POST.getlist("kind"):
            if kind in PAPERS:
                documents.ask(
                    viewer=who, at=now, unit=meeting.host, kind_id=kind, title=f"{meeting.title}{names[kind]}", context=session_context(row, now),
                    about=f"meeting:{pk}", readers=readers,
                )  # fmt: skip
                n += 1
            elif kind == "project_plan":
                for subject in _subjects(row).select_related("file", "territory", "unit"):
                    documents.ask(
                        viewer=who, at=now, unit=meeting.host, kind_id=kind, title=_("%(name)s: one project, one plan") % {"name": subject.name},
                        context=plan_context(subject, timezone.localdate()), about=f"meeting:{pk}", readers=readers,
                    )  # fmt: skip
                    n += 1
        messages.success(request, _("%(n)s papers are being written.") % {"n": n})
    return redirect("session", pk)
