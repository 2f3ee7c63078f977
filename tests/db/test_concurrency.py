"""Several at once: one wins, the others are told; nothing forks, nothing is doubled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone

from bihuan.kernel.domain import commands as c
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.ledger.verifying import Broken, verify
from bihuan.kernel.matters.clockwork import tick
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.services import act
from bihuan.kernel.matters.writing import Conflict

from ..support import District, differences

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("open_ledger")]


def together(n: int, work: Callable[[int], str]) -> Counter[str]:
    """Run `work(i)` in n threads that start at one moment; how often each answer came."""
    answers: list[str] = []
    barrier = Barrier(n)

    def run(i: int) -> None:
        barrier.wait()
        try:
            answers.append(work(i))
        finally:
            connection.close()

    threads = [Thread(target=run, args=(i,)) for i in range(n)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(60)
    assert len(answers) == n, "a worker died"
    return Counter(answers)


def sound() -> None:
    assert not [b for b in verify() if isinstance(b, Broken)]
    assert differences("matter") == []


def test_eight_state_changes_at_once_one_wins_and_seven_are_told() -> None:
    d = District()
    m = d.submitted()

    def verify_it(i: int) -> str:
        actor = c.Actor(f"jfj{i}x", frozenset({"jfj"}))
        try:
            act(number=m.number, command=c.Verify(actor, timezone.now(), "属实"), version=m.version)
        except Conflict:
            return "told"
        return "won"

    assert together(8, verify_it) == {"won": 1, "told": 7}
    assert Event.objects.filter(stream=f"matter:{m.number}", type="Verified").count() == 1
    sound()


def test_eight_writers_raise_matters_without_a_gap_or_a_double() -> None:
    d = District()
    numbers: list[int] = []

    def raise_some(i: int) -> str:
        for j in range(6):
            numbers.append(d.raised(title=f"{i}-{j}").number)
        return "done"

    together(8, raise_some)
    assert len(set(numbers)) == 48 == Matter.objects.count()
    sound()


def test_four_workers_remind_once() -> None:
    d = District()
    m = d.handling(at=d.now.replace(year=d.now.year - 1))
    together(4, lambda i: str(tick(at=timezone.now()) >= 0))
    tick(at=timezone.now())
    steps = list(Event.objects.filter(stream=f"matter:{m.number}", type="Escalated").values_list("body", flat=True))
    assert len(steps) == 2
    sound()


def test_one_form_sent_by_eight_impatient_clicks() -> None:
    d = District()
    m = d.handling()

    def click(i: int) -> str:
        command = c.Report(d_actor, timezone.now(), "进展")
        try:
            act(number=m.number, command=command, version=m.version, token="7c6c1c9e-0000-4000-8000-00000000000a")
        except Conflict:
            return "told"
        return "fine"

    d_actor = d.actor("cgj1")
    assert together(8, click) == {"fine": 8}
    assert Event.objects.filter(stream=f"matter:{m.number}", type="Progressed").count() == 1
