"""What the room of registers says of itself."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N

from bihuan.kernel.domain.state import Event
from bihuan.kernel.matters.selectors import visible_to
from bihuan.kernel.registry import events, streams
from bihuan.kernel.registry.events import EventType, Names
from bihuan.kernel.registry.streams import Sight, StreamKind, Table
from bihuan.kernel.registry.words import own_name

from .models import RegisterEntry, RegisterImport
from .planning import catalogue

COUNTS = {
    "new": N("new"), "changed": N("changed"), "same": N("same"), "kept": N("its matter has ended"), "refused": N("refused"),
    "left_out": N("left out"),
}  # fmt: skip
"""What may become of a row."""


def register_name(register: str) -> str:
    """The name of a register in the reader's language; its code where the catalogue does not know it."""
    found = next((s for s in catalogue()[0] if s.id == register), None)
    return own_name(found) if found else register


def _brought(e: Event, names: Names) -> list[str]:
    return [register_name(e.data["register"]), e.data["name"]]


def _corrected(e: Event, names: Names) -> list[str]:
    d = e.data
    told = (
        (_("%(n)s cells put right") % {"n": d["cells"]}, d["cells"]), (_("%(n)s rows left out") % {"n": d["left_out"]}, d["left_out"]),
        (_("%(n)s units told apart") % {"n": d["units"]}, d["units"]),
    )  # fmt: skip
    return [text for text, n in told if n]


def _imported(e: Event, names: Names) -> list[str]:
    counts = [f"{COUNTS[k]} {n}" for k, n in e.data["counts"].items() if n and k in COUNTS]
    return [*_brought(e, names), *counts]


def _taken(e: Event, names: Names) -> list[str]:
    return [register_name(e.data["register"]), _("row %(n)s") % {"n": e.data["row"]}]


TYPES = (
    EventType("RegisterBrought", N("brought a register"), {"file": "hash", "name": "text", "register": "code"}, notes=_brought),
    EventType(
        "RegisterCorrected", N("corrected the preview of a register"), {"cells": "int", "left_out": "int", "units": "int"}, notes=_corrected
    ),
    EventType("RegisterDropped", N("dropped the preview of a register")),
    EventType(
        "RegisterImported", N("imported a register"),
        {"file": "hash", "name": "text", "register": "code", "counts": "{int}", "matters": "[id]"}, notes=_imported,
    ),
    EventType("RowTaken", N("took over what a register says"), {"import": "id", "register": "code", "row": "int"}, notes=_taken),
)  # fmt: skip


def _import_seen(viewer: Any, name: str) -> Sight | None:
    """People who act for the unit that brought it."""
    mine = RegisterImport.objects.filter(unit__code__in=viewer.acting)
    row = mine.filter(pk=int(name)).first() if name.isascii() and name.isdigit() else None
    return Sight(row.name, "register", (row.pk,)) if row else None


def _entry_seen(viewer: Any, name: str) -> Sight | None:
    row = visible_to(viewer).filter(number=int(name)).first() if name.isascii() and name.isdigit() else None
    return Sight(str(row), "matter", (row.number,)) if row else None


def register() -> None:
    """Events and streams of registers."""
    events.register(*TYPES)
    streams.register(
        StreamKind(
            "register", N("imports of registers"), seen=_import_seen, tables=(Table(RegisterImport, lambda i: f"register:{i.pk}"),)
        ),
        StreamKind(
            "entry", N("what registers last said of matters"), seen=_entry_seen,
            tables=(Table(RegisterEntry, lambda e: f"entry:{e.matter_id}"),),
        ),
    )  # fmt: skip
