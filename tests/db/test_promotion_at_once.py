"""Several at once on files, decisions and papers: nothing is doubled, no number given twice, nothing lost."""

from __future__ import annotations

from collections import Counter

import pytest
from django.utils import timezone

from bihuan.instruments.documents import services as documents
from bihuan.instruments.documents.catalogue import kinds, sample
from bihuan.instruments.documents.models import Paper
from bihuan.instruments.meetings import services as meetings
from bihuan.instruments.projects import services as projects
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.subjects.models import Subject

from ..support import District, differences
from .test_concurrency import sound, together
from .test_meetings import called, decided

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("open_ledger")]


def test_a_decision_confirmed_by_eight_is_one_matter() -> None:
    d = District()
    decision, who = decided(d, called(d)), d.viewer("jfj1")
    numbers = together(8, lambda i: str(meetings.confirm(viewer=who, decision=decision, at=timezone.now()).number))
    assert list(numbers.values()) == [8]
    assert Matter.objects.count() == 1
    sound()


def drafts(d: District, n: int) -> list[Paper]:
    found = []
    for _ in range(n):
        asked = documents.ask(
            viewer=d.viewer("jfj1"),
            at=timezone.now(),
            unit=d.units["jfj"],
            kind_id="assignment",
            title="x",
            context=sample(kinds()["assignment"]),
        )
        documents.written(paper_id=asked.pk, at=timezone.now())
        found.append(Paper.objects.get(pk=asked.pk))
    return found


def test_papers_issued_at_once_get_each_a_number_of_its_own_and_one_event() -> None:
    d = District()
    who, papers = d.viewer("jfj1"), drafts(d, 4)
    # eight issue four papers, each of them twice
    numbers = together(8, lambda i: documents.issue(viewer=who, paper=papers[i % 4], at=timezone.now()).number)
    year = timezone.localdate().year
    assert numbers == Counter({f"经济发展局交办〔{year}〕{n}号": 2 for n in range(1, 5)})
    assert Event.objects.filter(type="PaperIssued").count() == 4
    sound()


def test_a_file_written_by_eight_keeps_what_each_wrote() -> None:
    d = District()
    who = d.viewer("jfj1")

    def write(i: int) -> str:
        subject = Subject.objects.select_related("file", "unit").get(pk=d.project.pk)
        month = f"2024-{i + 1:02}"
        return str(
            projects.file(viewer=who, subject=subject, at=timezone.now(), entries=[("month", month, {"actual": i + 1})])
        )

    assert together(8, write) == {"1": 8}
    body = Subject.objects.get(pk=d.project.pk).file.body
    assert {k: v["actual"] for k, v in body["month"].items()} == {f"2024-{i + 1:02}": i + 1 for i in range(8)}
    assert [*differences("subject")] == []
    sound()
