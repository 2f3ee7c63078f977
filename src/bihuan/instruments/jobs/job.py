"""Tasks by what they work on: how they are called, which rows wait for them, what becomes of a row when they fail for good."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, TypeAlias

from django.db.models import QuerySet
from django.utils import timezone
from django_tasks import task
from django_tasks.base import Task

Waits: TypeAlias = Callable[[], QuerySet[Any]]
GivenUp: TypeAlias = Callable[[int, str, datetime], None]


@dataclass(frozen=True)
class Job:
    """`name` is a msgid; `waits` gives the rows that wait for the task or that it works on; `given_up` tells such a row (its
    key) why it waits no longer (a msgid), and when: it changes nothing in a row that is over."""

    name: str
    task: Task[[int], None]
    waits: Waits
    given_up: GivenUp


JOBS: dict[str, Job] = {}
"""By the path of the task; a job stands here once its module is imported."""


def say(*tasks: Task[[int], None]) -> None:
    """Said by the face of an app, so that the worker knows its jobs before it has run one. KeyError for a task that is no job."""
    for found in tasks:
        JOBS[found.module_path]


def job(
    name: str, *, waits: Waits, given_up: GivenUp
) -> Callable[[Callable[[int, datetime], None]], Task[[int], None]]:
    """Make a task of a function of (key of a row, now). `enqueue(key)` in the transaction that makes the row wait.

    It runs at least once, so that twice must be once: it looks at the state of its row, under a lock where it writes.
    """

    def made(function: Callable[[int, datetime], None]) -> Task[[int], None]:
        @wraps(function)
        def run(pk: int) -> None:
            function(pk, timezone.now())

        found: Task[[int], None] = task()(run)
        JOBS[found.module_path] = Job(name, found, waits, given_up)
        return found

    return made
