"""Receipts: what anyone can check later without this server."""

from __future__ import annotations

import io

import segno
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from bihuan.instruments.documents.selectors import papers_visible_to
from bihuan.kernel.domain.receipts import Receipt, fingerprint, read_note
from bihuan.kernel.ledger import checkpoints
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.ledger.selectors import happened
from bihuan.kernel.matters.filing import stream_of
from bihuan.kernel.matters.selectors import subjects_visible_to, visible_to

from ..middleware import viewer
from ..offline import verifier
from ..story import story

QR_LIMIT = 4296
"""Characters that the largest QR code of the compact mode takes at its lowest correction."""


def _receipt(request: HttpRequest, kind: str, name: str, seq: int) -> tuple[Receipt, str]:
    """The receipt of an event that the viewer may see, and what the event hangs on; strangers learn nothing."""
    who = viewer(request)
    if kind == "matter" and name.isascii() and name.isdigit():
        row = get_object_or_404(visible_to(who), number=int(name))
        stream, title = f"matter:{row.number}", str(row)
    elif kind == "subject":
        subject = get_object_or_404(subjects_visible_to(who), code=name)
        stream, title = stream_of(subject), subject.name
    elif kind == "paper" and name.isascii() and name.isdigit():
        paper = get_object_or_404(papers_visible_to(who), pk=int(name))
        stream, title = f"paper:{paper.pk}", paper.title
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
