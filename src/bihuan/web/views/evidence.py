"""Guarded download of evidence."""

from __future__ import annotations

from urllib.parse import quote

from django.http import FileResponse, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_GET

from bihuan.kernel.evidence.services import path_of
from bihuan.kernel.matters.disclosure import file_seen
from bihuan.kernel.matters.selectors import attachments_visible_to

from ..middleware import viewer


@require_GET
def download(request: HttpRequest, pk: int) -> FileResponse:
    """A file of a visible matter; pictures and pdf open in the browser, all else is saved. Confidential ones leave a trace."""
    who = viewer(request)
    row = get_object_or_404(attachments_visible_to(who).select_related("file", "matter"), pk=pk)
    file_seen(viewer=who, attachment=row, at=timezone.now())
    shown = row.file.media_type.startswith("image/") or row.file.media_type == "application/pdf"
    response = FileResponse(path_of(row.file_id).open("rb"), content_type=row.file.media_type)
    how = "inline" if shown else "attachment"
    response["Content-Disposition"] = f"{how}; filename*=UTF-8''{quote(row.name)}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=3600"
    return response
