"""The page of one form: shown, checked, acted upon."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.evidence.models import Staged

from .errors import sentence
from .files import take_files


def form_page(
    request: HttpRequest, form: forms.Form, act: Callable[[dict[str, Any]], HttpResponse], *, title: str, button: str, back: str,
    template: str = "surface/form.html", **extra: Any,
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


@contextmanager
def saying(request: HttpRequest) -> Iterator[None]:
    """A refusal within is said on the next page; what others could do stays forbidden."""
    try:
        yield
    except Refused as error:
        if not error.allowed:
            raise
        messages.error(request, sentence(error))


def put_error(form: forms.Form, error: Refused) -> None:
    """A refusal beside its field, or on top."""
    form.add_error(error.field if error.field in form.fields else None, sentence(error))


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


def new_token() -> str:
    """A name for one filled form: posted twice, it has one effect."""
    return str(uuid4())
