"""What the room of letters says of itself."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N

from bihuan.kernel.domain.state import Event
from bihuan.kernel.registry import events, pages, streams
from bihuan.kernel.registry.events import EventType, Names
from bihuan.kernel.registry.streams import Sight, StreamKind, Table

from .models import Batch, Letter, LetterTask, Signature
from .panels import PANELS
from .record import contradictions
from .selectors import batches_whole_to, letters_visible_to

ABOUT = {"title": "text", "version": "int"}
"""What every event of a letter says: its title with its party, and which version of the wording stood then."""


def _version(e: Event, names: Names) -> list[str]:
    return [_("version %(n)s") % {"n": e.data["version"]}]


def _batch(e: Event, names: Names) -> list[str]:
    return [e.data["title"], _("letters: %(n)s") % {"n": e.data["n"]}]


def _side(e: Event) -> str:
    return str(Signature.Side(e.data["side"]).label)


def _signed(e: Event, names: Names) -> list[str]:
    return [_side(e), e.data["post"], *_version(e, names)]


def _signer(e: Event, names: Names) -> list[str]:
    return [f"{_side(e)}: {names.person(e.data['signer'])}"]


def _scanned(e: Event, names: Names) -> list[str]:
    return [e.data["names"], e.data["name"]]


def _holds(e: Event, names: Names) -> list[str]:
    return [*_version(e, names), *(f"#{n}" for n in e.data["matters"])]


def _answered(e: Event, names: Names) -> list[str]:
    return [_("taken over") if e.data["taken"] else _("not taken over")]


TYPES = (
    EventType(
        "LettersDrafted", N("drafted letters"),
        {"title": "text", "year": "int", "template": "code", "subject": "code", "n": "int"}, notes=_batch,
    ),
    EventType("LetterDrafted", N("drafted the letter"), {**ABOUT, "digest": "hash"}, notes=_version),
    EventType(
        "LetterOffered", N("sent the letter to be signed"), {**ABOUT, "digest": "hash", "tell": "[unit]"}, notes=_version, why="party",
        urgent=True, said=N("a letter waits to be signed"),
    ),
    EventType(
        "LetterSuggested", N("suggested another wording"), {**ABOUT, "text": "text", "body": "{}", "tell": "[unit]"}, text="text",
        why="issuer", said=N("another wording is suggested"),
    ),
    EventType(
        "SuggestionAnswered", N("answered the suggestion"), {**ABOUT, "taken": "bool", "text": "text", "tell": "[unit]"}, notes=_answered,
        text="text", why="party", said=N("the suggestion is answered"),
    ),
    EventType(
        "LetterReworded", N("changed the wording"), {**ABOUT, "body": "{}", "digest": "hash", "reason": "text", "tell": "[unit]"},
        notes=_version, text="reason", why="party", urgent=True, said=N("the wording was changed"),
    ),
    EventType("SignerNamed", N("named who signs"), {**ABOUT, "side": "code", "signer": "person"}, notes=_signer),
    EventType(
        "LetterSigned", N("signed the letter"), {**ABOUT, "side": "code", "post": "text", "digest": "hash"}, notes=_signed,
    ),
    EventType(
        "LetterScanned", N("brought in the signed paper"), {**ABOUT, "file": "hash", "name": "text", "names": "text", "digest": "hash"},
        notes=_scanned,
    ),
    EventType(
        "LetterHolds", N("the letter holds: both sides have signed"), {**ABOUT, "digest": "hash", "matters": "[id]", "tell": "[unit]"},
        tone="good", notes=_holds, why="party", said=N("the letter is signed by both sides"),
    ),
    EventType(
        "LetterWithdrawn", N("withdrew the letter"), {**ABOUT, "reason": "text", "tell": "[unit]"}, text="reason", why="party",
        said=N("the letter is withdrawn"),
    ),
)  # fmt: skip


def _number(name: str) -> int:
    return int(name) if name.isascii() and name.isdigit() else 0


def _letter_seen(viewer: Any, name: str) -> Sight | None:
    row = letters_visible_to(viewer).select_related("batch").filter(pk=_number(name)).first()
    return Sight(str(row), "letter", (row.pk,)) if row else None


def _batch_seen(viewer: Any, name: str) -> Sight | None:
    row = batches_whole_to(viewer).filter(pk=_number(name)).first()
    return Sight(str(row), "letters") if row else None


def stream_of(letter: int) -> str:
    """The name of a letter's stream."""
    return f"letter:{letter}"


def register() -> None:
    """Events and streams of letters and of the batches they were drafted in."""
    events.register(*TYPES)
    pages.register(*PANELS)
    streams.register(
        StreamKind("letters", N("batches of letters"), seen=_batch_seen, tables=(Table(Batch, lambda b: f"letters:{b.pk}"),)),
        StreamKind(
            "letter", N("responsibility letters"), seen=_letter_seen, checks=(contradictions,),
            tables=(
                Table(Letter, lambda x: stream_of(x.pk)),
                Table(Signature, lambda x: stream_of(x.letter_id)),
                Table(LetterTask, lambda x: stream_of(x.letter_id)),
            ),
        ),
    )  # fmt: skip
