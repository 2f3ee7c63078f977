"""Receipts: what anyone can check later without this server."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import segno
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from bihuan.instruments.accountability.services import measures_visible_to
from bihuan.instruments.assessment.selectors import assessments_visible_to
from bihuan.instruments.commendation.services import rounds_visible_to
from bihuan.instruments.documents.selectors import papers_visible_to
from bihuan.instruments.letters.selectors import letters_visible_to
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.receipts import Receipt, fingerprint, read_note
from bihuan.kernel.files.filing import stream_of
from bihuan.kernel.ledger import checkpoints
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.ledger.selectors import happened
from bihuan.kernel.matters.selectors import subjects_visible_to, visible_to
from bihuan.mechanisms.fire.incidents import incidents_visible_to, registers

from ..middleware import viewer
from ..offline import verifier
from ..story import story


def incidents_sealed(who: Viewer) -> QuerySet[Any]:
    """Fires whose record this viewer may take along: those who register them, and leaders."""
    full = registers(who) or any(s.superior for s in who.scopes)
    return incidents_visible_to(who) if full else incidents_visible_to(who).none()


def rounds_sealed(who: Viewer) -> QuerySet[Any]:
    """Rounds whose record this viewer may take along: those of one's own office."""
    return rounds_visible_to(who).filter(office__in=who.units)


QR_LIMIT = 4296
"""Characters that the largest QR code of the compact mode takes at its lowest correction."""


BESIDE: dict[str, Callable[[Viewer], QuerySet[Any]]] = {
    "paper": papers_visible_to, "letter": letters_visible_to, "assessment": assessments_visible_to, "measure": measures_visible_to,
    "incident": incidents_sealed, "commendation": rounds_sealed,
}  # fmt: skip
"""Streams beside matters and subjects whose events have receipts, and who sees them."""


def _receipt(request: HttpRequest, kind: str, name: str, seq: int) -> tuple[Receipt, str]:
    """The receipt of an event that the viewer may see, and what the event hangs on; strangers learn nothing."""
    who = viewer(request)
    if kind == "matter" and name.isascii() and name.isdigit():
        row = get_object_or_404(visible_to(who), number=int(name))
        stream, title = f"matter:{row.number}", str(row)
    elif kind == "subject":
        subject = get_object_or_404(subjects_visible_to(who), code=name)
        stream, title = stream_of(subject), subject.name
    elif kind in BESIDE and name.isascii() and name.isdigit():
        beside = get_object_or_404(BESIDE[kind](who), pk=int(name))
        stream, title = f"{kind}:{beside.pk}", str(beside)
    else:
        raise Http404
    try:
        return checkpoints.receipt(stream=stream, seq=seq, at=timezone.now()), title
    except Event.DoesNotExist:
        raise Http404 from None


@require_GET
def receipt(request: HttpRequest, kind: str, name: str, seq: int) -> HttpResponse:
    """What the receipt holds, its file and its code."""
    found, title = _receipt(request, kind, name, seq)
    context = {
        "kind": kind, "name": name, "seq": seq, "title": title, "entry": story([happened(found.body)])[0], "receipt": found,
        "head": read_note(found.note, found.key), "fingerprint": fingerprint(found.key), "fits": len(found.short()) <= QR_LIMIT,
    }  # fmt: skip
    return render(request, "web/receipt.html", context)


@require_GET
def receipt_file(request: HttpRequest, kind: str, name: str, seq: int) -> HttpResponse:
    """The file."""
    found, _ = _receipt(request, kind, name, seq)
    response = HttpResponse(found.text(), content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="receipt-{kind}-{name}-{seq}.json"'
    return response


@require_GET
def receipt_code(request: HttpRequest, kind: str, name: str, seq: int) -> HttpResponse:
    """The QR code; 404 for an event too long for one."""
    found, _ = _receipt(request, kind, name, seq)
    if len(found.short()) > QR_LIMIT:
        raise Http404
    out = io.BytesIO()
    segno.make_qr(found.short(), error="L", boost_error=False).save(out, kind="svg", scale=3, border=4, light="#fff")
    return HttpResponse(out.getvalue(), content_type="image/svg+xml")


@require_GET
def verifier_page(request: HttpRequest) -> HttpResponse:
    """The page that checks receipts offline, to be kept on disk."""
    viewer(request)
    response = HttpResponse(verifier(), content_type="text/html; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="bihuan-receipt-check.html"'
    return response
