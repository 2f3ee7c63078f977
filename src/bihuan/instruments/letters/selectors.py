"""Reading letters: those of one's own units on either side, and all of a mechanism for whoever oversees it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet

from bihuan.engines.scoring import Fact
from bihuan.instruments.assessment.metrics import Facts, Metric, Row, Since, Source, Span
from bihuan.instruments.assessment.sources import tally
from bihuan.kernel.access.viewer import Viewer, oversees_all
from bihuan.kernel.domain.refusal import N_
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.orgs.selectors import carriers

from .catalogue import Template, templates
from .models import Batch, Letter, Signature

LIVE = (Letter.State.DRAFT, Letter.State.OFFERED, Letter.State.SIGNED)


def letters_visible_to(viewer: Viewer) -> QuerySet[Letter]:
    """Letters that the viewer may see; the accepting side sees none before it was offered."""
    if viewer.admin:
        return Letter.objects.none()
    offered = Q(party__in=viewer.units) & ~Q(state=Letter.State.DRAFT)
    return Letter.objects.filter(offered | Q(batch__issuer__in=viewer.units) | Q(batch__mechanism__in=_wide(viewer)))


def _wide(viewer: Viewer) -> set[str]:
    """Mechanisms whose year the viewer oversees."""
    return {t.mechanism for t in templates().values() if oversees_all(viewer, t.mechanism)}


def to_sign(viewer: Viewer) -> QuerySet[Letter]:
    """Letters that wait for this very person's signature."""
    mine = Q(issuer_signer=viewer.person) & ~Q(pk__in=_signed(viewer, "issuer")) | Q(party_signer=viewer.person) & ~Q(
        pk__in=_signed(viewer, "party")
    )
    return letters_visible_to(viewer).filter(mine, state=Letter.State.OFFERED)


def _signed(viewer: Viewer, side: str) -> QuerySet[Any, Any]:
    return Signature.objects.filter(person=viewer.person, side=side, version=F("letter__version")).values("letter")


def batches_visible_to(viewer: Viewer) -> QuerySet[Batch]:
    """Batches of which the viewer sees a letter."""
    return Batch.objects.filter(pk__in=letters_visible_to(viewer).values("batch"))


def batches_whole_to(viewer: Viewer) -> QuerySet[Batch]:
    """Batches of which the viewer sees every letter."""
    if viewer.admin:
        return Batch.objects.none()
    return Batch.objects.filter(Q(issuer__in=viewer.units) | Q(mechanism__in=_wide(viewer)))


def audience(template: Template) -> QuerySet[Unit]:
    """The units that a template is for."""
    rows = Unit.objects.filter(active=True, kind__in=template.kinds).exclude(code__in=carriers(*template.without))
    return rows.exclude(kind=Unit.Kind.CENTRE, territory__level="township").order_by("name")


def before(mechanism: str, audience: str, issuer: Unit, year: int) -> Batch | None:
    """The latest batch of an earlier year by the same issuer to the same audience: what this year's is prefilled from."""
    return (
        Batch.objects.filter(mechanism=mechanism, audience=audience, issuer=issuer, year__lt=year)
        .order_by("-year", "-id")
        .first()
    )


@dataclass(frozen=True)
class Node:
    """A letter in the tree, with those that its party issued one level down. `ends` where a unit that should go on has not."""

    letter: Letter
    below: tuple[Node, ...]
    ends: bool


GOES_ON = ("township",)
"""Kinds of unit that sign on with the level below."""


def tree(viewer: Viewer, mechanism: str, year: int) -> list[Node]:
    """Who has signed with whom, from the top of what the viewer may see."""
    rows = letters_visible_to(viewer).filter(batch__mechanism=mechanism, batch__year=year, state__in=LIVE)
    by_issuer: dict[int, list[Letter]] = defaultdict(list)
    for letter in rows.select_related("batch__issuer", "party", "party__territory"):
        by_issuer[letter.batch.issuer_id].append(letter)
    parties = {x.party_id for found in by_issuer.values() for x in found if x.party_id}

    def below(issuer: int, seen: frozenset[int]) -> Iterator[Node]:
        for letter in by_issuer.get(issuer, ()):
            down = (
                tuple(below(letter.party_id, seen | {issuer}))
                if letter.party_id and letter.party_id not in seen
                else ()
            )
            goes_on = letter.party is not None and letter.party.kind in GOES_ON
            yield Node(letter, down, goes_on and not down)

    tops = [i for i in by_issuer if i not in parties]
    return [node for top in tops for node in below(top, frozenset())]


def phase(letter: Letter, today: date) -> str:
    """Where a letter stands in its year: its state until it is signed, then running, mid-year check, self-review, ended."""
    if letter.state != Letter.State.SIGNED:
        return letter.state
    if today > letter.batch.ends:
        return "ended"
    return (
        "review"
        if (today.year, today.month) == (letter.batch.ends.year, 12)
        else "midyear"
        if today.month in (6, 7)
        else "running"
    )


def letter_source(mechanism: str) -> Source:
    """Whether a unit's own letter is signed; of those that it issues one level down how many are."""
    own, down, issued = (f"{mechanism}.{x}" for x in ("letter_signed", "letters_down", "letters_issued"))
    listed = (
        Metric(own, N_("own letter signed"), True), Metric(down, N_("letters one level down signed"), True),
        Metric(issued, N_("signed letters with the level below"), False),
    )  # fmt: skip

    def live(span: Span) -> QuerySet[Letter]:
        rows = Letter.objects.filter(batch__mechanism=mechanism, batch__year=span.begin.year, batch__at__lt=span.stop)
        return rows.exclude(state=Letter.State.WITHDRAWN)

    def signed(letter: Letter, span: Span) -> bool:
        return letter.signed_at is not None and letter.signed_at < span.stop

    def measure(span: Span, units: Collection[int] | None) -> Facts:
        rows = list(live(span).select_related("batch"))
        pairs = [(x.batch.issuer_id, signed(x, span)) for x in rows]
        done = {u: Fact(f.num) for u, f in tally(pairs).items()}
        return {own: tally((x.party_id, signed(x, span)) for x in rows if x.party_id), down: tally(pairs), issued: done}

    def rows(viewer: Viewer, metric: str, unit: int, span: Span) -> list[Row]:
        mine = live(span).filter(pk__in=letters_visible_to(viewer)).select_related("batch")
        found = mine.filter(party=unit) if metric == own else mine.filter(batch__issuer=unit)
        told = [
            Row("letter", str(x.pk), f"{x.batch.title} · {x.party_name}", signed(x, span), x.signed_at) for x in found
        ]
        return [r for r in told if r.good] if metric == issued else told

    def touched(since: Since) -> Collection[int] | None:
        return None if since.streams.get("letter") or since.streams.get("letters") else ()

    return Source(f"{mechanism}.letters", listed, measure, rows, touched)
