"""What the files of subjects say of themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N

from bihuan.kernel.domain.state import Event
from bihuan.kernel.matters.selectors import subjects_visible_to
from bihuan.kernel.registry import events, streams
from bihuan.kernel.registry.events import EventType, Names
from bihuan.kernel.registry.registry import Registry
from bihuan.kernel.registry.streams import Rows, Sight, StreamKind, Table
from bihuan.kernel.registry.words import chinese
from bihuan.kernel.registry.written import plain
from bihuan.kernel.subjects.models import Subject, SubjectFile, SubjectLabel, SubjectParty

from .filing import PARTIES, fold_file, stream_of

parts: Registry[Callable[[dict[str, Any]], str]] = Registry("part of a file")
"""How an entry of a part is said, by part: those who work with a part register it."""


roles: Registry[Any] = Registry("role in a file")
"""What the roles of parties are called. A role that goes on behind a full stop is called by what stands before it."""


def entry(what: Any, name: str = "", *told: str) -> str:
    """An entry in words: its part, its name within the part, and what is told of it; empty texts are left out."""
    head = f"{what} {name}".strip()
    said = ("，" if chinese() else ", ").join(t for t in told if t)
    return _("%(what)s: %(told)s") % {"what": head, "told": said} if said else head


def _party(d: dict[str, Any]) -> str:
    key = d["key"]
    return entry(
        _("who answers"),
        str(roles.get(key) or roles.get(key.partition(".")[0]) or key),
        (d["values"] or {}).get("title", ""),
    )


def _filed(e: Event, names: Names) -> list[str]:
    say = parts.get(e.data["part"])
    told = say(e.data) if say else str(e.data["part"])
    return [told, _("taken out")] if e.data["values"] is None else [told]


def fold_bodies() -> Callable[[str, list[Event], Rows], None]:
    """The fold of a subject's events to what its file holds."""
    body = SubjectFile._meta.get_field("body")

    def fold(stream: str, told: list[Event], rows: Rows) -> None:
        found = fold_file(told)
        for key, values in list(rows.get(Subject._meta.db_table, {}).items()):
            if values is not None:
                rows[SubjectFile._meta.db_table] = {key: {"subject_id": int(key), "body": plain(body, found)}}

    return fold


def _seen(viewer: Any, code: str) -> Sight | None:
    row = subjects_visible_to(viewer).filter(code=code).first()
    return Sight(row.name, "subject", (row.code,)) if row else None


def register() -> None:
    """Events and streams of subjects, and the part of a file that names units."""
    parts.add(PARTIES, _party)
    events.register(
        EventType(
            "SubjectRegistered", N("opened the file"),
            {
                "type": "code", "name": "text", "territory": "code", "owner": "unit", "address": "text", "labels": "[text]", "facts": "{}",
                "file?": "{}",
            },
        ),
        EventType("SubjectChanged", N("changed the file"), {"changes": "{}", "labels?": "[text]"}),
        EventType("SubjectFiled", N("entered into the file"), {"part": "code", "key": "str", "values": "{}|null"}, notes=_filed),
    )  # fmt: skip
    streams.register(
        StreamKind(
            "subject", N("files of projects and premises"), seen=_seen, folding=fold_bodies,
            tables=(
                Table(Subject, stream_of),
                Table(SubjectLabel, lambda x: stream_of(x.subject)),
                Table(SubjectParty, lambda x: stream_of(x.subject)),
                Table(SubjectFile, lambda x: stream_of(x.subject), captured=False),
            ),
        )
    )  # fmt: skip
