"""Lists as files: every list page offers what it shows, as far as its filter goes, as xlsx and as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from bihuan.adapters.excel import XLSX, Column, csv_lines, xlsx

MOST = 200_000
"""Rows of one file; Excel takes a million, a person does not."""


def _named(response: HttpResponseBase, name: str) -> None:
    """Give a response a file name in Chinese."""
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"


def workbook(data: bytes, name: str) -> HttpResponse:
    """A sheet to be saved under a name."""
    response = HttpResponse(data, content_type=XLSX)
    _named(response, f"{name}.xlsx")
    return response


def asked(request: HttpRequest) -> bool:
    """Whether the list is wanted as a file."""
    return request.GET.get("export") in ("xlsx", "csv")


def exported(
    request: HttpRequest, title: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]]
) -> HttpResponseBase:
    """The list as a file named after its title and the day."""
    name = f"{title}-{timezone.localdate().isoformat()}"
    if request.GET["export"] == "xlsx":
        return workbook(xlsx(title, columns, rows), name)
    response = StreamingHttpResponse(csv_lines(columns, rows), content_type="text/csv; charset=utf-8")
    _named(response, f"{name}.csv")
    return response
