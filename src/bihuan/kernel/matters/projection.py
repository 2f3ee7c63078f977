"""From a state to its rows: the one place that says what the tables hold. `rebuild` uses it too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bihuan.kernel.domain.kinds import Kind
from bihuan.kernel.domain.state import Event, State

from .models import Involvement


def stream_of(number: int) -> str:
    """The name of a matter's stream."""
    return f"matter:{number}"


def columns(
    s: State, kind: Kind, units: Mapping[str, int], places: Mapping[str, int], subjects: Mapping[str, int]
) -> dict[str, Any]:
    """The columns of the matter's row, but for number and version."""
    return {
        "kind": s.kind,
        "edition": s.edition,
        "mechanism": kind.mechanism,
        "sector": kind.sector,
        "confidential": kind.confidential,
        "state": s.state,
        "open": s.open,
        "round": s.round,
        "title": s.title,
        "description": s.description,
        "subject_id": subjects[s.subject],
        "territory_id": places[s.territory],
        "raiser_id": units[s.raiser],
        "assigner_id": units[s.assigner],
        "lead_id": units[s.lead] if s.lead else None,
        "verifier_id": units[s.verifier] if s.verifier else None,
        "owed_by_id": units[s.owed_by] if s.owed_by else None,
        "officer": s.officer,
        "paused": s.paused,
        "due_at": s.due,
        "warn_at": s.warn,
        "next_at": s.next_at,
        "provisional": s.provisional,
        "late": s.late,
        "percent": s.percent,
        "raised_at": s.raised_at,
        "closed_at": s.closed_at,
        "revisit_due": s.revisit_due,
        "merged_into": int(s.merged_into) if s.merged_into else None,
    }


def parts(s: State, units: Mapping[str, int]) -> set[tuple[int, str]]:
    """The involvements: (unit id, role)."""
    role = Involvement.Role
    named = [
        (s.raiser, role.RAISER), (s.assigner, role.ASSIGNER), (s.lead, role.LEAD), (s.verifier, role.VERIFIER),
        (s.revisitor, role.REVISITOR), *((u, role.SUPPORTING) for u in s.supporting),
    ]  # fmt: skip
    return {(units[code], str(r.value)) for code, r in named if code}


def codes(s: State) -> set[str]:
    """The codes of every unit that a state names."""
    return {c for c in (s.raiser, s.assigner, s.lead, s.verifier, s.revisitor, *s.supporting) if c}


ATTACHING = ("Attached", "Absorbed")
"""Events that bring files."""


def attachments(e: Event, round_: int) -> Iterator[dict[str, Any]]:
    """The attachment rows of an event; `unit` is a code."""
    if e.type in ATTACHING:
        for f in e.data["files"]:
            yield {
                "file_id": f["sha256"], "name": f["name"], "unit": f.get("unit", e.unit), "person": e.by, "round": round_,
                "attached_at": e.at,
            }  # fmt: skip
