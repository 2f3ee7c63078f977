"""Receipts: what anyone can check later without this server."""

from __future__ import annotations

import io

import segno
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from bihuan.kernel.domain.notes import fingerprint, told
from bihuan.kernel.domain.receipts import Receipt
from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.ledger import checkpoints
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.ledger.selectors import happened
from bihuan.kernel.registry.streams import Sight, kinds

from ..surface.history import history
from ..surface.middleware import viewer
from ..surface.offline import verifier

QR_LIMIT = 4296
"""Characters that the largest QR code of the compact mode takes at its lowest correction."""


def _receipt(request: HttpRequest, kind: str, name: str, seq: int) -> tuple[Receipt, Sight]:
    """The receipt of an event that the viewer may see, and what the event hangs on; strangers learn nothing."""
    found = kinds.get(kind)
    sight = found.seen(viewer(request), name) if found and found.seen else None
    if sight is None:
        raise Http404
    try:
        return checkpoints.receipt(stream=f"{kind}:{name}", seq=seq, at=timezone.now()), sight
    except Event.DoesNotExist:
        raise Http404 from None
    except Refused:  # why is the administrators' affair: it tells of files and devices
        raise Refused(
            N_("This event is not signed yet, and nothing can be signed now. Please tell the system administrator.")
        ) from None


@require_GET
def receipt(request: HttpRequest, kind: str, name: str, seq: int) -> HttpResponse:
    """What the receipt holds, its file and its code."""
    found, sight = _receipt(request, kind, name, seq)
    context = {
        "kind": kind, "name": name, "seq": seq, "title": sight.title, "sight": sight, "entry": history([happened(found.body)])[0], "receipt": found,
        "head": told(found.note), "fingerprint": fingerprint(found.key), "fits": len(found.short()) <= QR_LIMIT,
    }  # fmt: skip
    return render(request, "record/receipt.html", context)


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
