"""One financing file: how it stands, its figures, its checks, and the steps of the office and the developer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.instruments.projects.selectors import project_of
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.matters.selectors import visible_to
from bihuan.kernel.orgs.selectors import unit_names_of
from bihuan.kernel.registry.words import own_name
from bihuan.mechanisms.financing import accounts, leading, pushing, rules, screening, services, telling
from bihuan.mechanisms.financing.catalogue import PARTS, figures, groups
from bihuan.mechanisms.financing.models import File, Push
from bihuan.mechanisms.financing.selectors import (
    Book,
    acts_as,
    acts_now,
    book,
    condition_sets,
    files_visible_to,
    looked,
    movements_visible_to,
    office,
    proofs_visible_to,
    pushes_visible_to,
    role_of,
    seen_by,
    statements_visible_to,
)
from bihuan.mechanisms.financing.words import STEPS

from ..surface.files import kept_file
from ..surface.formpage import form_page, saying
from ..surface.middleware import acting, viewer
from .forms import CheckForm, FiguresForm, ReasonForm, StatementForm
from .step_forms import StepForm

OFFICE_STEPS = ("treated", "handed", "district", "city", "pushed", "delivered", "out", "back")
"""Steps of the file that have a form of their own here."""


def file_or_404(request: HttpRequest, code: str) -> tuple[Viewer, File]:
    """A file that the viewer may know of; strangers learn nothing."""
    who = viewer(request)
    return who, get_object_or_404(files_visible_to(who), code=code)


def _doubts(who: Viewer, whole: Book, pushes: list[Push], now: Any) -> list[dict[str, Any]]:
    """Questions of money and works, with what was answered."""
    found = []
    for push in pushes:
        if whole.ask_of(push).signed is None:
            continue
        lines = movements_visible_to(who, push.file).filter(day__gte=push.day)
        for d in accounts.reconciled(whole, push, now, lines).doubts:
            found.append({"doubt": d, "push": push, "said": whole.standing.explained.get(d.key, "")})
    return found


@require_GET
def file(request: HttpRequest, code: str) -> HttpResponse:
    """The file as this viewer sees it; that it was looked at stands in the record."""
    who, row = file_or_404(request, code)
    now, today = timezone.now(), timezone.localdate()
    looked(viewer=who, what="file", at=now, file=row)
    whole = book(row)
    seen = seen_by(who, whole)
    role = role_of(who, row)
    does, _unit = acts_as(who, row)
    pushes = list(pushes_visible_to(who).filter(file=row).order_by("n"))
    s = seen.standing
    checks = [
        {
            "set": x,
            "rows": [{"condition": c, "found": s.checks.get(c.id), "self": s.selves.get(c.id)} for c in x.conditions],
        }
        for x in condition_sets(today)
    ]
    numbers = [n for step in seen.steps for n in [step.matter_id, *step.data.get("matters", ())] if n]
    return render(request, "financing/financing_file.html", {
        "file": row, "book": seen, "standing": s, "role": role, "does": does, "groups": _groups(seen, role), "buildings": seen.buildings(today),
        "funds": seen.funds(today) if role != rules.BANK else None, "checks": checks, "line": rules.LINE, "today": today,
        "pushes": [{"push": p, "ask": seen.ask_of(p), "nth": i} for i, p in enumerate(pushes, 1)],
        "able": [w for w in rules.able(whole.standing, does) if w in OFFICE_STEPS] if does else [], "parts": PARTS,
        "checks_able": bool(does) and "check" in rules.able(whole.standing, does),
        "doubts": _doubts(who, whole, pushes, now) if role == rules.OFFICE else [],
        "matters": visible_to(who).filter(number__in=numbers).select_related("lead", "owed_by", "territory"),
        "statements": statements_visible_to(who).filter(file=row)[:8], "project": project_of(row.subject) if role != rules.BANK else None,
        "others": leading.others(whole) if role == rules.OFFICE and s.lead and s.lead.signed else [], "office": office(who),
        "story": [x for x in reversed(seen.steps) if x.what != "check"][:60], "proofs": {x.step_id: x for x in proofs_visible_to(who).filter(step__file=row)},
        "brings": bool(acts_now(who, row)[0]),
    })  # fmt: skip


def _groups(seen: Book, role: str) -> list[dict[str, Any]]:
    """Groups of figures of the whole project, with what this viewer sees of each."""
    found = []
    for g in groups().values():
        if g.id in PARTS:
            continue
        words = [
            f
            for f in figures().values()
            if f.group == g.id and (role == rules.OFFICE or role in f.seen or (f.id, "") in seen.told)
        ]
        if words:
            found.append({"group": g, "rows": [{"word": f, "told": seen.told.get((f.id, ""))} for f in words]})
    return found


@require_http_methods(["GET", "POST"])
def figure_form(request: HttpRequest, code: str, group: str) -> HttpResponse:
    """Tell the figures of one group, or of one building or loan."""
    who, row = file_or_404(request, code)
    acting(request)
    word = groups().get(group)
    role, _unit = acts_as(who, row)
    if word is None or not role:
        raise Http404
    part = request.GET.get("part", "")[:40]
    found = book(row)
    if role == rules.DEVELOPER:
        found = seen_by(who, found)
    form = FiguresForm(request.POST or None, group=group, book=found, part=part)

    def act(d: dict[str, Any]) -> HttpResponse:
        n = telling.tell(
            viewer=who, file=row, values=form.values(), day=d["day"], source=d["source"], at=timezone.now()
        )
        messages.success(request, _("%(n)s figures are new.") % {"n": n})
        return redirect("financing_file", row.code)

    title = f"{row.subject.name} · {own_name(word)}{' · ' + part if part else ''}"
    return form_page(request, form, act, title=title, button=_("Save"), back=reverse("financing_file", args=[code]))


@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, code: str, condition: str) -> HttpResponse:
    """Say whether a condition is met."""
    who, row = file_or_404(request, code)
    acting(request)
    role, _unit = acts_as(who, row)
    word = next((c for s in condition_sets(timezone.localdate()) for c in s.conditions if c.id == condition), None)
    if word is None or not role:
        raise Http404
    form = CheckForm(request.POST or None, request.FILES or None, condition=word, office=role == rules.OFFICE)

    def act(d: dict[str, Any]) -> HttpResponse:
        step = screening.check(
            viewer=who, file=row, condition_id=condition, result=d["result"], reason=d["reason"], day=d["day"], at=timezone.now(), staged=d["staged"],
            owner=d.get("owner"),
        )  # fmt: skip
        if step.matter is not None:
            messages.success(
                request,
                _("Matter #%(n)s: %(unit)s.")
                % {"n": step.matter.number, "unit": step.matter.lead.name if step.matter.lead else ""},
            )
        return redirect(reverse("financing_file", args=[code]) + "#conditions")

    title = f"{row.subject.name} · {condition} {own_name(word)}"
    return form_page(request, form, act, title=title, button=_("Record"), back=reverse("financing_file", args=[code]))


@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, code: str, what: str) -> HttpResponse:
    """A step of the file: hand in, pass, treat, push, move out, bring back, delivered."""
    who, row = file_or_404(request, code)
    acting(request)
    role, _unit = acts_as(who, row)
    if what not in OFFICE_STEPS or role not in rules.WHO[what]:
        raise Http404
    found = book(row)
    choice = getattr(row, "choice", None)
    form = StepForm(request.POST or None, what=what, book=found, initial={"bank": choice.bank.code} if choice else None)

    def do(d: dict[str, Any]) -> HttpResponse:
        now = timezone.now()
        if what == "pushed":
            made = pushing.push(viewer=who, file=row, bank=d["bank"], day=d["day"], at=now, batch=d["batch"])
            return redirect("push", made.code)
        amount, data = form.data_of()
        services.take(viewer=who, file=row, told=services.Told(what, d["day"], amount, data), at=now)
        return redirect("financing_file", code)

    title = f"{row.subject.name} · {STEPS[what]}"
    return form_page(request, form, do, title=title, button=_("Record"), back=reverse("financing_file", args=[code]))


@require_http_methods(["GET", "POST"])
def explain(request: HttpRequest, code: str) -> HttpResponse:
    """Answer a question of money and works with a reason, or make a matter of it."""
    who, row = file_or_404(request, code)
    acting(request)
    if not office(who):
        raise Http404
    key = request.GET.get("key", "")[:120]
    whole = book(row)
    asked = {
        x["doubt"].key: x for x in _doubts(who, whole, list(row.pushes.select_related("bank", "file")), timezone.now())
    }
    if key not in asked:
        raise Http404
    form = ReasonForm(request.POST or None)

    def do(d: dict[str, Any]) -> HttpResponse:
        told = services.Told("explained", timezone.localdate(), data={"key": key, "reason": d["reason"]})
        services.take(viewer=who, file=row, told=told, at=timezone.now())
        return redirect(reverse("financing_file", args=[code]) + "#questions")

    return form_page(
        request,
        form,
        do,
        title=_("Answer of the question"),
        button=_("Record"),
        back=reverse("financing_file", args=[code]),
    )


@require_POST
def inform(request: HttpRequest, code: str) -> HttpResponse:
    """Tell the other lenders."""
    who, row = file_or_404(request, code)
    acting(request)
    with saying(request):
        told = leading.inform(viewer=who, book=book(row), at=timezone.now())
        messages.success(request, _("Told: %(names)s.") % {"names": "、".join(unit_names_of(told)) or "—"})
    return redirect("financing_file", code)


@require_GET
def proof(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A file that a step rests on; that it was opened stands in the record."""
    who = viewer(request)
    row = get_object_or_404(proofs_visible_to(who), pk=pk)
    looked(viewer=who, what="proof", at=timezone.now(), file=row.step.file, sha256=row.file_id)
    return kept_file(row.file, row.name)


@require_http_methods(["GET", "POST"])
def statement_new(request: HttpRequest, code: str) -> HttpResponse:
    """Bring a statement of the supervised account."""
    who, row = file_or_404(request, code)
    acting(request)
    if not acts_now(who, row)[0]:
        raise Http404
    form = StatementForm(request.POST or None, request.FILES or None)

    def do(d: dict[str, Any]) -> HttpResponse:
        made = accounts.bring(viewer=who, file=row, upload=d["file"], at=timezone.now())
        return redirect("statement", made.pk)

    title = _("Statement of the supervised account: %(name)s") % {"name": row.subject.name}
    return form_page(request, form, do, title=title, button=_("Take in"), back=reverse("financing_file", args=[code]))


@require_http_methods(["GET", "POST"])
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    """What came of a statement: new lines, lines that were there, lines that read otherwise now."""
    who = viewer(request)
    row = get_object_or_404(statements_visible_to(who), pk=pk)
    does = acts_now(who, row.file)[0]
    form = ReasonForm(request.POST if request.method == "POST" and "key" in request.POST else None)
    if request.method == "POST":
        acting(request)
        if "stop" in request.POST:
            accounts.stop(viewer=who, row=row, at=timezone.now())
            return redirect("statement", pk)
        if form.is_valid():
            with saying(request):
                accounts.correct(
                    viewer=who,
                    row=row,
                    key=request.POST.get("key", ""),
                    reason=form.cleaned_data["reason"],
                    at=timezone.now(),
                )
            return redirect("statement", pk)
    else:
        looked(viewer=who, what="statement", at=timezone.now(), file=row.file)
    return render(
        request,
        "financing/statement.html",
        {
            "statement": row,
            "does": does,
            "form": form,
            "searching": row.state == "waiting",
            "tab": "financing_files",
        },
    )
