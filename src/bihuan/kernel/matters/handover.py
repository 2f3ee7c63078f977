"""When somebody leaves: open work goes to the successor or the head of the unit, the vacancy shows, in one transaction."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.orgs.models import Person, Post
from bihuan.kernel.orgs.selectors import posts_on
from bihuan.kernel.orgs.services import post_vacate

from .models import Matter
from .services import act


@transaction.atomic
def hand_over(
    *, actor: c.Actor, post: Post, last_day: date, at: datetime, reason: str, successor: Person | None = None
) -> tuple[Post, int]:
    """End `post` after `last_day` and hand its holder's open matters of that unit over.

    To `successor`, else to the head of the unit; Refused when there is neither. Returns the post that follows (vacant
    without a successor) and how many matters moved.
    """
    if post.person is None:
        raise Refused(N_("This post is vacant already."), field="post")
    if last_day < post.valid_from:
        raise Refused(N_("The last day lies before the first."), field="last_day")
    to = successor or _head(post, last_day)
    leaving = post.person.username
    following = post_vacate(post=post, last_day=last_day, successor=successor)
    assert following is not None
    numbers = list(
        Matter.objects.filter(open=True, officer=leaving, lead=post.unit)
        .order_by("number")
        .values_list("number", flat=True)
    )
    if numbers and to is None:
        raise Refused(
            N_("Nobody in the unit can take over %(n)s open matters; name a successor."),
            field="successor",
            n=len(numbers),
        )
    acting = c.Actor(actor.person, frozenset({post.unit.code}))
    moved = 0
    for number in numbers:
        assert to is not None
        if Matter.objects.values_list("state", flat=True).get(number=number) in ("assigned", "handling"):
            act(number=number, command=c.HandOver(acting, at, to.username, reason))
            moved += 1
    return following, moved


def _head(post: Post, day: date) -> Person | None:
    head = (
        posts_on(day)
        .filter(unit=post.unit, role=Post.Role.HEAD)
        .exclude(person=None)
        .exclude(person=post.person)
        .first()
    )
    return head.person if head else None
