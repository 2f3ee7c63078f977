"""What the organisation says of itself: units, functions, posts and people are decided by their events."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N

from bihuan.kernel.domain.state import Event
from bihuan.kernel.registry import events, streams
from bihuan.kernel.registry.events import EventType, Names
from bihuan.kernel.registry.streams import StreamKind, Table, for_audit, for_everybody
from bihuan.kernel.registry.words import day

from .models import Function, Person, Post, Territory, Unit, UnitAlias

UNIT = {"name": "text", "kind": "code", "sector": "code", "territory": "code|null", "active": "bool"}
POST = {
    "unit": "unit", "title": "text", "role": "code", "person": "person", "scope_territory": "code|null", "scope_sector": "code",
    "clearance": "bool",
}  # fmt: skip


def _granted(e: Event, names: Names) -> list[str]:
    return [f"{names.unit(e.data['unit'])} {e.data['title']}", *([e.data["person"]] if e.data["person"] else [])]


def _ended(e: Event, names: Names) -> list[str]:
    return [_("last day %(day)s") % {"day": day(e.data["last_day"])}]


def _name(e: Event, names: Names) -> list[str]:
    return [str(e.data[k]) for k in ("name", "alias") if e.data.get(k)]


def _given(e: Event, names: Names) -> list[str]:
    return [names.unit(e.data["unit"])]


def _maybe(shapes: dict[str, str]) -> dict[str, str]:
    return {f"{k}?": v for k, v in shapes.items()}


TYPES = (
    EventType("TerritoryAdded", N("entered a territory"), {"name": "text", "level": "code", "parent": "code|''"}, notes=_name),
    EventType("TerritoryChanged", N("changed a territory"), {"name": "text"}, notes=_name),
    EventType("UnitAdded", N("entered a unit"), {**UNIT, "functions?": "[code]"}, notes=_name),
    EventType("UnitChanged", N("changed a unit"), {**_maybe(UNIT), "functions?": "[code]"}, notes=_name),
    EventType("FunctionGiven", N("gave a function"), {"unit": "unit", "before": "unit"}, notes=_given),
    EventType("AliasRemembered", N("remembered another name"), {"alias": "text", "unit": "unit"}, notes=_name),
    EventType("PersonAdded", N("entered a person"), {"name": "text"}, notes=_name),
    EventType("PostGranted", N("granted a post"), POST, notes=_granted),
    EventType(
        "PostEnded", N("ended a post"), {"last_day": "date", "reason": "text", "following": "id", "moved": "int"}, notes=_ended,
        text="reason",
    ),
    EventType("AccountLocked", N("locked an account")),
    EventType("AccountUnlocked", N("unlocked an account")),
    EventType("PasswordReset", N("gave a new password")),
    EventType("FactorsReset", N("took away second factors"), {"n": "int"}),
)  # fmt: skip


def stream_of_post(post: Any) -> str:
    """The name of a post's stream."""
    return f"post:{post.pk}"


def register() -> None:
    """Events and streams of the organisation."""
    own = N("the person's own choice")
    signing_in = N("changes with every sign-in or password, and holds no right")
    events.register(*TYPES)
    streams.register(
        StreamKind("territory", N("territories"), seen=for_everybody(N("territories"), "territories"), tables=(Table(Territory, lambda t: f"territory:{t.code}"),)),
        StreamKind("unit", N("units"), seen=for_everybody(N("units"), "orgs"), tables=(Table(Unit, lambda u: f"unit:{u.code}"),)),
        StreamKind("function", N("functions of units"), seen=for_everybody(N("functions of units"), "orgs"), tables=(Table(Function, lambda f: f"function:{f.name}"),)),
        StreamKind("alias", N("other names of units"), seen=for_audit(N("other names of units")), tables=(Table(UnitAlias, lambda a: "alias:names"),)),
        StreamKind(
            "person", N("people"), seen=for_audit(N("people")),
            tables=(
                Table(
                    Person, lambda p: f"person:{p.username}"[:60],
                    undecided={"password": signing_in, "last_login": signing_in, "email": own, "language": own},
                ),
            ),
        ),
        StreamKind("post", N("posts"), seen=for_audit(N("posts")), tables=(Table(Post, stream_of_post),)),
    )  # fmt: skip
    streams.leave_out(
        N("groups and permissions of the framework, which nothing here asks"),
        Person.groups.through,
        Person.user_permissions.through,
    )
