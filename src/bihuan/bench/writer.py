"""One writer of `bihuan bench concurrency`: a process of its own, told by its arguments what to write."""

from __future__ import annotations

import sys
import time


def transitions(seconds: float, numbers: list[int]) -> None:
    """Report progress on one matter after another until the time is over; prints how many and how long."""
    from django.utils import timezone

    from bihuan.kernel.domain import commands as c
    from bihuan.kernel.matters.services import act

    actor = c.Actor("officer", frozenset({"u7"}))
    act(number=numbers[0], command=c.Report(actor, timezone.now(), "预备"))
    print("ready", flush=True)  # noqa: T201  the parent waits for it
    sys.stdin.readline()
    done, begin = 1, time.perf_counter()
    while time.perf_counter() - begin < seconds:
        act(number=numbers[done % len(numbers)], command=c.Report(actor, timezone.now(), f"进展{done}"))
        done += 1
    print(done, time.perf_counter() - begin)  # noqa: T201


HAND = 25
"""Matters that a bulk action of a list changes at once, half a page."""


def bulk(seconds: float, numbers: list[int]) -> None:
    """As `transitions`, a handful of matters in each transaction."""
    from django.utils import timezone

    from bihuan.kernel.domain import commands as c
    from bihuan.kernel.matters.many import act_many
    from bihuan.kernel.matters.models import Matter

    actor = c.Actor("officer", frozenset({"u7"}))

    def hand(i: int) -> int:
        some = [numbers[(i * HAND + j) % len(numbers)] for j in range(HAND)]
        command = c.Report(actor, timezone.now(), f"进展{i}")
        return sum(isinstance(o, Matter) for o in act_many(dict.fromkeys(some, command)).values())

    done = hand(0)
    print("ready", flush=True)  # noqa: T201  the parent waits for it
    sys.stdin.readline()
    rounds, begin = 0, time.perf_counter()
    while time.perf_counter() - begin < seconds:
        rounds += 1
        done += hand(rounds)
    print(done, time.perf_counter() - begin)  # noqa: T201


def race(words: list[str], begin: float) -> None:
    """Give the same command as the others to each matter at a version; prints how many were won and how many were told."""
    from django.utils import timezone

    from bihuan.kernel.domain import commands as c
    from bihuan.kernel.ledger.services import StaleStream
    from bihuan.kernel.matters.services import act
    from bihuan.kernel.matters.writing import Conflict

    actor, won, told = c.Actor("officer", frozenset({"u7"})), 0, 0
    time.sleep(max(0, begin - time.time()))
    for word in words:
        number, version = map(int, word.split(":"))
        try:
            act(number=number, command=c.Submit(actor, timezone.now(), "抢先"), version=version)
            won += 1
        except (Conflict, StaleStream):
            told += 1
    print(won, told)  # noqa: T201


if __name__ == "__main__":
    from bihuan.conf.starting import django_ready

    django_ready()
    if sys.argv[1] == "race":
        race(sys.argv[2:-1], float(sys.argv[-1]))
    else:
        {"single": transitions, "bulk": bulk}[sys.argv[1]](float(sys.argv[2]), [int(n) for n in sys.argv[3:]])
