"""Files that come with a form, and files that go out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.evidence.models import Staged, StoredFile
from bihuan.kernel.evidence.services import path_of, stage, thumb_of

from .errors import sentence


def take_files(request: HttpRequest, form: forms.Form) -> list[Staged]:
    """Stage what was sent and gather what an earlier try staged; refused files become errors of the form."""
    owner = request.user
    ids = [int(i) for i in request.POST.getlist("staged") if i.isdigit()]
    kept = list(Staged.objects.filter(pk__in=ids).select_related("file"))
    if any(s.owner_id != owner.pk for s in kept):
        raise Http404
    if len(kept) < len(set(ids)):
        form.add_error(
            "files" if "files" in form.fields else None, _("Some files are no longer here; choose them again.")
        )
    uploads: Sequence[UploadedFile[Any]] = request.FILES.getlist("files")
    for upload in uploads:
        try:
            kept.append(stage(upload=upload, owner=owner, at=timezone.now()))  # type: ignore[arg-type]
        except Refused as error:
            form.add_error("files" if "files" in form.fields else None, sentence(error))
    return kept


def as_files(staged: Sequence[Staged]) -> tuple[dict[str, str], ...]:
    """Staged uploads as an event names them."""
    return tuple({"sha256": s.file_id, "name": s.name, "type": s.file.media_type} for s in staged)


def served(data: Any, media_type: str, name: str = "", *, shown: bool = False, kept: int = 3600) -> FileResponse:
    """An open file as it goes out: `shown` in the browser or saved under its name, never taken for another type, kept by
    this browser alone for `kept` seconds."""
    response = FileResponse(data, content_type=media_type)
    response["Content-Disposition"] = f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(name)}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = f"private, max-age={kept}" if kept else "private, no-store"
    return response


def kept_file(file: StoredFile, name: str, *, small: bool = False, pdf: bool = False) -> FileResponse:
    """A kept file, or the thumbnail of a picture: pictures (and with `pdf` those too) open in the browser, all else is saved.
    Http404 for the thumbnail of what is none."""
    if small and not file.is_picture:
        raise Http404
    path = thumb_of(file.pk) if small else path_of(file.pk)
    shown = file.is_picture or (pdf and file.media_type == "application/pdf")
    return served(path.open("rb"), "image/jpeg" if small else file.media_type, name, shown=shown)
