"""The events of a second person's decision; every app whose records may come late registers them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as N

from bihuan.kernel.registry.events import EventType

_DATA = {"record?": "str", "text": "text"}
"""Which record of the stream, where a stream has many, and the words of the second person."""
CONFIRMED = EventType("LateConfirmed", N("confirmed what was entered late"), _DATA, tone="good", text="text")
DECLINED = EventType("LateDeclined", N("did not confirm what was entered late"), _DATA, tone="bad", text="text")
