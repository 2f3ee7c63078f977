"""What a device sends of a finished inspection: read by type, so that nothing odd comes near the record.

The reader (pydantic's own parser) refuses NaN and Infinity, lone surrogates and deep nesting by itself; the rest is said here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.mechanisms.fire.entered import MOST_FINDINGS, MOST_PEOPLE, Entered, Found

WORDS: Mapping[str, Any] = {
    "client": _("Name of the record"), "premises": _("Premises"), "at": _("Time"), "device_at": _("Device time"), "kind": _("Sort of inspection"),
    "people": _("Inspectors (two for the brigade)"), "items": _("Checklist"), "findings": _("What was found"), "photos": _("Photo"), "note": _("Note"),
    "place": _("Place"), "tenants": _("Tenants verified"), "reason": _("Why it is entered only now"),
}  # fmt: skip
"""What the parts are called, for the sentence of a refusal."""
WHY = {
    "missing": N_("“%(field)s” is missing."),
    "string_too_long": N_("“%(field)s” is too long: at most %(max_length)s characters fit."),
    "too_long": N_("“%(field)s” has too many entries: at most %(max_length)s fit."),
    "too_short": N_("“%(field)s” has too few entries: %(min_length)s at least."),
    "zone": N_("“%(field)s” is no moment with a day, a time and a zone."),
    "string_unicode": N_("“%(field)s” holds a character that no text has."),
    "null": N_("“%(field)s” holds a character that no text has."),
}
OTHER = N_("“%(field)s” cannot be read.")
UNREADABLE = N_("This record cannot be read.")
EARLIEST, LATEST = 1970, 2200
"""Years that a clock of a device can show; what makes sense of them is judged with the record."""


def _moment(value: Any) -> datetime:
    """A moment as the device writes it (ISO 8601, with a zone); never a number."""
    try:
        found = datetime.fromisoformat(value.replace("Z", "+00:00")) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not EARLIEST <= found.year <= LATEST:
        raise ValueError("zone")
    return found


def _text(value: str) -> str:
    """A text without characters that no text has: the end of a string in C, and other controls."""
    if any(ord(c) < 32 and c not in "\n\r\t" for c in value):
        raise ValueError("null")
    return value


Moment = Annotated[datetime, BeforeValidator(_moment)]
Clean = AfterValidator(_text)
Short = Annotated[str, Field(max_length=60), Clean]
Words = Annotated[str, Field(max_length=2_000), Clean]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Photos = Annotated[tuple[Hash, ...], Field(max_length=60)]
CONFIG = ConfigDict(extra="ignore", allow_inf_nan=False, frozen=True)


class FindingIn(BaseModel):
    """Something bad, as the device tells it."""

    model_config = CONFIG
    item: Short
    text: Annotated[str, Field(max_length=1_000), Clean] = ""
    place: Annotated[str, Field(max_length=100), Clean] = ""
    measured: Short = ""
    spot: bool = False
    grade: Short = "general"
    photos: Photos = ()


class RecordIn(BaseModel):
    """A finished inspection, as the device tells it. `place` is longitude and latitude in degrees."""

    model_config = CONFIG
    client: UUID
    premises: Short
    at: Moment
    device_at: Moment | None = None
    kind: Short = ""
    people: Annotated[tuple[Short, ...], Field(min_length=1, max_length=MOST_PEOPLE)]
    items: Annotated[dict[Short, Short], Field(max_length=500)] = {}
    findings: Annotated[tuple[FindingIn, ...], Field(max_length=MOST_FINDINGS)] = ()
    photos: Photos = ()
    note: Words = ""
    place: tuple[Annotated[float, Field(ge=-180, le=180)], Annotated[float, Field(ge=-90, le=90)]] | None = None
    tenants: Annotated[tuple[Short, ...], Field(max_length=500)] = ()
    reason: Annotated[str, Field(max_length=300), Clean] = ""

    def entered(self) -> Entered:
        """As the record takes it."""
        return Entered(
            client=self.client, what="inspection", at=self.at, kind=self.kind, device_at=self.device_at or self.at,
            people=tuple(" ".join(n.split()) for n in self.people), items=self.items, photos=self.photos, note=self.note, place=self.place,
            tenants=self.tenants, reason=self.reason,
            findings=tuple(Found(f.item, f.text, f.place, f.measured, f.spot, f.grade, f.photos) for f in self.findings),
        )  # fmt: skip


def read_record(body: bytes) -> RecordIn:
    """The record in a body of JSON. Refused, naming the field, when it is none."""
    try:
        return RecordIn.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
    if first["type"] == "json_invalid":
        first = _half(body)
    field = str(first["loc"][0]) if first["loc"] else ""
    if field not in WORDS:
        raise Refused(UNREADABLE)
    context = first.get("ctx", {})
    kind = str(context["error"]) if first["type"] == "value_error" else first["type"]
    params = {k: v for k, v in context.items() if k in ("max_length", "min_length")}
    # the name of the field is a word of the sentence, and `field` the place
    raise Refused.like(WHY.get(kind, OTHER), {**params, "field": str(WORDS[field])}, field)


def _half(body: bytes) -> Any:
    """The error of a body with half a character (a lone surrogate) in it, with its place: the parser stops there without one,
    Python's reads on. Refused when that one cannot read it either."""
    try:
        RecordIn.model_validate(json.loads(body))
    except ValidationError as error:
        return error.errors(include_url=False, include_input=False)[0]
    except (ValueError, RecursionError):
        pass  # no field to name: the record as a whole is what cannot be read
    raise Refused(UNREADABLE)
