"""What a premises' file says: the typed reading of its body. Pure.

Numbers are whole (square metres, storeys, metres, persons). A place is longitude and latitude in CGCS2000, in degrees as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any

from .catalogue import HOURS


@dataclass(frozen=True)
class Tenant:
    """A tenant. `since` moved in or changed; `seen` verified on site; `left` moved out."""

    key: str
    name: str
    use: str = ""
    floor: str = ""
    area: int | None = None
    since: date | None = None
    seen: date | None = None
    left: date | None = None

    @property
    def unseen(self) -> bool:
        """It is there and nobody has verified it since it came or changed."""
        return self.left is None and (self.seen is None or (self.since is not None and self.seen < self.since))


@dataclass(frozen=True)
class Facility:
    """A facility: `out` since when it does not work, None while it does."""

    id: str
    out: date | None = None
    note: str = ""


@dataclass(frozen=True)
class PostHeld:
    """A post of the premises' own people: who holds it since when, or since when it is empty."""

    title: str
    name: str = ""
    since: date | None = None
    vacant: date | None = None


@dataclass(frozen=True)
class Building:
    """One of its buildings."""

    key: str
    name: str
    floors: int | None = None
    height: int | None = None
    area: int | None = None


@dataclass(frozen=True)
class Premises:
    """The reading of one file."""

    facts: Mapping[str, Any] = field(default_factory=dict)
    declared: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    buildings: tuple[Building, ...] = ()
    tenants: tuple[Tenant, ...] = ()
    facilities: tuple[Facility, ...] = ()
    posts: tuple[PostHeld, ...] = ()
    parties: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    place: tuple[float, float] | None = None

    @property
    def managed(self) -> bool:
        """Somebody manages its fire safety: a named person or a unit."""
        return bool(self.facts.get("manager") or self.parties.get("manager"))

    @property
    def unseen(self) -> list[Tenant]:
        """Tenants to be verified, the oldest first."""
        return sorted((t for t in self.tenants if t.unseen), key=lambda t: t.since or date.max)

    @property
    def vacant(self) -> list[PostHeld]:
        """Posts that nobody holds."""
        return [p for p in self.posts if p.vacant is not None]

    @property
    def hours(self) -> tuple[time, time] | None:
        """Opening hours; None when not given or unreadable."""
        return opening(str(self.facts.get("hours", "")))

    @property
    def out(self) -> list[Facility]:
        """Facilities that do not work."""
        return [f for f in self.facilities if f.out is not None]


def opening(text: str) -> tuple[time, time] | None:
    """Opening hours such as 09:00-22:00; until midnight is 24:00, past midnight the end lies before the start."""
    match = HOURS.match(text.replace("—", "-").replace("~", "-").replace("：", ":").replace(" ", ""))
    if match is None:
        return None
    end = time(0) if match[3] == "24" else time(int(match[3]), int(match[4]))
    return time(int(match[1]), int(match[2])), end


def read(body: Mapping[str, Any]) -> Premises:
    """The typed reading of a file's body; what is missing is empty."""
    place = body.get("place", {}).get("main")
    return Premises(
        facts=body.get("facts", {}).get("main", {}),
        declared=body.get("declared", {}),
        buildings=tuple(
            Building(k, v.get("name", ""), v.get("floors"), v.get("height"), v.get("area")) for k, v in body.get("building", {}).items()
        ),
        tenants=tuple(
            Tenant(k, v.get("name", ""), v.get("use", ""), v.get("floor", ""), v.get("area"), _day(v, "since"), _day(v, "seen"), _day(v, "left"))
            for k, v in body.get("tenant", {}).items()
        ),
        facilities=tuple(Facility(k, _day(v, "out"), v.get("note", "")) for k, v in body.get("facility", {}).items()),
        posts=tuple(PostHeld(k, v.get("name", ""), _day(v, "since"), _day(v, "vacant")) for k, v in body.get("post", {}).items()),
        parties=body.get("parties", {}),
        place=(float(place["lon"]), float(place["lat"])) if place and place.get("lon") else None,
    )  # fmt: skip


def _day(values: Mapping[str, Any], name: str) -> date | None:
    return date.fromisoformat(values[name]) if values.get(name) else None


def days_since(day: date | None, today: date) -> int:
    """Whole days since a day, 0 when there is none."""
    return max(0, (today - day) // timedelta(days=1)) if day else 0
