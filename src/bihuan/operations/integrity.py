"""The nightly proof: chains, rows, files, the database itself, the signing key, and whether this is the newest copy.

Each check is made apart, keeps what it found, and leaves an event; the administrators see it on their desk the next morning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N

from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.state import Event
from bihuan.kernel.evidence import verifying as evidence
from bihuan.kernel.ledger import clockguard, proving, watch
from bihuan.kernel.ledger.services import note
from bihuan.kernel.ledger.verifying import Broken, verify
from bihuan.kernel.registry.models import DutyRun

from .models import Check

KEPT = 200
"""Faults whose sentences are kept; more are counted."""


@dataclass
class Outcome:
    """What a check looked at, and what it found."""

    looked_at: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    found: int = 0

    def add(self, sentence: str) -> None:
        """One more fault."""
        self.found += 1
        if len(self.faults) < KEPT:
            self.faults.append(sentence)


def check_chains(now: datetime) -> Outcome:
    """Every chain, every leaf, every signed head."""
    out = Outcome()
    for found in verify():
        if isinstance(found, Broken):
            out.add(f"{found.stream}#{found.seq}: {_(found.message) % found.params}")
        else:
            out.looked_at["events"] = found
    out.looked_at["entered_backwards"] = clockguard.running_backwards().count()
    return out


def check_rows(now: datetime) -> Outcome:
    """Every row that a stream decides, against its events, both ways."""
    out = Outcome()
    tallies: dict[str, proving.Tally] = {}
    for d in proving.differences(None, tallies):
        # what a row says may be confidential: the place is named here, the values by `bihuan rebuild --check`
        out.add(f"{d.place()}: {_('differs from its events') if d.column else _(d.message) % d.params}")
    out.looked_at = {
        "streams": sum(t.streams for t in tallies.values()), "events": sum(t.events for t in tallies.values()),
        "rows": sum(t.rows for t in tallies.values()),
        "kinds": {k: {"streams": t.streams, "events": t.events, "rows": t.rows} for k, t in tallies.items()},
    }  # fmt: skip
    return out


def check_evidence(now: datetime, share: int | None = None) -> Outcome:
    """The files whose turn it is: a seventh each day."""
    out, seen = Outcome(), evidence.Seen()
    wanted = evidence.share_of(local_day(now)) if share is None else share
    for flaw in evidence.flaws(at=now, share=wanted, seen=seen):
        out.add(flaw_sentence(flaw))
    out.looked_at = {"files": seen.files, "bytes": seen.size}
    return out


def flaw_sentence(flaw: evidence.Flaw) -> str:
    """A file's fault in words, with what names it."""
    named = ", ".join(flaw.named_by)
    return f"{flaw.sha256[:16]}… {_(flaw.message)}" + (f" ({named})" if named else "")


def check_database(now: datetime) -> Outcome:
    """Whether the database's own pages are whole. SQLite is asked; PostgreSQL checks its pages itself as it reads them."""
    out = Outcome()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA quick_check(50)")
            for (said,) in cursor.fetchall():
                if said != "ok":
                    out.add(str(said))
            cursor.execute("PRAGMA page_count")
            out.looked_at["pages"] = cursor.fetchone()[0]
    else:
        with connection.cursor() as cursor:
            cursor.execute("SELECT setting FROM pg_settings WHERE name = 'data_checksums'")
            row = cursor.fetchone()
            out.looked_at["checksums"] = row[0] if row else "unknown"
    return out


KEYS = {
    "lost": N("the key that signed the newest checkpoint is not here; restore it, or say “bihuan checkpoint new-key”"),
    "other": N(
        "the key here is not the one that signed the newest checkpoint; restore it, or say “bihuan checkpoint new-key”"
    ),
}
COPIES = {
    "older": N("this database ends before the newest checkpoint that was kept: an older copy was restored"),
    "other": N("this database does not continue the newest checkpoint that was kept"),
}


def check_key(now: datetime) -> Outcome:
    """Whether the key that signs is the one that signed before."""
    return _told(watch.key_state(), KEYS)


def check_copy(now: datetime) -> Outcome:
    """Whether this database is the one that was here before: not an older copy, nor another."""
    return _told(watch.ledger_state(), COPIES)


def _told(state: str, words: Mapping[str, Any]) -> Outcome:
    out = Outcome({"state": state})
    if state in words:
        out.add(str(words[state]))
    return out


@dataclass(frozen=True)
class Kind:
    """A check: what it is called, and how it is made."""

    name: str
    title: Any
    make: Callable[[datetime], Outcome]


CHECKS = (
    Kind("chains", N("hashes, leaves and signatures of the record"), check_chains),
    Kind("rows", N("rows against the events that decide them"), check_rows),
    Kind("evidence", N("files against their hashes, a seventh each day"), check_evidence),
    Kind("database", N("pages of the database"), check_database),
    Kind("key", N("the key that signs the record"), check_key),
    Kind("copy", N("whether this is the newest copy of the record"), check_copy),
)


def prove(now: datetime, only: str | None = None) -> int:
    """Make every check apart and keep what it found; how many faults in all. A check that cannot be made is a fault of its own."""
    faults = 0
    for kind in CHECKS:
        if only is not None and kind.name != only:
            continue
        try:
            out = kind.make(now)
        except Exception as error:  # noqa: BLE001  what cannot be checked is told like what does not hold
            out = Outcome()
            out.add(_("could not be checked: %(why)s") % {"why": f"{type(error).__name__}: {error}"})
        faults += out.found
        _keep(kind, out, now)
    return faults


def _keep(kind: Kind, out: Outcome, now: datetime) -> None:
    before = Check.objects.filter(pk=kind.name).first()
    held = now if not out.found else before.held_at if before else None
    Check.objects.update_or_create(
        name=kind.name,
        defaults={"at": now, "held_at": held, "looked_at": out.looked_at, "found": out.found, "faults": out.faults},
    )
    data = {"check": kind.name, "found": out.found}
    note(stream=f"proof:{kind.name}", event=Event("Proven", now, "clock", "", data), at=now)


def latest() -> Iterator[tuple[Kind, Check | None]]:
    """Every check with how it went last; None where it was never made."""
    rows = {c.name: c for c in Check.objects.all()}
    for kind in CHECKS:
        yield kind, rows.get(kind.name)


DUTY = "proof"


def ask(now: datetime) -> None:
    """Let the worker make the whole proof at its next look."""
    DutyRun.objects.filter(pk=DUTY, begun_at=None).update(done_at=None, next_at=None)


def asked() -> bool:
    """Whether the worker was asked and has not ended it yet."""
    return DutyRun.objects.filter(pk=DUTY, done_at=None).exists()
