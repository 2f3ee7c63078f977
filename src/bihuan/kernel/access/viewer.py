"""The viewer: a signed-in person with the posts held today."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q

from bihuan.kernel.domain.commands import Actor
from bihuan.kernel.orgs.models import Person, Post
from bihuan.kernel.orgs.selectors import carriers, posts_on, subtree


@dataclass(frozen=True)
class Scope:
    """What one post oversees: territory ids (None: everywhere) of one sector (empty: all)."""

    territories: frozenset[int] | None
    sector: str
    clearance: bool
    superior: bool

    def covers(self, territory_id: int | None, sector: str) -> bool:
        """Whether something there belongs to the scope."""
        place = self.territories is None or territory_id in self.territories
        return place and (not self.sector or self.sector == sector)


@dataclass(frozen=True)
class Viewer:
    """What access decisions need, read once a request."""

    person: Person
    posts: tuple[Post, ...]
    units: frozenset[int]
    codes: frozenset[str]
    scopes: tuple[Scope, ...]
    acting: frozenset[str] = field(default=frozenset())
    """Codes of units in whose name the person may act; auditors and leaders only look."""

    @property
    def reads_only(self) -> bool:
        """No post that acts."""
        return not self.acting

    @property
    def admin(self) -> str:
        """Which of the three separated administrators this is; empty for everybody else."""
        return next((p.role for p in self.posts if p.role in ADMINISTRATORS), "")

    @property
    def title(self) -> str:
        """Unit and post, as the desk shows them."""
        return " · ".join(f"{p.unit.name} {p.title}" for p in self.posts)

    def oversees(self, territory_id: int | None, sector: str) -> bool:
        """Whether this is a leader whose scope covers something there."""
        return any(s.superior and s.covers(territory_id, sector) for s in self.scopes)

    def actor(self, territory_id: int | None = None, sector: str = "") -> Actor:
        """The actor of the loop, superior where a leader's scope covers the place."""
        return Actor(self.person.username, self.acting, self.oversees(territory_id, sector))


ADMINISTRATORS = (Post.Role.SYSTEM, Post.Role.SECURITY, Post.Role.AUDIT)
"""None of them sees or touches matters, and none can do another's work."""
ACTING = (Post.Role.OFFICER, Post.Role.HEAD)


def viewer_of(person: Person, today: date) -> Viewer:
    """The viewer for a person on a day; two queries and one per scoped territory."""
    posts = tuple(posts_on(today).filter(person=person).select_related("unit", "scope_territory"))
    scopes = []
    for post in posts:
        if post.scope_territory is not None and post.role not in ADMINISTRATORS:
            whole = post.scope_territory.parent_id is None
            places = None if whole else frozenset(subtree(post.scope_territory))
            scopes.append(Scope(places, post.scope_sector, post.clearance, post.role == Post.Role.LEADER))
    return Viewer(
        person=person,
        posts=posts,
        units=frozenset(p.unit_id for p in posts if p.role not in ADMINISTRATORS),
        codes=frozenset(p.unit.code for p in posts),
        scopes=tuple(scopes),
        acting=frozenset(p.unit.code for p in posts if p.role in ACTING),
    )


def scope_q(viewer: Viewer, territory: str, sector: str | None, confidential: str | None = None) -> Q:
    """The rows that the viewer's scopes cover, by the names of the columns; matches nothing without a scope.

    `sector` None: the rows have no sector (projects and premises), so the territory alone decides.
    """
    found = Q(pk__in=[])
    for scope in viewer.scopes:
        part = Q()
        if scope.territories is not None:
            part &= Q(**{f"{territory}__in": scope.territories})
        if scope.sector and sector is not None:
            part &= Q(**{sector: scope.sector})
        if confidential and not scope.clearance:
            part &= Q(**{confidential: False})
        if not part:
            return Q()
        found = part if found == Q(pk__in=[]) else found | part
    return found


def oversees_all(viewer: Viewer, mechanism: str) -> bool:
    """Whether the viewer sees all of a mechanism's year: its office, supervision, leaders and auditors of the whole district."""
    if viewer.admin:
        return False
    if carriers(f"coordinate.{mechanism}", "supervision") & viewer.codes:
        return True
    return any(s.territories is None and not s.sector for s in viewer.scopes)
