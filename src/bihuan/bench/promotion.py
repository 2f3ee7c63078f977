"""`bihuan bench promotion`: preparing a meeting and writing the monthly report for 60 projects, importing 5,000 rows of figures.

Peers in the same run: the agenda against reading the same rows bare, the report against docxtpl filling the same template
with the same values bare, the import against reading the sheet with calamine and inserting as many bare ledger rows.
"""

from __future__ import annotations

import io
import time
from datetime import date, timedelta
from random import Random
from typing import Any

from bihuan.kernel.domain.clocks import local_day

from .world import World

PROJECTS, ROWS = 60, 5_000


def timed(act: Any) -> tuple[float, Any]:
    """Seconds and the answer."""
    begin = time.perf_counter()
    found = act()
    return time.perf_counter() - begin, found


def measure() -> dict[str, Any]:
    """The figures."""
    from bihuan.kernel.access.viewer import viewer_of
    from bihuan.kernel.orgs.models import Person, Post

    world = World()
    person = Person.objects.create(username="office", name="office")
    place = world.places[0].parent
    Post.objects.create(
        unit=world.units[0],
        title="x",
        role="officer",
        person=person,
        scope_territory=place,
        valid_from=date(2020, 1, 1),
    )
    office = viewer_of(person, date.today())  # noqa: DTZ011  the machine's day
    subjects = _projects(world, PROJECTS, "示例项目")
    _matters(world, subjects)
    return {**_meeting(world, office), **_report(world, office), **_import(world, office)}


def _projects(world: World, n: int, name: str) -> list[Any]:
    """Key projects with a year's plan, nodes and months."""
    from bihuan.kernel.files.filing import Entry, file_entries, subject_add

    r, today = Random(1), local_day(world.now)  # noqa: S311  a fixed seed, no secret
    subjects, entries = [], []
    for i in range(n):
        subject = subject_add(
            person="bench", unit="u0", at=world.now, entered_at=world.now, type="project", name=f"{name}{i:04d}",
            territory=world.places[i % 10], owner=world.units[i % 60], labels=["重点项目"],
        )  # fmt: skip
        subjects.append(subject)
        entries += [
            Entry(subject, "identity", "main", {"since": f"{today.year}-01", "total": 10**11}),
            Entry(subject, "year", str(today.year), {"plan": 12 * 10**9}),
        ]  # fmt: skip
        for k, node in enumerate(
            ("sign", "perform", "land", "approve", "plan", "permit", "start", "ground", "top", "complete")
        ):
            day = today + timedelta(days=60 * k - 300 + r.randrange(-20, 20))
            entries.append(Entry(subject, "node", node, {"planned": day.isoformat()}))
        for month in range(1, today.month):
            told = {
                "actual": r.randrange(5, 12) * 10**8,
                "progress": "主体结构施工,完成过半",
                "reported": today.isoformat(),
            }
            entries.append(Entry(subject, "month", f"{today.year}-{month:02}", told))
    file_entries(entries=entries, person="bench", unit="u0", at=world.now)
    return subjects


def _matters(world: World, subjects: list[Any]) -> None:
    """Ten open matters a project, a third of them late."""
    from bihuan.kernel.domain import commands as c
    from bihuan.kernel.domain.clocks import Limit
    from bihuan.kernel.matters.services import act, assignment, load, raise_matter

    actor = c.Actor("office", frozenset({"u0"}))
    for i, subject in enumerate(subjects):
        for k in range(10):
            at = world.now - timedelta(days=40)
            matter = raise_matter(
                actor=actor,
                at=at,
                kind_id="obstacle",
                title=f"问题{i}-{k}",
                description="",
                subject=subject,
                raiser=world.units[0],
            )
            state, kind, _ = load(matter.number)
            parties = assignment(kind, state, f"u{2 + k}")
            limit = Limit("date", until=local_day(world.now) + timedelta(days=20 if k % 3 else -5))
            act(
                number=matter.number,
                command=c.Assign(actor, at, f"u{2 + k}", (), limit=limit, reason="bench", **parties),
            )


def _meeting(world: World, office: Any) -> dict[str, Any]:
    """From nothing to a called meeting: agenda built, units invited."""
    from bihuan.instruments.meetings import services
    from bihuan.instruments.meetings.models import Meeting
    from bihuan.instruments.projects.selectors import key_projects
    from bihuan.kernel.matters.models import Matter
    from bihuan.mechanisms.promotion.agenda import propose

    def prepare() -> Meeting:
        made = services.prepare(
            viewer=office, at=world.now, host=world.units[0], kind="promotion", title="{year}年第{n}次项目推进会", chair="x",
            starts_at=world.now, place="x",
        )  # fmt: skip
        services.agenda_set(viewer=office, meeting=made, at=world.now, points=propose(office, made, world.now)[:150])
        services.invite(viewer=office, meeting=made, at=world.now, units=world.units[1:40])
        services.call(viewer=office, meeting=made, at=world.now)
        return made

    bare, _ = timed(
        lambda: (list(key_projects(office)), list(Matter.objects.filter(open=True).order_by("due_at")[:1000]))
    )
    seconds, made = timed(prepare)
    return {
        "meeting_seconds": round(seconds, 3), "meeting_of_bare_reading": round(seconds / bare, 1), "projects": PROJECTS,
        "points": made.items.count(),
    }  # fmt: skip


def _report(world: World, office: Any) -> dict[str, Any]:
    """The monthly report as a Word file, its layout checked."""
    from docxtpl import DocxTemplate

    from bihuan.adapters import word
    from bihuan.instruments.documents.catalogue import own_template
    from bihuan.mechanisms.promotion.papers import report

    template = own_template("monthly")

    def make() -> tuple[bytes, Any]:
        _title, context = report(office, "monthly", world.now)
        context["paper"] = {"unit": "x", "number": "x", "day": "x"}
        return word.render(template, context), context

    seconds, (data, context) = timed(make)
    checking, faults = timed(lambda: word.check(data))

    def bare() -> None:
        document = DocxTemplate(io.BytesIO(template))
        document.render(context)
        document.save(io.BytesIO())

    peer, _ = timed(bare)
    return {
        "report_seconds": round(seconds, 3), "report_of_bare_docxtpl": round(seconds / peer, 2), "check_seconds": round(checking, 3),
        "layout_faults": [f"{f.place} {f.rule}: {f.found}" for f in faults],
    }  # fmt: skip


def _import(world: World, office: Any) -> dict[str, Any]:
    """5,000 rows: 500 projects, ten months each; read, previewed, written."""
    import python_calamine
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.db import connection, transaction

    from bihuan.adapters.excel import Column, xlsx
    from bihuan.kernel.ledger import proving
    from bihuan.kernel.subjects.models import SubjectFile
    from bihuan.mechanisms.promotion import figures

    today = local_day(world.now)
    last = today.year - 1
    subjects = [s.name for s in _named(world, ROWS // 10)]
    rows = [
        [str(i), subjects[i % len(subjects)], f"{last}-{i // len(subjects) + 1:02}", "12.5", "主体施工", ""]
        for i in range(ROWS)
    ]
    heads = ["序号", "项目名称", "月份", "本月完成投资(万元)", "形象进度", "存在问题"]
    data = xlsx("重点项目月报", [Column(h, width=12) for h in heads], rows)

    def whole() -> dict[str, int]:
        made = figures.take(
            viewer=office,
            unit=world.units[0],
            upload=SimpleUploadedFile("月报.xlsx", data),
            month=f"{last}-01",
            at=world.now,
        )
        figures.preview(made, office)
        return dict(figures.confirm(imported=made, viewer=office, at=world.now).counts)

    seconds, counts = timed(whole)
    body = "x" * 400

    def bare() -> None:
        python_calamine.load_workbook(io.BytesIO(data)).get_sheet_by_index(0).to_python()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("CREATE TABLE bare (id integer primary key, stream text, seq integer, body text, hash text)")
            rows = [(f"subject:{i}", 1, body, "0" * 64) for i in range(ROWS)]
            cursor.executemany("INSERT INTO bare (stream, seq, body, hash) VALUES (%s, %s, %s, %s)", rows)

    peer, _ = timed(bare)
    return {
        "import_seconds": round(seconds, 3), "import_rows": sum(counts.values()), "import_of_bare_read_and_insert": round(seconds / peer, 1),
        "differences_after": len(list(proving.differences("subject"))), "files": SubjectFile.objects.count(),
    }  # fmt: skip


def _named(world: World, n: int) -> list[Any]:
    from bihuan.kernel.files.filing import subject_add

    return [
        subject_add(
            person="bench", unit="u0", at=world.now, entered_at=world.now, type="project", name=f"月报项目{i:04d}", territory=world.places[i % 10],
            labels=["重点项目"],
        )
        for i in range(n)
    ]  # fmt: skip
