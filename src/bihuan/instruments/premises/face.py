"""What the room of premises says of itself."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N

from bihuan.instruments.jobs import job
from bihuan.kernel.domain.state import Event
from bihuan.kernel.registry import events, streams
from bihuan.kernel.registry.events import EventType, Names
from bihuan.kernel.registry.streams import Sight, StreamKind, Table

from .imports import stream_of, write_in
from .models import PremisesImport, RuleTable
from .parts import register_parts
from .selectors import imports_of
from .services import stream_of_rules

LIST = {"import": "id"}


def _table(e: Event, names: Names) -> list[str]:
    return [str(RuleTable.Name(e.data["name"]).label), e.data["title"]]


def _taken(e: Event, names: Names) -> list[str]:
    return [e.data["name"], _("%(n)s rows") % {"n": e.data["rows"]}]


def _counts(e: Event, names: Names) -> list[str]:
    return [_("%(new)s new, %(changed)s changed, %(same)s the same.") % e.data["counts"]]


def _refused(e: Event, names: Names) -> list[str]:
    return [_(e.data["why"]) % e.data["params"]]


def _written(e: Event, names: Names) -> list[str]:
    return [e.data["name"], *_counts(e, names)]


TYPES = (
    EventType("RulesLoaded", N("loaded a table of rules"), {"table": "id", "name": "code", "title": "text", "body": "{}"}, notes=_table),
    EventType("PremisesListTaken", N("brought a list of premises"), {**LIST, "file": "hash", "name": "text", "rows": "int"}, notes=_taken),
    EventType("PremisesListConfirmed", N("confirmed a list of premises"), {**LIST, "counts": "{int}"}, notes=_counts),
    EventType("PremisesListStopped", N("asked to stop the writing of a list of premises"), {**LIST}),
    EventType("PremisesListDropped", N("dropped a list of premises"), {**LIST}),
    EventType("PremisesListRefused", N("had a list of premises sent back"), {**LIST, "why": "str", "params": "{str}"}, tone="bad", notes=_refused),
    EventType(
        "PremisesImported", N("took a list of premises over"), {**LIST, "file": "hash", "name": "text", "counts": "{int}"}, tone="good",
        notes=_written,
    ),
)  # fmt: skip


def _rules_seen(viewer: Any, name: str) -> Sight | None:
    known = viewer.posts and RuleTable.objects.filter(name=name).exists()
    return Sight(str(RuleTable.Name(name).label), "fire_tables") if known else None


def _list_seen(viewer: Any, name: str) -> Sight | None:
    mine = viewer.acting and name.isascii() and name.isdigit()
    row = imports_of(viewer).filter(pk=int(name)).first() if mine else None
    return Sight(str(row), "premises_import", (row.pk,)) if row else None


def register() -> None:
    """Events and streams, and how the parts of a premises' file are told."""
    progress = N("how far the worker has read and written")
    register_parts()
    events.register(*TYPES)
    job.say(write_in)
    streams.register(
        StreamKind(
            "rules", N("tables of rules"), seen=_rules_seen, tables=(Table(RuleTable, lambda r: stream_of_rules(r.name)),),
        ),
        StreamKind(
            "premises-import", N("lists of premises"), seen=_list_seen,
            tables=(Table(PremisesImport, stream_of, undecided={"done": progress, "total": progress}),),
        ),
    )  # fmt: skip
