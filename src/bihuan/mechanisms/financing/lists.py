"""The published figures and the three lists at any past day, item by item; and proof that they are what the ledger says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain.money import wan
from bihuan.kernel.ledger.models import Event as Recorded
from bihuan.kernel.ledger.selectors import happened
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.selectors import visible_to
from bihuan.kernel.orgs.models import Unit

from . import rules
from .catalogue import course
from .indicators import LISTS, Indicators, indicators, list_of
from .models import File, Push
from .selectors import Book, books, office, pushes_visible_to, whole_files


@dataclass(frozen=True)
class Line:
    """A file on one of the lists: what it lacks, who owes that, until when."""

    book: Book
    list: str
    why: str
    owner: str
    due: date | None
    matters: tuple[Matter, ...] = ()


@dataclass(frozen=True)
class Report:
    """The figures and lists at the end of a day."""

    day: date
    figures: Indicators
    lines: tuple[Line, ...]
    books: tuple[Book, ...]

    def of(self, name: str) -> list[Line]:
        """The lines of one list."""
        return [x for x in self.lines if x.list == name]


def report(viewer: Viewer, day: date, today: date) -> Report:
    """Figures and lists at the end of a day, out of the files that the viewer sees whole."""
    return _report(whole_files(viewer), day, today, viewer)


def whole(day: date, today: date) -> Report:
    """Figures and lists of all files, for whoever has the machine."""
    return _report(File.objects.select_related("subject__territory", "developer"), day, today, None)


def _report(rows: QuerySet[File], day: date, today: date, viewer: Viewer | None) -> Report:
    some = books(rows, day)
    figures = indicators([b.standing for b in some], [b.flats() for b in some])
    names = dict(Unit.objects.values_list("code", "name"))
    open_ = _open_matters(viewer, some) if viewer and day >= today else {}
    lines = []
    for b in some:
        name = list_of(b.standing)
        if name:
            why, owner, due = _lacking(b, name, names)
            lines.append(Line(b, name, why, owner, due, tuple(open_.get(b.file.pk, ()))))
    return Report(day, figures, tuple(lines), tuple(some))


def _open_matters(viewer: Viewer, some: Iterable[Book]) -> Mapping[int, list[Matter]]:
    """Open repairs by file."""
    by_number: dict[int, int] = {}
    for b in some:
        for s in b.steps:
            if s.matter_id:
                by_number[s.matter_id] = b.file.pk
            for n in s.data.get("matters", ()):
                by_number[n] = b.file.pk
    found: dict[int, list[Matter]] = defaultdict(list)
    for m in visible_to(viewer).filter(number__in=by_number, open=True).select_related("lead", "owed_by"):
        found[by_number[m.number]].append(m)
    return found


def _lacking(b: Book, name: str, names: Mapping[str, str]) -> tuple[str, str, date | None]:
    """A word for what is awaited, the name of who owes it, and its last day."""
    s, ask = b.standing, b.standing.open
    calendar = calendar_for()
    developer = b.file.developer.name
    if ask is not None:
        bank = names.get(ask.bank, ask.bank)
        push = next(p.push for p in b.steps if p.push and p.push.n == ask.n)
        if name == "undrawn":
            return ("unsigned" if ask.signed is None else "undrawn"), bank, None
        if ask.accepted:
            return "decision", bank, calendar.add(ask.accepted, push.decision)
        return "preliminary", bank, calendar.add(ask.day, push.preliminary)
    if s.state == "repair":
        return "repair", developer, None
    if s.city is not None:
        return "unpushed", "", None
    word = {"handed": "district", "district": "city"}.get(s.state, "self_check")
    return word, developer if word == "self_check" else "", None


def data_of(found: Report) -> dict[str, Any]:
    """A report as it is printed."""
    f = found.figures
    return {
        "as_of": found.day.isoformat(),
        "indicators": {**asdict(f), "credited_rate": f.credited_rate, "drawn_rate": f.drawn_rate, "delivery_rate": f.delivery_rate},
        "lists": {
            name: [
                {
                    "file": x.book.file.code, "project": x.book.file.subject.name, "developer": x.book.file.developer.name,
                    "need": x.book.number("need"), "state": x.book.standing.state, "why": x.why, "owner": x.owner, "due": x.due.isoformat() if x.due else None,
                }
                for x in found.of(name)
            ]
            for name in LISTS
        },
    }  # fmt: skip


def by_ledger(day: date) -> Indicators:
    """The same figures out of the ledger alone: events that had happened by the end of that day, nothing of our tables."""
    standings, told = stood_by_ledger(day)

    def total(file: str, key: str) -> int:
        return sum(n for (k, _), (_, n) in told[file].items() if k == key)

    sums = [(total(f, "flats"), total(f, "delivered")) for f in standings]
    return indicators(list(standings.values()), sums)


def stood_by_ledger(day: date) -> tuple[dict[str, rules.Standing], dict[str, dict[tuple[str, str], tuple[date, int]]]]:
    """How files stood at the end of a day by their events alone, and what was told of flats: day and number by figure and building."""
    steps: dict[str, list[rules.Row]] = defaultdict(list)
    flats: dict[str, dict[tuple[str, str], tuple[date, int]]] = defaultdict(dict)
    pushes: dict[str, int] = {}
    files: dict[str, str] = {}
    bodies = Recorded.objects.filter(stream__regex=r"^(financing|push):").order_by("id").values_list("stream", "body")
    for stream, body in bodies:
        e = happened(body)
        kind, _, name = stream.partition(":")
        if e.type == "FinancingTold":
            told = date.fromisoformat(e.data["day"])
            for key, part, value in e.data["values"]:
                before = flats[name].get((key, part))
                if key in ("flats", "delivered") and told <= day and (before is None or told >= before[0]):
                    flats[name][key, part] = told, int(value or 0)
            continue
        if not e.type.startswith("Financing."):
            continue
        what = e.type.partition(".")[2]
        if kind == "financing":
            files[e.data["project"]] = name
            steps[name].append(rules.Row(what, date.fromisoformat(e.data["day"]), 0, e.data["amount"], e.data["data"]))
            continue
        file = files[e.data["project"]]
        n = pushes.setdefault(name, len(pushes) + 1)
        steps[file].append(
            rules.Row(
                what, date.fromisoformat(e.data["day"]), n, e.data["amount"], e.data["data"], e.data.get("bank", "")
            )
        )
    return {f: rules.fold(rows, day) for f, rows in steps.items()}, flats


def board(viewer: Viewer, day: date, days: int = 14) -> list[tuple[date, Indicators]]:
    """The figures at the end of each of the last days, out of one reading."""
    some = books(whole_files(viewer))
    found = []
    for at in (day - timedelta(days=i) for i in range(days - 1, -1, -1)):
        stood = [b.at(at) for b in some]
        found.append((at, indicators([b.standing for b in stood], [b.flats() for b in stood])))
    return found


def warnings(viewer: Viewer, today: date) -> list[tuple[Book, Any]]:
    """Buildings that will be late and projects whose money will not last, the worst first, of the files that the viewer sees whole or as
    their developer: (file, building or funds)."""
    found: list[tuple[int, Book, Any]] = []
    for b in books(whole_files(viewer).exclude(state__in=("out", "closed", "delivered"))):
        found += [(0 if x.light == "red" else 1, b, x) for x in b.buildings(today) if x.light != "green"]
        money = b.funds(today)
        if money is not None and money.light != "green":
            found.append((0 if money.light == "red" else 1, b, money))
    found.sort(key=lambda x: (x[0], -getattr(x[2], "late", 0), x[1].file.code))
    return [(b, x) for _, b, x in found]


def owed(viewer: Viewer) -> QuerySet[Push]:
    """Answers that are awaited, by their last day."""
    return pushes_visible_to(viewer).filter(due__isnull=False, ended=None).order_by("due", "code")


def owed_by(viewer: Viewer, today: date, most: int = 4) -> list[Push]:
    """Answers that the viewer's own banks owe next; for the office those that are overdue."""
    rows = owed(viewer)
    return list((rows.filter(due__lt=today) if office(viewer) else rows.filter(bank__code__in=viewer.acting))[:most])


def form_rows(found: Report, form: str, name: str, words: Mapping[str, str]) -> Iterable[list[Any]]:
    """The rows of a list in one of the forms; `words` says states, treatments and what is lacking. Money in 万元."""
    columns = course().forms[form].columns
    for n, x in enumerate(found.of(name), 1):
        s = x.book.standing
        ask = s.open or s.lead
        told = {
            "serial": str(n), "name": x.book.file.subject.name, "place": x.book.file.subject.territory.name, "developer": x.book.file.developer.name,
            "treatment": words.get(s.treatment, ""), "need": wan(x.book.number("need")), "state": words.get(s.state, s.state), "pushed": s.pushed,
            "bank": x.book.banks.get(ask.n, "") if ask else "", "credited": wan(s.credit or None), "drawn": wan(s.drawn or None),
            "why": words.get(x.why, x.why), "owner": x.owner, "due": x.due,
        }  # fmt: skip
        yield [told[c] for c in columns]
