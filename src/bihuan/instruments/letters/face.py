"""What the room of letters says of itself."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as N

from bihuan.kernel.registry import events, pages, streams
from bihuan.kernel.registry.events import EventType
from bihuan.kernel.registry.streams import StreamKind

from .panels import PANELS

TYPES = (
    EventType("LetterDrafted", N("drafted the letter"), {"digest": "str", "title": "str", "version": "int"}),
    EventType(
        "LetterHolds",
        N("the letter holds: both sides have signed"),
        {"digest": "str", "matters": "[int]", "tell": "[unit]", "title": "str", "version": "int"},
        why="party",
        said=N("the letter is signed by both sides"),
    ),
    EventType(
        "LetterOffered",
        N("sent the letter to be signed"),
        {"digest": "str", "tell": "[unit]", "title": "str", "version": "int"},
        why="party",
        urgent=True,
        said=N("a letter waits to be signed"),
    ),
    EventType(
        "LetterReworded", N("changed the wording"), None, why="party", urgent=True, said=N("the wording was changed")
    ),
    EventType(
        "LetterScanned",
        N("brought in the signed paper"),
        {"digest": "str", "file": "str", "name": "str", "names": "str", "title": "str", "version": "int"},
    ),
    EventType(
        "LetterSigned",
        N("signed the letter"),
        {"digest": "str", "post": "str", "side": "str", "title": "str", "version": "int"},
    ),
    EventType(
        "LetterSuggested", N("suggested another wording"), None, why="issuer", said=N("another wording is suggested")
    ),
    EventType("LetterWithdrawn", N("withdrew the letter"), None, why="party", said=N("the letter is withdrawn")),
    EventType(
        "LettersDrafted",
        N("drafted letters"),
        {"n": "int", "subject": "str", "template": "str", "title": "str", "year": "int"},
    ),
    EventType("SignerNamed", N("named who signs"), None),
    EventType(
        "SuggestionAnswered", N("answered the suggestion"), None, why="party", said=N("the suggestion is answered")
    ),
)


def register() -> None:
    """Events and streams."""
    events.register(*TYPES)
    pages.register(*PANELS)
    streams.register(
        StreamKind("letter", N("responsibility letters")),
        StreamKind("letters", N("batches of letters")),
    )
