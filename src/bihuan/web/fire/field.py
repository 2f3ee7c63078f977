"""Inspecting on a phone: the shell, today's list with checklists, what comes in from the device.

The shell and its data are kept by the service worker, so the pages work without a network; what was written waits on the
device and is sent when there is one. Sent again, it is the same record.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bihuan.instruments.premises.selectors import premises_of, premises_visible_to
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.evidence.services import stage
from bihuan.kernel.matters.selectors import visible_to
from bihuan.kernel.subjects.models import Subject
from bihuan.mechanisms.fire import planning
from bihuan.mechanisms.fire.inspections import enter
from bihuan.mechanisms.fire.models import Record, Standing
from bihuan.mechanisms.fire.selectors import checklist, items, standings

from ..surface.errors import sentence
from ..surface.middleware import acting
from .field_forms import read_record
from .words import group_name

NEAR = 15
"""How many premises the list offers beside those that a plan names."""
SHELL = (
    "vendor/tabler.min.css", "vendor/leaflet.css", "vendor/leaflet.js", "vendor/sha256.min.js", "vendor/idb.js", "vendor/htmx.min.js", "web/app.js", "web/app.css", "web/theme.js", "web/field.js",
    "web/queue.js", "web/mark.svg",
)  # fmt: skip
WORDS = { "offline": gettext_lazy("No network: what you write is kept on this device and sent later."),
    "online": gettext_lazy("Connected"), "waiting": gettext_lazy("waiting to be sent"), "send": gettext_lazy("Send now"), "sent": gettext_lazy("sent"),
    "list": gettext_lazy("To be visited"), "all_ok": gettext_lazy("all others conform"), "ok": gettext_lazy("conforms"), "bad": gettext_lazy("does not"),
    "none": gettext_lazy("not applicable"), "spot": gettext_lazy("corrected on the spot"), "place": gettext_lazy("Where"), "text": gettext_lazy("What was found"),
    "measured": gettext_lazy("Measured"), "photo": gettext_lazy("Photo"), "grade": gettext_lazy("Grade"), "general": gettext_lazy("general"),
    "serious": gettext_lazy("serious"), "major": gettext_lazy("suspected major"), "people": gettext_lazy("Inspectors (two for the brigade)"),
    "note": gettext_lazy("Note"), "kind": gettext_lazy("Sort of inspection"), "save": gettext_lazy("Finish the inspection"), "back": gettext_lazy("Back to the list"),
    "tenants": gettext_lazy("Tenants verified"), "hazards": gettext_lazy("Open hazards here"), "find": gettext_lazy("Find"), "fix": gettext_lazy("Correct it"),
    "drop": gettext_lazy("Discard"), "sure": gettext_lazy("Discard this inspection? It was not sent yet."), "kept": gettext_lazy("Kept on this device."),
    "basis": gettext_lazy("Basis"), "draft": gettext_lazy("not finished"), "sign_in": gettext_lazy("Sign in again, then it is sent."),
    "too_big": gettext_lazy("Too large for the server; it stays here."), "broken": gettext_lazy("The server could not take it; it stays here and is tried again."), "as_of": gettext_lazy("List of"), "nothing": gettext_lazy("Nothing to visit is known. Find a premises by its name while connected."),
    "legal": gettext_lazy("period ends"), "missing_item": gettext_lazy("Tick every item, or say that all others conform."),
    "when": gettext_lazy("Time"), "reason": gettext_lazy("Why it is entered only now"),
}  # fmt: skip


def version() -> str:
    """A name for the shell as it is: it changes with any of its files, and then only."""
    told = hashlib.sha256()
    for name in SHELL:
        path = finders.find(name)
        told.update(name.encode())
        if isinstance(path, str):
            with open(path, "rb") as file:
                told.update(file.read())
    return told.hexdigest()[:12]


@require_GET
def shell(request: HttpRequest) -> HttpResponse:
    """The page that shows everything; it holds no data of its own."""
    who = acting(request)
    words = {k: str(v) for k, v in WORDS.items()}
    told = {
        "person": who.person.username, "name": str(who.person), "list": reverse("field_list"), "enter": reverse("field_enter"), "photo": reverse("field_photo"),
        "sign_in": reverse("account_login"), "worker": reverse("field_worker"), "kinds": [[k, str(v)] for k, v in Record.Kind.choices if k != "self"],
        "words": words,
    }  # fmt: skip
    return render(request, "fire/field.html", {"told": json.dumps(told, ensure_ascii=False)})


@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker with the list of the shell's files; a new version never touches what waits on the device."""
    files = [reverse("field"), *(staticfiles_storage.url(name) for name in SHELL)]
    path = finders.find("web/sw.js")
    if not isinstance(path, str):
        raise Http404
    with open(path, encoding="utf-8") as file:
        text = file.read()
    head = f"const VERSION = {json.dumps(version())};\nconst FILES = {json.dumps(files)};\n"
    response = HttpResponse(head + text, content_type="text/javascript; charset=utf-8")
    response["Service-Worker-Allowed"] = reverse("field")
    response["Cache-Control"] = "no-cache"
    return response


@require_GET
def manifest(request: HttpRequest) -> JsonResponse:
    """What makes it installable."""
    mark = staticfiles_storage.url("web/mark.svg")
    return JsonResponse(
        {
            "name": _("Bihuan inspections"), "short_name": _("Inspections"), "start_url": reverse("field"), "scope": reverse("field"),
            "display": "standalone", "background_color": "#f4f6f8", "theme_color": "#1f4e8c", "lang": get_language(),
            "icons": [{"src": mark, "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
        },
        content_type="application/manifest+json",
    )  # fmt: skip


@require_GET
def today(request: HttpRequest) -> JsonResponse:
    """Today's list: planned visits first, then what is due, in a sensible order; with each its checklist, tenants, hazards."""
    who = acting(request)
    day = timezone.localdate()
    text = request.GET.get("find", "").strip()
    if text:
        rows = list(premises_visible_to(who).filter(name__contains=text).prefetch_related("labels")[:NEAR])
    else:
        rows = _todo(who, day)
    due = dict(Standing.objects.filter(subject__in=[s.pk for s in rows]).values_list("subject", "watch_due"))
    hazards: dict[int, list[dict[str, Any]]] = {}
    for m in (
        visible_to(who)
        .filter(subject__in=[s.pk for s in rows], kind__startswith="hazard", open=True)
        .order_by("due_at")[:200]
    ):
        hazards.setdefault(m.subject_id, []).append({"number": m.pk, "title": m.title})
    return JsonResponse(
        {
            "as_of": timezone.localtime().isoformat(), "person": who.person.username, "token": get_token(request), "find": text,
            "premises": [_told(s, due.get(s.pk), hazards.get(s.pk, [])) for s in rows],
            "groups": {g: group_name(g) for g in items().groups},
        }
    )  # fmt: skip


def _todo(who: Viewer, day: Any) -> list[Subject]:
    """Premises to visit: those a plan names in its order, then the most urgent, each on to the nearest."""
    planned = [v.subject for v in planning.today(who, day)]
    found = {s.pk: s for s in planned}
    rows = standings(who).exclude(subject__in=list(found)).filter(watch_due__isnull=False)
    urgent = [s.subject_id for s in rows.order_by(F("watch_due").asc(), "-weight", "pk")[:NEAR]]
    subjects = {s.pk: s for s in premises_visible_to(who).filter(pk__in=[*found, *urgent]).prefetch_related("labels")}
    places = {pk: premises_of(subjects[pk]).place for pk in urgent if pk in subjects}
    with_place = [(str(pk), p) for pk, p in places.items() if p]
    order = [int(k) for k in planning.nearest(with_place, with_place[0][1])] if with_place else []
    rest = [pk for pk in urgent if pk in subjects and pk not in order]
    return [subjects[pk] for pk in [*found, *order, *rest] if pk in subjects]


def _told(s: Subject, due: datetime | None, hazards: list[dict[str, Any]]) -> dict[str, Any]:
    premises = premises_of(s)
    zh = (get_language() or "").startswith("zh")
    return {
        "code": s.code, "name": s.name, "address": s.address, "territory": s.territory.name, "place": premises.place,
        "labels": [x.label for x in s.labels.all()], "due": due.isoformat() if due else None, "hazards": hazards,
        "tenants": [{"key": t.key, "name": t.name, "floor": t.floor} for t in premises.unseen],
        "items": [
            {"id": i.id, "text": i.text if zh else i.text_en, "group": i.group, "spot": i.spot, "measure": i.measure, "basis": i.basis}
            for i in checklist(s, premises)
        ],
    }  # fmt: skip


@require_POST
def photo(request: HttpRequest) -> JsonResponse:
    """One photo of a record that follows; its hash comes back. The same photo again is the same file."""
    who = acting(request)
    files = request.FILES.getlist("file")
    if len(files) != 1:
        raise Http404
    try:
        staged = stage(upload=files[0], owner=who.person, at=timezone.now())
    except Refused as error:
        return JsonResponse({"error": sentence(error)}, status=400)
    return JsonResponse({"sha256": staged.file_id})


@require_POST
def enter_record(request: HttpRequest) -> JsonResponse:
    """A finished inspection. 400 with a sentence and the field when it cannot be taken as it is; then nothing of it is kept here."""
    who = acting(request)
    try:
        told = read_record(request.body)
        subject = get_object_or_404(premises_visible_to(who), code=told.premises)
        record = enter(viewer=who, subject=subject, entered=told.entered())
    except Refused as error:
        if not error.allowed:
            return JsonResponse({"error": sentence(error)}, status=403)
        return JsonResponse({"error": sentence(error), "field": error.field}, status=400)
    found = [{"item": f.item, "matter": f.matter_id, "again": f.again} for f in record.findings.all()]
    late = record.get_late_display() if record.late else ""
    return JsonResponse(
        {"record": record.pk, "url": reverse("record", args=[record.pk]), "findings": found, "late": late}
    )
