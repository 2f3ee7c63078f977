"""Reading financing: who sees which file, push, step and figure. Every page and export starts here.

The office, and leaders and auditors cleared for confidential matters, see all; a developer what is its own; a bank what was sent to
it, as far as it was its business and while it was: nothing of other banks, by name, number or silence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.state import Event
from bihuan.kernel.ledger.services import note
from bihuan.kernel.orgs.selectors import carriers

from . import delivery, rules
from .catalogue import ConditionSet, condition_set, course, figures, shipped
from .models import Edition, Figure, File, Movement, Proof, Push, Statement, Step

OFFICE = "coordinate.financing"
SECTOR = "housing"


def office(viewer: Viewer) -> str:
    """The office in whose name the viewer acts; empty for everybody else."""
    return min(carriers(OFFICE) & viewer.acting, default="")


def _whole(viewer: Viewer) -> Q | None:
    """The files that the viewer sees whole: None for none, an empty Q for all."""
    if viewer.admin:
        return None
    if carriers(OFFICE) & viewer.codes:
        return Q()
    found = None
    for scope in viewer.scopes:
        if not scope.clearance or scope.sector not in ("", SECTOR):
            continue
        if scope.territories is None:
            return Q()
        part = Q(subject__territory__in=scope.territories)
        found = part if found is None else found | part
    return found


def sees_all(viewer: Viewer) -> bool:
    """Whether the viewer sees every file whole: the figures of the district are theirs to see."""
    return _whole(viewer) == Q()


def whole_files(viewer: Viewer) -> QuerySet[File]:
    """Files that the viewer sees whole, or as their developer; not those that are known only by a push."""
    rows = File.objects.select_related("subject__territory", "subject__file", "developer")
    if viewer.admin:
        return rows.none()
    whole = _whole(viewer)
    own = Q(developer__in=viewer.units)
    return rows if whole == Q() else rows.filter(own | whole if whole is not None else own)


def files_visible_to(viewer: Viewer) -> QuerySet[File]:
    """Files that the viewer may know of."""
    if viewer.admin or sees_all(viewer):
        return whole_files(viewer)
    asked = Push.objects.filter(bank__in=viewer.units).values("file")
    rows = File.objects.select_related("subject__territory", "subject__file", "developer")
    return rows.filter(Q(pk__in=whole_files(viewer).values("pk")) | Q(pk__in=asked))


def role_of(viewer: Viewer, file: File) -> str:
    """As what the viewer sees a file: office (whole), developer or bank; empty for strangers."""
    whole = _whole(viewer)
    if whole is not None and (whole == Q() or File.objects.filter(whole, pk=file.pk).exists()):
        return rules.OFFICE
    if file.developer_id in viewer.units:
        return rules.DEVELOPER
    return rules.BANK if file.pushes.filter(bank__in=viewer.units).exists() else ""


def acts_as(viewer: Viewer, file: File, push: Push | None = None) -> tuple[str, str]:
    """As what the viewer may take steps, and in which unit's name; empty for those who only look."""
    if office(viewer):
        return rules.OFFICE, office(viewer)
    if file.developer.code in viewer.acting:
        return rules.DEVELOPER, file.developer.code
    if push is not None and push.bank.code in viewer.acting:
        return rules.BANK, push.bank.code
    return "", ""


def acts_now(viewer: Viewer, file: File) -> tuple[str, str]:
    """`acts_as`, a bank by its push of this file that is not over."""
    return acts_as(viewer, file, file.pushes.filter(bank__in=viewer.units, ended=None).select_related("bank").first())


def pushes_visible_to(viewer: Viewer) -> QuerySet[Push]:
    """Pushes: a bank's own, a developer's own projects', all for the office."""
    rows = Push.objects.select_related("file__subject__territory", "file__developer", "bank")
    return rows.filter(_own_or_of(viewer, Q(bank__in=viewer.units)))


def proofs_visible_to(viewer: Viewer) -> QuerySet[Proof]:
    """Proofs of what the viewer sees: a bank those of its own steps, and of checks while it is asked."""
    asked = Push.objects.filter(bank__in=viewer.units)
    open_ = asked.filter(ended=None).values("file")
    bank = Q(step__push__in=asked) | Q(step__push=None, step__what="check", step__file__in=open_)
    rows = Proof.objects.select_related("step__file__developer", "step__push", "file")
    return rows.filter(_own_or_of(viewer, bank, "step__file"))


def statements_visible_to(viewer: Viewer) -> QuerySet[Statement]:
    """Statements: for the office and the developer those of the file, for a bank those it brought itself."""
    rows = Statement.objects.select_related("file__developer", "file__subject", "unit")
    return rows.filter(_own_or_of(viewer, Q(unit__in=viewer.units)))


def _own_or_of(viewer: Viewer, own: Q, file: str = "file") -> Q:
    """What is one's own, and what belongs to files that the viewer sees whole; nothing for administrators."""
    if viewer.admin:
        return Q(pk__in=[])
    return Q() if sees_all(viewer) else own | Q(**{f"{file}__in": whole_files(viewer).values("pk")})


@dataclass(frozen=True)
class Book:
    """A file with its steps and how it stands; `told`: the newest figure of each key and part."""

    file: File
    steps: tuple[Step, ...]
    standing: rules.Standing
    told: Mapping[tuple[str, str], Figure]
    series: Mapping[tuple[str, str], tuple[Figure, ...]]
    banks: Mapping[int, str]
    """Name of the bank by number of the push."""

    def number(self, key: str, part: str = "") -> int | None:
        """A figure as a number (fen, count, per cent, 0 or 1); None where it was not told."""
        found = self.told.get((key, part))
        return int(found.value) if found is not None and found.value.lstrip("-").isdigit() else None

    def text(self, key: str, part: str = "") -> str:
        """A figure as it stands."""
        found = self.told.get((key, part))
        return found.value if found else ""

    def parts(self, key: str) -> list[str]:
        """The parts of which a figure was told."""
        return sorted(p for k, p in self.told if k == key and p)

    def amounts(self) -> dict[str, int]:
        """All figures of the whole project that are numbers."""
        found = {k: self.number(k) for k, p in self.told if not p}
        return {k: n for k, n in found.items() if n is not None}

    def buildings(self, today: date) -> list[delivery.Building]:
        """The buildings with their forecasts, the latest first."""
        found = []
        for name in sorted({p for k, p in self.told if p and figures()[k].group == "building"}):
            progress = tuple((f.day, int(f.value)) for f in self.series.get(("percent", name), ()) if f.value)
            promised = self.text("promised", name)
            raw = delivery.Building(
                name, self.number("flats", name) or 0, self.number("sold", name) or 0, date.fromisoformat(promised) if promised else None,
                progress, self.number("workers", name), self.number("delivered", name) or 0,
            )  # fmt: skip
            found.append(delivery.foreseen(raw, today, course().forecast))
        return sorted(found, key=lambda b: (delivery.LIGHTS.index(b.light), -b.late, b.name))

    def flats(self) -> tuple[int, int]:
        """All flats, and those delivered."""

        def total(key: str) -> int:
            return sum(self.number(key, p) or 0 for p in self.parts(key))

        return total("flats"), total("delivered")

    def progress(self) -> list[tuple[date, int]]:
        """(day, per cent) of all buildings together, weighed by their flats."""
        weights = {p: self.number("flats", p) or 1 for p in self.parts("percent")}
        days = sorted({f.day for p in weights for f in self.series[("percent", p)]})
        whole, now, found = sum(weights.values()), dict.fromkeys(weights, 0), []
        for day in days:
            for p in weights:
                now[p] = next(
                    (int(f.value) for f in reversed(self.series[("percent", p)]) if f.day <= day and f.value), 0
                )
            found.append((day, sum(now[p] * w for p, w in weights.items()) // whole))
        return found

    def funds(self, today: date) -> delivery.Funds | None:
        """Money against what is left to do."""
        ends = [b.forecast or b.promised for b in self.buildings(today) if not b.handed_over]
        known = [e for e in ends if e]
        undrawn = self.standing.credit - self.standing.drawn
        return delivery.funds(self.amounts(), undrawn, max(known) if known else None, today)

    def ask_of(self, push: Push) -> rules.Ask:
        """How a push stands."""
        return next(a for a in self.standing.asks if a.n == push.n)

    def at(self, day: date) -> Book:
        """The file as it stood at the end of a day."""
        return _book(self.file, self.steps, {k: [f for f in v if f.day <= day] for k, v in self.series.items()}, day)


def row_of(step: Step) -> rules.Row:
    """A step as the rules read it."""
    n, bank = (step.push.n, step.push.bank.code) if step.push else (0, "")
    return rules.Row(step.what, step.day, n, step.amount, step.data, bank)


def books(files: Iterable[File], until: date | None = None) -> list[Book]:
    """Files with all that belongs to them, by three queries; with `until` as they stood at the end of that day."""
    some = list(files)
    steps: dict[int, list[Step]] = defaultdict(list)
    rows = Step.objects.filter(file__in=some).select_related("push__bank", "unit").order_by("file", "n")
    for step in rows:
        steps[step.file_id].append(step)
    series: dict[int, dict[tuple[str, str], list[Figure]]] = defaultdict(lambda: defaultdict(list))
    for figure in Figure.objects.filter(file__in=some).select_related("unit").order_by("day", "id"):
        series[figure.file_id][figure.key, figure.part].append(figure)
    found = [_book(f, steps[f.pk], series[f.pk]) for f in some]
    return found if until is None else [b.at(until) for b in found]


def _book(
    file: File, steps: Sequence[Step], series: Mapping[tuple[str, str], Sequence[Figure]], until: date | None = None
) -> Book:
    banks = {s.push.n: s.push.bank.name for s in steps if s.push}
    kept = {k: tuple(v) for k, v in series.items() if v}
    newest = {k: v[-1] for k, v in kept.items() if v[-1].value}
    return Book(file, tuple(steps), rules.fold((row_of(s) for s in steps), until), newest, kept, banks)


def book(file: File, until: date | None = None) -> Book:
    """One file."""
    return books([file], until)[0]


def seen_by(viewer: Viewer, found: Book) -> Book:
    """What of a file this viewer sees: a bank its own pushes, the figures meant for it, and nothing after its part was over."""
    role = role_of(viewer, found.file)
    if role == rules.OFFICE:
        return found
    codes = viewer.codes
    words = figures()
    if role == rules.DEVELOPER:
        kept = {k: v for k, v in found.series.items() if "developer" in words[k[0]].seen}
        return _book(found.file, found.steps, kept)
    mine = [s.push for s in found.steps if s.push and s.push.bank_id in viewer.units]
    ends = [p.ended for p in mine]
    until = None if None in ends else max((e for e in ends if e), default=date.min)
    keeps_account = found.text("account_bank") in codes
    lends = any(a.bank in codes and a.credited for a in found.standing.asks)  # it must know where its money goes
    steps = [
        s for s in found.steps
        if (s.push and s.push.bank_id in viewer.units) or (s.push is None and s.what == "check" and s.data["by"] == rules.OFFICE and (until is None or s.day <= until))
    ]  # fmt: skip
    series: dict[tuple[str, str], Sequence[Figure]] = {}
    for (key, part), rows in found.series.items():
        seen = words[key].seen
        own = (
            part in codes
            or (key in ("account", "account_bank") and keeps_account)
            or (key == "account" and lends)
            or (key == "mortgagee" and rows[-1].value in codes)
        )
        if "bank" in seen or ("own" in seen and own):
            series[key, part] = [f for f in rows if until is None or f.day <= until]
    return _book(found.file, steps, series)


def seen_of(viewer: Viewer, pushes: Iterable[Push]) -> dict[int, Book]:
    """The files of pushes as this viewer sees them, by their keys."""
    return {b.file.pk: seen_by(viewer, b) for b in books({p.file for p in pushes})}


def movements_visible_to(viewer: Viewer, file: File) -> QuerySet[Movement]:
    """Lines of the supervised account: a bank sees those of statements that it brought."""
    rows = Movement.objects.filter(file=file)
    role = role_of(viewer, file)
    if role in (rules.OFFICE, rules.DEVELOPER):
        return rows
    return rows.filter(statement__unit__in=viewer.units) if role == rules.BANK else rows.none()


def condition_sets(day: date) -> list[ConditionSet]:
    """The sets in force on a day: the office's own edition where there is one, else the catalogue's."""
    own = [condition_set(e.body) for e in Edition.objects.all()]
    found: dict[str, ConditionSet] = {}
    for s in sorted((*shipped(), *own), key=lambda s: s.valid_from):
        if s.valid_from <= day or s.id not in found:
            found[s.id] = s
    return list(found.values())


def looked(*, viewer: Viewer, what: str, at: datetime, file: File | None = None, **data: Any) -> None:
    """Record that the viewer looked into a confidential file (a bank's looks stand in a stream of their own), or took a list out."""
    unit = min(viewer.codes, default="")
    stream = "looks:lists" if file is None else f"looks:{file.code}:{unit}"
    body = {"what": what, **({"file": file.code} if file else {}), **data}
    note(stream=stream, event=Event("FinancingSeen", at, viewer.person.username, unit, body), at=at)


def with_steps(rows: QuerySet[Push]) -> QuerySet[Push]:
    """Pushes with their steps."""
    return rows.prefetch_related(Prefetch("steps", Step.objects.select_related("unit").order_by("n")))
