"""Whether the key that signs and the database are still the ones there were, and the deeds that take over others.

Both deeds are events of the stream `ledger:key` and are signed in the checkpoint that they end with.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Literal

from django.db import transaction

from bihuan.kernel.domain.notes import fingerprint
from bihuan.kernel.domain.refusal import N_, Refused, need
from bihuan.kernel.domain.state import Event as Happened

from . import keys, witness
from .checkpoints import latest, lock, make
from .models import Checkpoint
from .services import note

STREAM = "ledger:key"
CHANGED, ACCEPTED = "LedgerKeyChanged", "LedgerAccepted"

KeyState = Literal["none", "held", "lost", "other"]


def key_state() -> KeyState:
    """`none`: nothing has been signed yet. `held`: the key here signed the newest checkpoint. `lost`: there is no key here that
    could sign. `other`: the key here is another one."""
    head = latest()
    if head is None:
        return "none"
    try:
        signer = keys.signer()
    except Refused:
        return "lost"
    if signer is None:
        return "lost"
    return "held" if signer.public.hex() == head.key else "other"


def ledger_state() -> witness.State:
    """Whether this database is the one whose newest checkpoint is kept in the data folder: see `witness.compare`."""
    return witness.compare(latest())


@transaction.atomic
def new_key(*, by: str, reason: str, at: datetime) -> Checkpoint:
    """Sign with another key from now on, and make a checkpoint with it.

    A key that was put in place already is taken over; else one is made, and what its file held stands beside it. Refused when
    nothing has been signed yet, and when another program signs and its public key is not in place.
    """
    by, reason = need(by, "by"), need(reason, "reason")
    lock()
    head = latest()
    if head is None:
        raise Refused(N_("Nothing has been signed yet: the key is made with the first checkpoint."))
    signer = keys.signer() if key_state() == "other" else keys.renewed(at)
    assert signer is not None
    if signer.public.hex() == head.key:
        raise Refused(N_("The key in %(file)s is the one that signed the newest checkpoint."), file=keys.place())
    data = {"old": fingerprint(bytes.fromhex(head.key)), "new": fingerprint(signer.public), "reason": reason}
    note(stream=STREAM, event=Happened(CHANGED, at, by, "", data), at=at)
    made = make(at=at, changing=True)
    assert made is not None
    return made


@transaction.atomic
def accept(*, by: str, reason: str, at: datetime) -> Checkpoint:
    """Go on with this database although it contradicts the kept note, and keep its own from now on.

    Refused when nothing contradicts, and when no checkpoint can be made.
    """
    by, reason = need(by, "by"), need(reason, "reason")
    lock()
    if ledger_state() not in ("older", "other"):
        raise Refused(N_("This ledger continues the kept checkpoint: there is nothing to accept."))
    try:
        found = witness.kept()
    except Refused:  # the file holds no note
        found = None
    head = latest()
    data = {
        "kept_size": found.size if found else 0, "kept_root": found.root if found else "",
        "size": head.size if head else 0, "root": head.root if head else "", "reason": reason,
    }  # fmt: skip
    note(stream=STREAM, event=Happened(ACCEPTED, at, by, "", data), at=at)
    made = make(at=at)
    assert made is not None
    transaction.on_commit(partial(witness.replace, made, at))
    return made
