"""Reading the fire mechanism: catalogues in force, expectations and records of premises."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime

from django.conf import settings
from django.db.models import Max, QuerySet

from bihuan.instruments.lateness.models import counted
from bihuan.instruments.premises.models import RuleTable
from bihuan.instruments.premises.rules import Premises
from bihuan.instruments.premises.selectors import premises_of, words
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.matters.selectors import subjects_visible_to
from bihuan.kernel.subjects.models import Subject

from . import checklists, judgement, periods, signals
from .models import Record, RecordFile, Standing

FOLDER = settings.CATALOGUE / "fire"
Last = dict[tuple[str, str, bool], datetime]


def items() -> checklists.Checklists:
    """The checklists."""
    return checklists.shipped(FOLDER / "checklists.toml")


def scheme() -> signals.Scheme:
    """The early signals."""
    return signals.shipped(FOLDER / "signals.toml")


def editions() -> tuple[judgement.Edition, ...]:
    """The editions of the judgement standard, shipped and loaded; a loaded one of the same name stands instead of the shipped."""
    found = {e.id: e for e in judgement.shipped(FOLDER / "judgement.toml")}
    for row in RuleTable.objects.filter(name=RuleTable.Name.JUDGEMENT):
        found.update({e.id: e for e in judgement.editions(row.body["edition"], row.title)})
    return tuple(found.values())


def duty_table() -> tuple[periods.Duty, ...]:
    """Duties by period: the last table that the district loaded, else the shipped one."""
    row = RuleTable.objects.filter(name=RuleTable.Name.PERIODS).last()
    return periods.duties(row.body["duty"], row.title) if row else periods.shipped(FOLDER / "periods.toml")


def label_ids(labels: Collection[str]) -> set[str]:
    """Ids of labels by the names under which subjects carry them."""
    by_name = words().label_ids
    return {by_name[x] for x in labels if x in by_name}


def last_of(subjects: Collection[int]) -> dict[int, Last]:
    """By premises the latest record of each sort that counts."""
    found: dict[int, Last] = defaultdict(dict)
    rows = (
        Record.objects.filter(counted(), subject__in=subjects)
        .values_list("subject", "what", "by", "night")
        .annotate(at=Max("at"))
        .order_by()
    )
    for subject, what, by, night, at in rows:
        found[subject][what, by, night] = at
    return found


def expectations(subject: Subject, premises: Premises | None = None) -> list[periods.Expectation]:
    """What is expected of one premises by its labels."""
    premises = premises or premises_of(subject)
    labels = label_ids(subject.labels.values_list("label", flat=True))
    last = last_of([subject.pk]).get(subject.pk, {})
    calendar = calendar_for(subject.territory.path)
    return periods.expected(duty_table(), labels, premises.facts, last, subject.created, premises.hours, calendar)


def records_visible_to(viewer: Viewer) -> QuerySet[Record]:
    """Records of premises that the viewer may see."""
    return Record.objects.filter(subject__in=subjects_visible_to(viewer)).select_related("subject", "unit")


def record_files(viewer: Viewer) -> QuerySet[RecordFile]:
    """Photos of records that the viewer may see."""
    return RecordFile.objects.filter(record__in=records_visible_to(viewer)).select_related("file", "record")


def standings(viewer: Viewer) -> QuerySet[Standing]:
    """Standings of premises that the viewer may see."""
    return Standing.objects.filter(subject__in=subjects_visible_to(viewer))


def missing(subject: Subject, now: datetime) -> list[periods.Expectation]:
    """What is missing at one premises, the longest first."""
    return sorted((e for e in expectations(subject) if e.missing(now)), key=lambda e: e.deadline)


def checklist(subject: Subject, premises: Premises) -> list[checklists.Item]:
    """The checklist of a premises: the items of its labels only."""
    return items().of(label_ids(subject.labels.values_list("label", flat=True)), premises.facts)


def edition_on(day: date) -> judgement.Edition:
    """The edition of the judgement standard in force on a day."""
    return judgement.edition_on(editions(), day)
