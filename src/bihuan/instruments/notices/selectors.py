"""Reading notices: each person their own, and only of matters that they may still see."""

from __future__ import annotations

from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.selectors import visible_to
from bihuan.kernel.orgs.models import Person

from .models import Notice

CAP = 99


def unseen(person: Person) -> int:
    """How many notices a person has not seen, at most CAP + 1."""
    return Notice.objects.filter(person=person, seen_at=None)[: CAP + 1].count()


def latest(
    viewer: Viewer, *, before: int | None = None, size: int = 50
) -> tuple[list[tuple[Notice, Matter | None]], bool]:
    """A page of the viewer's notices with their matters, newest first, and whether there are more.

    Notices of matters that the viewer may no longer see stay hidden; those beside matters have none.
    """
    rows = Notice.objects.filter(person=viewer.person)
    if before is not None:
        rows = rows.filter(id__lt=before)
    page = list(rows.order_by("-id")[: size + 1])
    seen = visible_to(viewer).select_related("subject").in_bulk([n.matter for n in page])
    shown = [(n, seen.get(n.matter)) for n in page[:size] if n.matter in seen or n.matter == 0]
    return shown, len(page) > size
