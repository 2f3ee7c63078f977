"""The sheet of a bank, out and in."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.adapters.excel import Column
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.orgs.models import Unit
from bihuan.mechanisms.financing import exchange
from bihuan.mechanisms.financing.selectors import looked

from ..surface import exports
from ..surface.errors import sentence
from ..surface.formpage import put_error
from ..surface.middleware import acting
from .forms import ExchangeForm

MOST_BYTES = 8 * 2**20


def banks_of(who: Viewer) -> QuerySet[Unit]:
    """The banks in whose name the viewer acts."""
    return Unit.objects.filter(kind=Unit.Kind.BANK, code__in=who.acting)


@require_http_methods(["GET", "POST"])
def exchange_page(request: HttpRequest) -> HttpResponse:
    """What came in, what was there, and which row failed why."""
    who = acting(request)
    if not banks_of(who).exists():
        raise Http404
    form = ExchangeForm(request.POST or None, request.FILES or None)
    taken = None
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            if upload.size > MOST_BYTES:
                raise Refused(N_("A file has at most 8 MB."), field="file")
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "sheet"
                path.write_bytes(upload.read())
                rows = exchange.read(path)
            taken = exchange.rows_in(viewer=who, rows=rows, at=timezone.now())
        except Refused as error:
            put_error(form, error)
    failed = [(n, name, f"{e.field}: {sentence(e)}") for n, name, e in taken.failed] if taken else []
    return render(
        request,
        "financing/financing_exchange.html",
        {"form": form, "taken": taken, "failed": failed, "tab": "financing_exchange"},
    )


@require_GET
def exchange_file(request: HttpRequest) -> HttpResponseBase:
    """Open pushes as a sheet to be filled in."""
    who = acting(request)
    if not banks_of(who).exists() or not exports.asked(request):
        raise Http404
    looked(viewer=who, what="sheet", at=timezone.now())
    columns = [Column(name, width=18) for name in exchange.COLUMNS]
    return exports.exported(request, _("Sheet of the bank"), columns, exchange.rows_out(who))
