"""Lead banks: what banks can take on, proposals with their reasons, the decisions of people, and the push of what was decided."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bihuan.adapters.excel import Column
from bihuan.kernel.domain.money import wan
from bihuan.kernel.domain.refusal import must
from bihuan.kernel.orgs.models import Unit
from bihuan.mechanisms.financing import leading
from bihuan.mechanisms.financing.models import Appetite, Choice
from bihuan.mechanisms.financing.selectors import files_visible_to, looked, office

from ..surface import exports
from ..surface.errors import sentence
from ..surface.formpage import form_page, saying
from ..surface.middleware import acting, viewer
from .forms import AppetiteForm
from .words import reason_text


@require_http_methods(["GET", "POST"])
def match(request: HttpRequest) -> HttpResponseBase:
    """Files that wait for a bank, the newest proposal, and what was decided."""
    who = acting(request)
    if not office(who):
        raise Http404
    if request.method == "POST":
        return _post(request)
    some = leading.waiting(who)
    row = leading.proposals_of(who).first()
    pairs = {p["need"]: p for p in row.result.get("pairs", ())} if row else {}
    alone = row.result.get("alone", {}) if row else {}
    chosen = {c.file_id: c for c in Choice.objects.filter(file__in=[b.file for b in some]).select_related("bank")}
    banks = {b.code: b.name for b in Unit.objects.filter(kind=Unit.Kind.BANK, active=True)}
    rows: list[dict[str, Any]] = [
        {"book": b, "pair": pairs.get(b.file.code), "alone": alone.get(b.file.code), "choice": chosen.get(b.file.pk)}
        for b in some
    ]
    if exports.asked(request):
        looked(viewer=who, what="proposal", at=timezone.now())
        columns = [Column(n, width=w) for n, w in ((_("Project"), 30), (_("Need, 万元"), 12), (_("Proposed bank"), 16), (_("Why"), 50), (_("Decided"), 16), (_("Reason"), 30))]  # fmt: skip
        told = ([
            r["book"].file.subject.name, wan(r["book"].number("need")), banks.get(r["pair"]["bank"], "") if r["pair"] else "",
            "；".join(reason_text(x) for x in r["pair"]["reasons"]) if r["pair"] else "", r["choice"].bank.name if r["choice"] else "", r["choice"].reason if r["choice"] else "",
        ] for r in rows)  # fmt: skip
        return exports.exported(request, _("Lead banks"), columns, told)
    used = row.result.get("used", {}) if row else {}
    appetites = [
        {"row": a, "used": used.get(a.bank.code)}
        for a in Appetite.objects.select_related("bank").order_by("bank__name")
    ]
    silent = Unit.objects.filter(kind=Unit.Kind.BANK, active=True, appetite=None).order_by("name")
    return render(request, "financing/financing_match.html", {
        "rows": rows, "proposal": row, "banks": banks, "appetites": appetites, "silent": silent, "tab": "financing_match", "decided": len(chosen),
    })  # fmt: skip


def _post(request: HttpRequest) -> HttpResponse:
    """Ask for a proposal, decide on a bank (or take over what is proposed), push what was decided."""
    who = viewer(request)
    now = timezone.now()
    if "ask" in request.POST:
        with saying(request):
            leading.ask(viewer=who, at=now)
    elif "take_over" in request.POST:
        row = leading.proposals_of(who).first()
        n = leading.take_over(viewer=who, row=row, reason=_("as proposed"), at=now) if row else 0
        messages.success(request, _("%(n)s banks were decided as proposed.") % {"n": n})
    elif "push" in request.POST:
        files = list(files_visible_to(who).filter(code__in=request.POST.getlist("file")))
        with saying(request):
            sent, failed = leading.push_all(
                viewer=who, files=files, batch=request.POST.get("batch", "").strip()[:40], at=now
            )
            messages.success(request, _("%(n)s files were pushed.") % {"n": sent})
            for file, error in failed:
                messages.error(request, f"{file.subject.name}: {sentence(error)}")
    else:
        file = get_object_or_404(files_visible_to(who), code=request.POST.get("choose", ""))
        code = request.POST.get("bank", "")
        bank = get_object_or_404(Unit, code=code, kind=Unit.Kind.BANK) if code else None
        with saying(request):
            made = leading.choose(viewer=who, file=file, bank=bank, reason=request.POST.get("reason", "")[:300], at=now)
            if made is not None and made.broken:
                messages.warning(
                    request, _("Decided against %(n)s limits, with the reason on record.") % {"n": len(made.broken)}
                )
    return redirect("financing_match")


@require_http_methods(["GET", "POST"])
def search(request: HttpRequest, pk: int) -> HttpResponse:
    """How a search stands, a piece of a page; posting stops it with the best so far."""
    who = acting(request)
    row = get_object_or_404(leading.proposals_of(who), pk=pk)
    if request.method == "POST":
        row.stop(who)
        return redirect("financing_match")
    if not row.searching:
        answer = HttpResponse(status=204)
        answer["HX-Refresh"] = "true"
        return answer if request.headers.get("HX-Request") else redirect("financing_match")
    return render(request, "surface/pieces/search_state.html", {"row": row, "search_url": "financing_search"})


@require_http_methods(["GET", "POST"])
def appetite(request: HttpRequest, code: str) -> HttpResponse:
    """What a bank can take on, said by itself or by the office."""
    who = acting(request)
    bank = Unit.objects.filter(code=code, kind=Unit.Kind.BANK).first()
    if bank is None or not (office(who) or bank.code in who.acting):
        raise Http404
    now = Appetite.objects.filter(bank=bank).first()
    initial: dict[str, Any] = {}
    if now is not None:
        initial = {"capacity": now.capacity, "most": now.most, "least": now.least, "top": now.top, "share": now.share}
        initial |= {f"like_{k}": v for k, v in now.likes.items()} | {f"never_{k}": True for k in now.never}
    form = AppetiteForm(request.POST or None, initial=initial)
    back = "financing_match" if office(who) else "financing"

    def do(d: dict[str, Any]) -> HttpResponse:
        leading.appetite(viewer=who, bank=bank, at=timezone.now(), **form.values())
        return redirect(back)

    must(bank.active)
    return form_page(
        request, form, do, title=_("What %(bank)s can take on") % {"bank": bank.name}, button=_("Save"), back=back
    )
