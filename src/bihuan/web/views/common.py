"""What several views need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.evidence.models import Staged
from bihuan.kernel.evidence.services import stage
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
    kept = list(Staged.objects.filter(owner=owner, pk__in=ids).select_related("file"))  # type: ignore[misc]
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


def put_error(form: forms.Form, error: Refused) -> None:
    """A refusal beside its field, or on top."""
    form.add_error(error.field if error.field in form.fields else None, sentence(error))


def form_page(
    request: HttpRequest, form: forms.Form, act: Callable[[dict[str, Any]], HttpResponse], *, title: str, button: str, back: str
) -> HttpResponse:  # fmt: skip
    """A page of one form: shown, checked, acted upon with its cleaned values; a refusal stands beside its field.

    `back` is the name of the address that Cancel leads to.
    """
    if request.method == "POST" and form.is_valid():
        try:
            return act(form.cleaned_data)
        except Refused as error:
            put_error(form, error)
    return render(request, "web/form.html", {"form": form, "title": title, "button": button, "back": reverse(back)})
