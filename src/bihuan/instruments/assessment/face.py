"""What the room of assessment says of itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N

from bihuan.kernel.domain.state import Event
from bihuan.kernel.registry import duties, events, pages, streams
from bihuan.kernel.registry.events import EventType, Names
from bihuan.kernel.registry.streams import Sight, StreamKind, Table
from bihuan.kernel.registry.words import day

from .catalogue import item_name, scheme_name, shipped
from .models import Appeal, Assessment, Kept, Mark, Proof, Reckoned, Scheme, Score
from .panels import PANELS
from .record import contradictions
from .selectors import assessments_visible_to, keeps
from .services import follow

LEVELS = {"excellent": N("excellent"), "good": N("good"), "pass": N("passed"), "fail": N("below standard")}
"""Levels of a result, the best first."""
ABOUT = {"key": "code", "year": "int", "unit": "unit", "title": "text"}
"""What every event of an assessment says: by which scheme, of which year, whose, and its title."""
RESULT = {"total": "hundredths", "level": "code"}


def _unit(e: Event, names: Names) -> list[str]:
    return [names.unit(e.data["unit"])]


def _points(hundredths: int) -> str:
    return _("%(n)s points") % {"n": f"{hundredths / 100:g}"}


def _result(e: Event, names: Names) -> list[str]:
    return [_points(e.data["total"]), str(LEVELS[e.data["level"]])]


def _taken(e: Event, names: Names) -> list[str]:
    return [e.data["period"], *_result(e, names)]


def _announced(e: Event, names: Names) -> list[str]:
    return [*_result(e, names), _("appeals until %(day)s") % {"day": day(e.data["until"])}]


def _item(e: Event) -> str:
    return item_name(e.data["key"], e.data["year"], e.data["item"])


def _files(e: Event) -> list[str]:
    n = len(e.data["files"])
    return [_("files: %(n)s") % {"n": n}] if n else []


def _marked(e: Event, names: Names) -> list[str]:
    return [str(Mark.Side(e.data["side"]).label), _item(e), f"{e.data['points'] / 100:+g}", *_files(e)]


def _reviewed(e: Event, names: Names) -> list[str]:
    n = e.data["claims"]
    return [_("items claimed: %(n)s") % {"n": n} if n else _("nothing claimed")]


def _vetoed(e: Event, names: Names) -> list[str]:
    return [_("the whole result fails") if e.data["text"] else _("the veto is taken back"), *_files(e)]


def _appealed(e: Event, names: Names) -> list[str]:
    return [_item(e), *_files(e), _("due %(day)s") % {"day": day(e.data["due"])}]


def _decided(e: Event, names: Names) -> list[str]:
    given = [f"{e.data['points'] / 100:+g}"] if e.data["upheld"] else []
    return [_item(e), _("upheld") if e.data["upheld"] else _("not upheld"), *given, *_result(e, names)]


def _kept(e: Event, names: Names) -> list[str]:
    return [f"{e.data['year']}/{e.data['number']}", _("adopted") if e.data["adopted"] else _("a draft")]


TYPES = (
    EventType("AssessmentOpened", N("opened the assessment"), {**ABOUT, "tell": "[unit]"}, notes=_unit),
    EventType(
        "ScoreTaken", N("took the score"), {**ABOUT, **RESULT, "period": "code", "digest": "hash", "tell": "[unit]"}, notes=_taken,
        why="assessed", said=N("the score of the period was taken"),
    ),
    EventType(
        "ReviewAsked", N("asked for the self-review"), {**ABOUT, "tell": "[unit]"}, notes=_unit, why="assessed", urgent=True,
        said=N("the self-review is due"),
    ),
    EventType(
        "Marked", N("changed an item"),
        {**ABOUT, "item": "code", "side": "code", "points": "hundredths", "text": "text", "files": "[hash]", "tell": "[unit]"},
        notes=_marked, text="text", why="assessed", said=N("the assessor changed an item"),
    ),
    EventType("SelfReviewed", N("finished the self-review"), {**ABOUT, "claims": "int"}, notes=_reviewed),
    EventType(
        "Vetoed", N("used the veto or took it back"), {**ABOUT, "text": "text", "files": "[hash]", "tell": "[unit]"}, tone="bad",
        notes=_vetoed, text="text", why="assessed", urgent=True, said=N("the veto was used or taken back"),
    ),
    EventType(
        "ResultAnnounced", N("announced the result"), {**ABOUT, **RESULT, "digest": "hash", "until": "date", "tell": "[unit]"},
        notes=_announced, why="assessed", urgent=True, said=N("the result is announced; the time to appeal runs"),
    ),
    EventType(
        "Appealed", N("appealed"), {**ABOUT, "item": "code", "text": "text", "files": "[hash]", "due": "date", "tell": "[unit]"},
        notes=_appealed, text="text", why="decider", urgent=True, said=N("an appeal waits to be decided"),
    ),
    EventType(
        "AppealDecided", N("decided the appeal"),
        {**ABOUT, **RESULT, "item": "code", "upheld": "bool", "points": "hundredths", "answer": "text", "tell": "[unit]"}, notes=_decided,
        text="answer", why="assessed", urgent=True, said=N("the appeal is decided"),
    ),
    EventType(
        "ResultFinal", N("made the result final"), {**ABOUT, **RESULT, "tell": "[unit]"}, tone="good", notes=_result, why="assessed",
        said=N("the result is final"),
    ),
    EventType(
        "SchemeKept", N("kept an edition of the scheme"),
        {"key": "code", "year": "int", "number": "int", "adopted": "bool", "body": "str"}, notes=_kept,
    ),
)  # fmt: skip


def _seen(viewer: Any, name: str) -> Sight | None:
    pk = int(name) if name.isascii() and name.isdigit() else 0
    row = assessments_visible_to(viewer).select_related("unit").filter(pk=pk).first()
    return Sight(f"{row.year} {scheme_name(row.key)} {row.unit.name}", "assessment", (row.pk,)) if row else None


def _scheme_seen(viewer: Any, key: str) -> Sight | None:
    """Drafts are the office's own; others see the editions that were adopted, on the page of schemes."""
    found = shipped().get(key)
    return Sight(scheme_name(key), "schemes") if found and keeps(viewer, found["mechanism"]) else None


def _stream(row: Any) -> str:
    return f"assessment:{row.assessment_id}"


def register() -> None:
    """Events and streams of assessments and schemes; what the worker does for running years."""
    events.register(*TYPES)
    pages.register(*PANELS)
    streams.register(
        StreamKind("scheme", N("schemes of assessment"), seen=_scheme_seen, tables=(Table(Scheme, lambda s: f"scheme:{s.key}"),)),
        StreamKind(
            "assessment", N("assessments"), seen=_seen, checks=(contradictions,),
            tables=(
                Table(Assessment, lambda a: f"assessment:{a.pk}"),
                Table(Score, _stream), Table(Mark, _stream), Table(Appeal, _stream), Table(Proof, _stream),
            ),
        ),
    )  # fmt: skip
    streams.leave_out(
        N(
            "follows from matters, meetings, posts, fires and letters: figures of running years, reckoned anew when deleted"
        ),
        Kept,
        Reckoned,
    )
    duties.register(
        duties.Duty(
            "assessment",
            N("figures of running years, and the scores of quarters that ended"),
            lambda now: follow(at=now),
            every=timedelta(minutes=1),
            order=50,
        )
    )
