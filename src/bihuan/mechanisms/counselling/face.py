"""What the room of counselling says of itself."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as N

from bihuan.instruments.jobs import job
from bihuan.kernel.files.face import parts
from bihuan.kernel.registry import duties, events, pages, streams
from bihuan.kernel.registry.duties import Duty
from bihuan.kernel.registry.streams import StreamKind, Table

from . import clockwork, sight, together, vocabulary
from .models import Application, Knowledge, Officers, Question, Reckoning, Revisit, Session, Sitting, Step
from .panels import PANELS
from .paths import PART
from .services import OFFICERS
from .words import told_part

DUTIES = (
    Duty(
        "approvals", N("papers accepted in silence, permits that lapse, call-backs that are due"), clockwork.new_day,
        every=timedelta(hours=1), order=50,
    ),
    Duty(
        "approval_clocks", N("warnings before and after the due days of approvals"), lambda now: clockwork.warn(now=now),
        every=timedelta(minutes=1), order=55,
    ),
)  # fmt: skip


def register() -> None:
    """Events, streams, duties, the task and panels; sessions are decided by the streams of their meetings."""
    events.register(*vocabulary.TYPES)
    pages.register(*PANELS)
    duties.register(*DUTIES)
    job.say(together.search)
    parts.add(PART, told_part)
    streams.register(
        StreamKind(
            "approval", N("approvals"), seen=sight.approval,
            tables=(
                Table(Application, lambda a: f"approval:{a.pk}"), Table(Step, lambda s: f"approval:{s.application_id}"),
                Table(Revisit, lambda r: f"approval:{r.application_id}"),
            ),
        ),
        StreamKind("question", N("questions"), seen=sight.question, tables=(Table(Question, lambda q: f"question:{q.pk}"),)),
        StreamKind("knowledge", N("kept answers"), seen=sight.knowledge, tables=(Table(Knowledge, lambda k: f"knowledge:{k.pk}"),)),
        StreamKind("lapse", N("permits that lapse"), seen=sight.lapse),
        StreamKind("counselling", N("officers who decide"), seen=sight.officers, tables=(Table(Officers, lambda o: OFFICERS),)),
    )  # fmt: skip
    streams.extend(
        "meeting", Table(Session, lambda s: f"meeting:{s.meeting_id}"), Table(Sitting, lambda s: f"meeting:{s.session.meeting_id}")
    )  # fmt: skip
    streams.leave_out(
        N("searches that somebody watches; what is taken over from one is written where it is used"), Reckoning
    )
