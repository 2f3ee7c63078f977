"""Evidence: taking it in ahead of the form, and guarded download."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.evidence.services import stage
from bihuan.kernel.matters.disclosure import file_seen
from bihuan.kernel.matters.selectors import attachments_visible_to

from ..surface.errors import sentence
from ..surface.files import kept_file
from ..surface.middleware import viewer


@require_POST
def take_in(request: HttpRequest) -> JsonResponse:
    """Stage one file while the form is still being filled; what the file says of itself comes back."""
    who = viewer(request)
    files = request.FILES.getlist("file")
    if who.admin or len(files) != 1:
        raise Http404
    try:
        staged = stage(upload=files[0], owner=who.person, at=timezone.now())
    except Refused as error:
        return JsonResponse({"error": sentence(error)}, status=400)
    return JsonResponse({"id": staged.pk, "name": staged.name, "taken_at": staged.file.taken_at})


@require_GET
def download(request: HttpRequest, pk: int, small: bool = False) -> FileResponse:
    """A file of a visible matter, or its thumbnail; pictures and pdf open in the browser, all else is saved. Confidential
    ones leave a trace."""
    who = viewer(request)
    row = get_object_or_404(attachments_visible_to(who).select_related("file", "matter"), pk=pk)
    response = kept_file(row.file, row.name, small=small, pdf=True)
    file_seen(viewer=who, file=row.file_id, matter=row.matter, at=timezone.now())
    return response
