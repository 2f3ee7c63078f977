"""What several views need."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.evidence.models import Staged, StoredFile
from bihuan.kernel.evidence.services import path_of, stage, thumb_of
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.selectors import visible_to

from ..errors import sentence
from ..middleware import viewer


def matter_or_404(request: HttpRequest, number: int) -> Matter:
    """A matter that the viewer may see; strangers learn nothing."""
    rows = visible_to(viewer(request)).select_related(
        "subject", "territory", "raiser", "assigner", "lead", "verifier", "owed_by"
    )
    return get_object_or_404(rows, number=number)


def new_token() -> str:
    """A name for one filled form: posted twice, it has one effect."""
    return str(uuid4())


class Files(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected = True


class ManyFiles(forms.Field):
    """Files are staged by the view before the form is checked, so a form error costs nobody a photo."""

    widget = Files(attrs={"multiple": True, "accept": "image/*,.pdf,.docx,.xlsx,.doc,.xls,.mp4"})

    def clean(self, value: Any) -> None:
        return None


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


def refuse_foreign(form: forms.Form) -> None:
    """Http404 when a form names a row that exists but was not offered: nobody learns by guessing, and it leaves a trace."""
    for name, errors in form.errors.as_data().items():
        field = form.fields.get(name)
        if not isinstance(field, forms.ModelChoiceField) or not any(e.code == "invalid_choice" for e in errors):
            continue
        assert field.queryset is not None
        keys = form.data.getlist(name) if hasattr(form.data, "getlist") else [form.data.get(name)]
        column = field.to_field_name or "pk"
        try:
            if field.queryset.model._default_manager.filter(**{f"{column}__in": keys}).exists():
                raise Http404
        except ValueError:
            continue  # no such key can exist; the form says so


def put_error(form: forms.Form, error: Refused) -> None:
    """A refusal beside its field, or on top."""
    form.add_error(error.field if error.field in form.fields else None, sentence(error))


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


@contextmanager
def saying(request: HttpRequest) -> Iterator[None]:
    """A refusal within is said on the next page; what others could do stays forbidden."""
    try:
        yield
    except Refused as error:
        if not error.allowed:
            raise
        messages.error(request, sentence(error))


def form_page(
    request: HttpRequest, form: forms.Form, act: Callable[[dict[str, Any]], HttpResponse], *, title: str, button: str, back: str,
    template: str = "web/form.html", **extra: Any,
) -> HttpResponse:  # fmt: skip
    """A page of one form: shown, checked, acted upon with its cleaned values; a refusal stands beside its field.

    `back` is the address that Cancel leads to, or its name; `extra` is for a template of its own. A form with `files` gets
    the staged ones as `staged` among its
    values.
    """
    staged: list[Staged] = []
    if request.method == "POST":
        valid = form.is_valid()
        if "files" in form.fields:
            staged = take_files(request, form)
        if valid and not form.errors:
            try:
                return act({**form.cleaned_data, "staged": staged} if "files" in form.fields else form.cleaned_data)
            except Refused as error:
                if not error.allowed:
                    raise
                put_error(form, error)
        else:
            refuse_foreign(form)
    return render(
        request,
        template,
        {
            "form": form,
            "title": title,
            "button": button,
            "back": back if back.startswith("/") else reverse(back),
            "staged": staged,
            **extra,
        },
    )
