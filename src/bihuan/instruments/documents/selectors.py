"""Reading papers: one's own unit's, issued ones that went to it, those of visible matters, those a scope covers."""

from __future__ import annotations

from functools import lru_cache

from django.db.models import Exists, OuterRef, Q, QuerySet

from bihuan.adapters import word
from bihuan.kernel.access.viewer import Viewer, scope_q
from bihuan.kernel.evidence.services import path_of
from bihuan.kernel.matters.selectors import visible_to
from bihuan.kernel.orgs.models import Post, Unit
from bihuan.kernel.orgs.selectors import function_unit

from .catalogue import Kind, kinds
from .models import Paper, Reader


def papers_visible_to(viewer: Viewer) -> QuerySet[Paper]:
    """Drafts are their unit's own, and a leader's who must issue them; an issued paper is for its readers too, for whoever may see its matter and for those
    who oversee the unit's sector there. A paper of a matter that the viewer may not see stays closed to a scope too."""
    own = Q(unit__in=viewer.units)
    reads = Q(Exists(Reader.objects.filter(paper=OuterRef("pk"), unit__in=viewer.units)))
    seen = Q(matter__in=visible_to(viewer))
    covered = scope_q(viewer, "territory", "sector") & Q(matter=None)
    to_issue = Q(pk__in=[])
    if any(s.superior for s in viewer.scopes):
        leaders = [k.id for k in kinds().values() if k.issuer == "leader"]
        to_issue = Q(state=Paper.State.DRAFT, kind__in=leaders) & seen
    return Paper.objects.filter(own | to_issue | (Q(state=Paper.State.ISSUED) & (reads | seen | covered)))


@lru_cache(maxsize=500)
def faults(sha256: str) -> tuple[word.Fault, ...]:
    """Where the file with this hash departs from the layout; a hash never says another thing."""
    return tuple(word.check(path_of(sha256).read_bytes()))


RANKS = {"officer": (Post.Role.OFFICER, Post.Role.HEAD, Post.Role.LEADER), "head": (Post.Role.HEAD, Post.Role.LEADER), "leader": (Post.Role.LEADER,)}  # fmt: skip


def may_issue(viewer: Viewer, paper: Paper, kind: Kind) -> bool:
    """Whether the viewer holds a post high enough: in the paper's unit, or as a leader whose scope covers it."""
    for post in viewer.posts:
        if post.role not in RANKS[kind.issuer]:
            continue
        if post.unit_id == paper.unit_id and post.role != Post.Role.LEADER:
            return True
    return viewer.oversees(paper.territory_id, paper.sector)


def offices(viewer: Viewer, paper: Paper) -> bool:
    """Whether the viewer works on the paper: acts for its unit."""
    return paper.unit.code in viewer.acting


ABOUT_MATTER = ("assignment", "supervision", "interview", "circular")


def office_of(who: Viewer, assigner: Unit) -> Unit | None:
    """The viewer's unit that may write papers of a matter: the one that assigns it, else the one that supervises."""
    for code in (assigner.code, function_unit("supervision")):
        if code in who.acting:
            return Unit.objects.get(code=code)
    return None
