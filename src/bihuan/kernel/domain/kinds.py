"""The schema of a kind of matter: which steps, clock, evidence, verifier, revisit and escalation it has.

Kinds are data in catalogue/kinds; a matter keeps the edition it was raised under.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from .clocks import UNITS, Limit

CLOCK_STARTS = ("raised", "assigned", "accepted")
PARTIES = ("raiser", "assigner", "verifier")
"""What a rule may name beside `function:<name>`, a unit that carries that function."""
STEPS = ("reminder", "supervision", "interview", "circular")
AUTOMATIC = ("reminder", "supervision")
GRADES = ("general", "serious", "major")


class BadCatalogue(ValueError):
    """A catalogue entry is wrong; the message names the file and the key."""


@dataclass(frozen=True, slots=True)
class Step:
    """One rung of the ladder: `after` working days past due."""

    name: str
    after: int


@dataclass(frozen=True, slots=True)
class Kind:
    """One edition of one kind."""

    id: str
    edition: str
    name: str
    name_en: str
    family: str
    mechanism: str
    sector: str
    subject: str
    source: str
    confirmed: bool
    grade: str
    confidential: bool
    assigner: str
    verifier: str
    revisitor: str
    limit: Limit
    clock_start: str
    warn: int
    assign_within: int
    accept_within: int
    auto_accept: bool
    return_within: int
    verify_within: int
    max_extension: int
    restart_on_transfer: bool
    lead_hands_over: bool
    """Whether the lead unit too may transfer it: organs hand hazards over to each other by law (ADR 0008)."""
    pause_reasons: tuple[str, ...]
    pause_needs_consent: bool
    photos: int
    files: int
    revisit_after: int
    revisit_then: tuple[int, ...]
    """Further revisits, in days since closing, each later than the one before."""
    revisit_questions: tuple[str, ...]
    ladder: tuple[Step, ...]

    @property
    def revisits(self) -> bool:
        """Whether a closed matter of this kind is revisited."""
        return self.revisit_after > 0


def _party(value: str, where: str) -> str:
    if value not in PARTIES and not value.startswith("function:"):
        raise BadCatalogue(f"{where}: {value!r} names no party")
    return value


def parse(data: dict[str, Any], where: str) -> list[tuple[date, date | None, Kind]]:
    """All editions of one kind file as (valid_from, valid_to, Kind). BadCatalogue names what is wrong."""
    out = []
    for edition in data.get("edition", []):
        at = f"{where}, edition {edition.get('valid_from')}"
        try:
            out.append((edition["valid_from"], edition.get("valid_to"), _edition(data, edition, at)))
        except KeyError as error:
            raise BadCatalogue(f"{at}: {error.args[0]} is missing") from None
    if not out:
        raise BadCatalogue(f"{where}: no edition")
    return out


def _edition(data: dict[str, Any], edition: dict[str, Any], at: str) -> Kind:
    clock, pause, proof = edition["clock"], edition["pause"], edition["evidence"]
    revisit, ladder = edition["revisit"], tuple(Step(s["step"], s["after"]) for s in edition["ladder"])
    if clock["unit"] not in UNITS or clock["start"] not in CLOCK_STARTS:
        raise BadCatalogue(f"{at}: clock counts {clock['unit']!r} from {clock['start']!r}")
    days = [revisit["after"], *revisit.get("then", ())]
    if days != sorted(set(days)):
        raise BadCatalogue(f"{at}: revisits follow one another, got {days}")
    if any(s.name not in STEPS for s in ladder) or [s.name for s in ladder] != sorted(
        (s.name for s in ladder), key=STEPS.index
    ):
        raise BadCatalogue(f"{at}: the ladder climbs {', '.join(STEPS)} in this order")
    return Kind(
        id=data["id"],
        edition=edition["valid_from"].isoformat(),
        name=data["name"],
        name_en=data["name_en"],
        family=data["family"],
        mechanism=data["mechanism"],
        sector=data["sector"],
        subject=data["subject"],
        grade=data.get("grade", ""),
        confidential=data.get("confidential", False),
        source=edition["source"],
        confirmed=edition["confirmed"],
        assigner=_party(edition["assigner"], at),
        verifier=_party(edition["verifier"], at),
        revisitor=_party(revisit["by"], at),
        limit=Limit(clock["unit"], clock["n"]),
        clock_start=clock["start"],
        warn=clock["warn"],
        assign_within=edition["assign_within"],
        accept_within=edition["accept_within"],
        auto_accept=edition.get("auto_accept", False),
        return_within=edition["return_within"],
        verify_within=edition["verify_within"],
        max_extension=clock["max_extension"],
        restart_on_transfer=clock.get("restart_on_transfer", False),
        lead_hands_over=edition.get("lead_hands_over", False),
        pause_reasons=tuple(pause["reasons"]),
        pause_needs_consent=pause.get("consent", True),
        photos=proof.get("photos", 0),
        files=proof.get("files", 0),
        revisit_after=revisit["after"],
        revisit_then=tuple(revisit.get("then", ())),
        revisit_questions=tuple(revisit["questions"]),
        ladder=ladder,
    )
