"""Waits in a process log: cases, how long each step and each group took, what ended after its plan. Pure.

Reads CSV as event logs are kept (`case:concept:name`, `concept:name`, `time:timestamp`, `org:group`, `case:enddate_planned`), also
gzipped. Times in days, with the fraction; the wait of an event is the time since the case's event before it.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from bihuan.kernel.domain.refusal import N_, Refused

CASE, STEP, TIME, GROUP, PLANNED = (
    "case:concept:name",
    "concept:name",
    "time:timestamp",
    "org:group",
    "case:enddate_planned",
)
DAY = 86_400


@dataclass(frozen=True)
class Wait:
    """How often, the median, four of five, the mean; in days."""

    n: int
    median: float
    most: float
    mean: float


@dataclass(frozen=True)
class Log:
    """What a log says. `late`: cases that ended after their planned end; `planned`: cases that had one."""

    cases: int
    events: int
    steps: Mapping[str, Wait]
    groups: Mapping[str, Wait]
    planned: int
    late: int
    lateness: Wait | None
    length: Wait


def read(path: Path) -> Log:
    """The log of a file. Refused, naming the place, when it is none."""
    data = path.read_bytes()
    try:
        text = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError, EOFError):
        raise Refused(N_("%(name)s is no text."), field="file", name=path.name) from None
    reader = csv.DictReader(io.StringIO(text))
    for need in (CASE, STEP, TIME):
        if need not in (reader.fieldnames or ()):
            raise Refused(N_("The column %(name)s is missing."), field="file", name=need)
    cases: dict[str, list[tuple[datetime, str, str]]] = {}
    planned: dict[str, datetime] = {}
    events = 0
    for n, row in enumerate(reader, 2):
        try:
            cases.setdefault(row[CASE], []).append((datetime.fromisoformat(row[TIME]), row[STEP], row.get(GROUP) or ""))
            if row.get(PLANNED):
                planned[row[CASE]] = datetime.fromisoformat(row[PLANNED])
        except (ValueError, TypeError):
            raise Refused(N_("Row %(n)s: %(text)s is no time."), field="file", n=n, text=str(row.get(TIME))) from None
        events += 1
    if not events:
        raise Refused(N_("%(name)s has no events."), field="file", name=path.name)
    steps: dict[str, list[float]] = {}
    groups: dict[str, list[float]] = {}
    over: list[float] = []
    lengths: list[float] = []
    for case, found in cases.items():
        found.sort(key=lambda e: e[0])  # stable: events of one moment stay in the order of the file
        for (before, _, _), (moment, step, group) in pairwise(found):
            took = (moment - before).total_seconds() / DAY
            steps.setdefault(step, []).append(took)
            groups.setdefault(group, []).append(took)
        lengths.append((found[-1][0] - found[0][0]).total_seconds() / DAY)
        if case in planned and found[-1][0] > planned[case]:
            over.append((found[-1][0] - planned[case]).total_seconds() / DAY)
    return Log(
        len(cases), events, {k: _wait(v) for k, v in sorted(steps.items())}, {k: _wait(v) for k, v in sorted(groups.items())},
        len(planned), len(over), _wait(over) if over else None, _wait(lengths),
    )  # fmt: skip


def _wait(days: list[float]) -> Wait:
    ordered = sorted(days)
    n = len(ordered)
    return Wait(
        n, round(ordered[(n - 1) // 2], 3), round(ordered[max(-(-n * 80 // 100) - 1, 0)], 3), round(sum(ordered) / n, 3)
    )
