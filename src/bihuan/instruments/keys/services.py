"""Making, using and ending keys. A key can what its owner can today, in the name of one unit, and nothing once the post is gone."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction

from bihuan.kernel.access.viewer import Viewer, viewer_of
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.refusal import N_, Refused, must, need
from bihuan.kernel.domain.state import Event
from bihuan.kernel.ledger.services import note
from bihuan.kernel.orgs.models import Unit

from .models import Key

MOST = 5
SEEN_EVERY = timedelta(minutes=1)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def make(*, viewer: Viewer, unit: Unit, name: str, at: datetime) -> tuple[Key, str]:
    """A new key and its secret, which is shown this once. Refused for a unit that the viewer does not act for, and beyond five."""
    must(unit.code in viewer.acting)
    if Key.objects.filter(owner=viewer.person, ended=None).count() >= MOST:
        raise Refused(N_("You have %(n)s keys; end one first."), n=MOST)
    secret = f"bh_{secrets.token_urlsafe(32)}"
    row = Key.objects.create(
        owner=viewer.person, unit=unit, name=need(name, "name")[:60], prefix=secret[:9], digest=_digest(secret), made=at
    )
    note(
        stream=f"key:{row.pk}", event=Event("KeyMade", at, viewer.person.username, unit.code, {"name": row.name}), at=at
    )
    return row, secret


@transaction.atomic
def end(*, viewer: Viewer, row: Key, at: datetime) -> None:
    """A key ends at once. Refused for others than its owner."""
    must(row.owner_id == viewer.person.pk)
    if Key.objects.filter(pk=row.pk, ended=None).update(ended=at):
        note(stream=f"key:{row.pk}", event=Event("KeyEnded", at, viewer.person.username, row.unit.code, {}), at=at)


def viewer_by(secret: str, at: datetime) -> Viewer | None:
    """The viewer behind a key, narrowed to its unit; None for a key that nobody has, that ended, or whose owner lost account or post."""
    row = Key.objects.select_related("owner", "unit").filter(digest=_digest(secret), ended=None).first()
    if row is None or not row.owner.is_active:
        return None
    who = viewer_of(row.owner, local_day(at))
    if row.unit.code not in who.acting:
        return None
    if row.used is None or at - row.used > SEEN_EVERY:
        Key.objects.filter(pk=row.pk).update(used=at)
    unit = frozenset({row.unit.code})
    return replace(who, units=frozenset({row.unit_id}), codes=unit, acting=unit, scopes=())
