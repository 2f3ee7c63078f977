"""One push: what a bank is asked, what it answered, its credit, contract, plan, drawings, payments; and what it keeps for its people."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.mechanisms.financing import accounts, pushing, rules, services
from bihuan.mechanisms.financing.catalogue import course
from bihuan.mechanisms.financing.models import Push
from bihuan.mechanisms.financing.selectors import (
    acts_as,
    book,
    looked,
    movements_visible_to,
    proofs_visible_to,
    pushes_visible_to,
    role_of,
    seen_by,
    with_steps,
)
from bihuan.mechanisms.financing.words import STEPS

from ..surface.formpage import form_page
from ..surface.middleware import acting, viewer
from .step_forms import StepForm

BANK_STEPS = (
    "received", "accepted", "problems", "refused", "credited", "declined", "signed", "party", "planned", "drawn", "paid", "repaid", "withdrawn", "duty",
)  # fmt: skip


def push_or_404(request: HttpRequest, code: str) -> tuple[Viewer, Push]:
    """A push that the viewer may see."""
    who = viewer(request)
    return who, get_object_or_404(with_steps(pushes_visible_to(who)), code=code)


@require_GET
def push(request: HttpRequest, code: str) -> HttpResponse:
    """How it stands: clock, answers, money by plan and account, what does not fit, what the bank keeps for its people."""
    who, row = push_or_404(request, code)
    now, today = timezone.now(), timezone.localdate()
    looked(viewer=who, what="push", at=now, file=row.file)
    whole = book(row.file)
    seen = seen_by(who, whole)
    ask = seen.ask_of(row)
    does, _unit = acts_as(who, row.file, row)
    open_ = whole.standing.open
    mine = open_ is not None and open_.n == row.n
    able = [w for w in rules.able(whole.standing, does) if w in BANK_STEPS and (mine or w == "duty")] if does else []
    role = role_of(who, row.file)
    lines = movements_visible_to(who, row.file).filter(day__gte=row.day)
    fits = accounts.reconciled(seen, row, now, lines) if ask.signed else None
    plan, so_far = [], 0
    for day, amount, percent in ask.plan:
        so_far += amount
        plan.append(
            {
                "day": day,
                "amount": amount,
                "percent": percent,
                "reached": ask.drawn >= so_far,
                "late": day < today and ask.drawn < so_far,
            }
        )
    duties = [s for s in row.steps.all() if s.what == "duty"]
    sees_duty = role == rules.OFFICE or row.bank_id in who.units
    return render(request, "financing/push.html", {
        "push": row, "file": row.file, "book": seen, "ask": ask, "able": able, "does": does, "role": role, "plan": plan, "fits": fits, "today": today,
        "steps": [s for s in row.steps.all() if s.what != "duty"], "duties": course().duties, "duty": duties[-1] if duties and sees_duty else None, "sees_duty": sees_duty,
        "lines": lines.order_by("-day", "-id")[:30], "count": lines.count(), "proofs": _proofs(who, row), "buildings": seen.buildings(today),
        "answered_in_time": _in_time(row, ask),
    })  # fmt: skip


def _proofs(who: Viewer, row: Push) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for p in proofs_visible_to(who).filter(step__push=row):
        found.setdefault(p.step_id, []).append(p)
    return found


def _in_time(row: Push, ask: rules.Ask) -> bool | None:
    """Whether the first answer came within its clock; None while it is awaited."""
    if ask.answered is None:
        return None
    return ask.answered <= calendar_for().add(ask.day, row.preliminary)


@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, code: str, what: str) -> HttpResponse:
    """A step of the bank, or of the office from the bank's paper."""
    who, row = push_or_404(request, code)
    acting(request)
    role, _unit = acts_as(who, row.file, row)
    if what not in BANK_STEPS or role not in rules.WHO[what]:
        raise Http404
    found = book(row.file)
    form = StepForm(request.POST or None, request.FILES or None, what=what, book=found, ask=found.ask_of(row))

    def do(d: dict[str, Any]) -> HttpResponse:
        now = timezone.now()
        amount, data = form.data_of()
        if "rate" in data:
            data["rate"] = str(data["rate"]) if data["rate"] is not None else ""
        if what == "problems":
            step = pushing.feed_back(viewer=who, push=row, items=data["items"], day=d["day"], at=now)
            messages.success(
                request, _("Matters: %(numbers)s.") % {"numbers": "、".join(f"#{n}" for n in step.data["matters"])}
            )
        else:
            told = services.Told(what, d["day"], amount, data, d.get("staged", ()))
            services.take(viewer=who, file=row.file, push=row, told=told, at=now)
        return redirect("push", code)

    title = f"{row.file.subject.name} · {STEPS[what]}"
    return form_page(request, form, do, title=title, button=_("Record"), back=reverse("push", args=[code]))
