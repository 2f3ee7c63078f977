"""Acts on letters: sign one or many, answer, reword, suggest, bring in the signed paper, withdraw, name who signs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.instruments.letters import rules, services
from bihuan.instruments.letters.models import Letter
from bihuan.instruments.letters.selectors import to_sign
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.refusal import N_, Refused, must

from ..surface.fields import ReasonForm
from ..surface.files import kept_file
from ..surface.formpage import form_page, saying
from ..surface.middleware import acting
from .letter_forms import RewordForm, ScanForm, SignerForm, SuggestForm
from .letters import acting_or_leader, figures, letter_or_404, paper, signers


@require_POST
def sign_many(request: HttpRequest) -> HttpResponse:
    """Sign the chosen letters, each in the wording whose hash was shown; one that changed meanwhile is said and left."""
    who, now, done = acting_or_leader(request), timezone.now(), 0
    for chosen in request.POST.getlist("chosen"):
        pk, _sep, digest = chosen.partition(":")
        row = get_object_or_404(to_sign(who), pk=int(pk) if pk.isdigit() else 0)
        with saying(request):
            services.sign(viewer=who, letter=row, digest=digest, at=now)
            done += 1
    messages.success(request, _("%(n)s letters are signed; the record keeps the hash of each.") % {"n": done})
    return redirect("letters")


@require_POST
def sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign on the screen, send, answer a suggestion, have it written: the acts of one button."""
    who, row, now = acting_or_leader(request), letter_or_404(request, pk), timezone.now()
    acts: dict[str, Callable[[], Any]] = {
        "sign": lambda: services.sign(viewer=who, letter=row, digest=request.POST.get("digest", ""), at=now),
        "offer": lambda: services.offer(viewer=who, letters=[row], at=now),
        "take": lambda: services.answer(viewer=who, letter=row, take=True, text="", at=now),
        "decline": lambda: services.answer(viewer=who, letter=row, take=False, text=request.POST.get("text", ""), at=now),
        "paper": lambda: _issuer_paper(who, row, now),
    }  # fmt: skip
    name = request.POST.get("act", "")
    if name not in acts:
        raise Http404
    with saying(request):
        acts[name]()
        if name == "sign":
            messages.success(request, _("Signed; the record keeps the hash of the wording."))
    return redirect("letter", pk)


def _issuer_paper(who: Viewer, row: Letter, now: Any) -> None:
    must(services.issues(who, row.batch))
    paper(who, row, now)


@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """The acts of a form: reword, suggest, scan, withdraw, name who signs."""
    who, row = acting(request), letter_or_404(request, pk)
    pages = {
        "reword": _reword,
        "suggest": _suggest,
        "scan": _scan,
        "withdraw": _withdraw,
        "signer-issuer": _signer,
        "signer-party": _signer,
    }
    mine, theirs = services.issues(who, row.batch), services.accepts(who, row)
    allowed = {
        "reword": mine,
        "withdraw": mine,
        "suggest": theirs,
        "scan": mine or theirs,
        "signer-issuer": mine,
        "signer-party": theirs,
    }
    if not allowed.get(name):
        raise Http404
    return pages[name](request, who, row, name)


def _page(
    request: HttpRequest,
    row: Letter,
    form: Any,
    act_: Callable[[dict[str, Any]], Any],
    title: str,
    button: str,
    template: str = "surface/form.html",
) -> HttpResponse:
    def done(d: dict[str, Any]) -> HttpResponse:
        act_(d)
        return redirect("letter", row.pk)

    return form_page(
        request,
        form,
        done,
        title=title,
        button=button,
        back=reverse("letter", args=[row.pk]),
        template=template,
        year=row.batch.year,
        figures=figures(),
    )


def _reword(request: HttpRequest, who: Viewer, row: Letter, name: str) -> HttpResponse:
    form = RewordForm(
        request.POST or None, initial=rules.lines_of(row.body), begins=row.batch.begins, ends=row.batch.ends
    )
    title = (
        _("Amend a signed letter: both sides sign again")
        if row.state == Letter.State.SIGNED
        else _("Change the wording")
    )
    return _page(
        request,
        row,
        form,
        lambda d: services.reword(viewer=who, letter=row, body=form.wording(), reason=d["reason"], at=timezone.now()),
        title,
        _("Save"),
        "responsibility/letter_form.html",
    )


def _suggest(request: HttpRequest, who: Viewer, row: Letter, name: str) -> HttpResponse:
    form = SuggestForm(
        request.POST or None, initial=rules.lines_of(row.body), begins=row.batch.begins, ends=row.batch.ends
    )
    return _page(
        request,
        row,
        form,
        lambda d: services.suggest(viewer=who, letter=row, text=d["text"], body=form.wording(), at=timezone.now()),
        _("Suggest another wording"),
        _("Suggest"),
        "responsibility/letter_form.html",
    )


def _scan(request: HttpRequest, who: Viewer, row: Letter, name: str) -> HttpResponse:
    form = ScanForm(request.POST or None, request.FILES or None)

    def take(d: dict[str, Any]) -> None:
        if not d["staged"]:
            raise Refused(N_("Choose a file."), field="files")
        services.scanned(viewer=who, letter=row, file=d["staged"][0], names=d["names"], at=timezone.now())

    return _page(request, row, form, take, _("Bring in the signed paper"), _("Bring in"))


def _withdraw(request: HttpRequest, who: Viewer, row: Letter, name: str) -> HttpResponse:
    return _page(
        request,
        row,
        ReasonForm(request.POST or None),
        lambda d: services.withdraw(viewer=who, letter=row, reason=d["reason"], at=timezone.now()),
        _("Withdraw the letter"),
        _("Withdraw"),
    )


def _signer(request: HttpRequest, who: Viewer, row: Letter, name: str) -> HttpResponse:
    side = name.removeprefix("signer-")
    form = SignerForm(request.POST or None)
    form.fields["person"].queryset = signers(row.batch.issuer if side == "issuer" else row.party, side == "issuer")  # type: ignore[attr-defined]
    return _page(
        request,
        row,
        form,
        lambda d: services.name_signer(viewer=who, letter=row, side=side, person=d["person"], at=timezone.now()),
        _("Name who signs"),
        _("Save"),
    )


@require_GET
def scan(request: HttpRequest, pk: int) -> FileResponse:
    """The scanned paper."""
    row = letter_or_404(request, pk)
    if row.scan is None:
        raise Http404
    return kept_file(row.scan, row.scan_name, pdf=True)
