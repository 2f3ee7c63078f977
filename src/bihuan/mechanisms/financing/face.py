"""What the room of financing says of itself. A bank sees what was sent to it and what it brought, and nothing of others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N

from bihuan.instruments.jobs import job
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.registry import duties, events, pages
from bihuan.kernel.registry import streams as registry
from bihuan.kernel.registry.duties import Duty
from bihuan.kernel.registry.streams import Sight, StreamKind, Table

from . import accounts, clockwork, leading, rules, streams
from .catalogue import figures
from .models import Appetite, Choice, Edition, Figure, File, Movement, Proof, Proposal, Push, Statement, Step
from .panels import PANELS
from .record import contradictions
from .selectors import office, pushes_visible_to, role_of, whole_files
from .vocabulary import TYPES

OF_FILE = Q(push=None)
OF_DUTY = Q(push__isnull=False, what="duty")
OF_PUSH = Q(push__isnull=False) & ~Q(what="duty")


def _file_seen(viewer: Any, code: str) -> Sight | None:
    """Whoever sees the file whole; the developer, as long as the catalogue keeps no figure from developers."""
    row = whole_files(viewer).filter(code=code).first()
    if row is None:
        return None
    if role_of(viewer, row) != rules.OFFICE and not all("developer" in f.seen for f in figures().values()):
        return None
    return Sight(row.subject.name, "financing_file", (row.code,))


def _push_seen(viewer: Any, code: str) -> Sight | None:
    row = pushes_visible_to(viewer).filter(code=code).first()
    return Sight(f"{row.file.subject.name} · {row.bank.name}", "push", (row.code,)) if row else None


def _duty_seen(viewer: Any, code: str) -> Sight | None:
    """The bank itself, and whoever sees the file whole: not the developer."""
    row = pushes_visible_to(viewer).filter(code=code).first()
    if row is None or not (row.bank_id in viewer.units or role_of(viewer, row.file) == rules.OFFICE):
        return None
    return _push_seen(viewer, code)


def _account_seen(viewer: Any, code: str) -> Sight | None:
    """Whoever sees the file whole, and its developer. A bank sees the statements that it brought: here stand everybody's."""
    row = whole_files(viewer).filter(code=code).first()
    return Sight(row.subject.name, "financing_file", (row.code,)) if row else None


def _appetite_seen(viewer: Any, code: str) -> Sight | None:
    row = Unit.objects.filter(code=code, kind=Unit.Kind.BANK).first()
    if row is None or not (office(viewer) or code in viewer.acting):
        return None
    return Sight(row.name, "financing_appetite", (code,))


def _choice_seen(viewer: Any, code: str) -> Sight | None:
    row = File.objects.filter(code=code).select_related("subject").first() if office(viewer) else None
    return Sight(row.subject.name, "financing_match") if row else None


def _lender_seen(viewer: Any, name: str) -> Sight | None:
    """The office, and the lender that was told."""
    code, __, bank = name.partition(":")
    row = File.objects.filter(code=code).select_related("subject").first()
    if row is None or viewer.admin or not (office(viewer) or bank in viewer.codes):
        return None
    return Sight(row.subject.name, "financing")


def _conditions_seen(viewer: Any, name: str) -> Sight | None:
    return Sight(_("Conditions"), "financing_conditions")


def register() -> None:
    """Events, streams and duties of financing."""
    events.register(*TYPES)
    job.say(accounts.read_in, leading.propose)
    pages.register(*PANELS)
    so_far = N("tells how far a reading is while it goes on")
    of_pushes = Step.objects.filter(push__isnull=False)
    registry.register(
        StreamKind(
            "financing", N("financing files"), seen=_file_seen, checks=(contradictions,),
            tables=(
                Table(File, streams.of_file),
                Table(Figure, streams.of_figure),
                Table(Step, streams.of_step, rows=OF_FILE),
                Table(Proof, streams.of_proof, rows=~Q(step__in=of_pushes)),
            ),
        ),
        StreamKind(
            "push", N("pushes to banks"), seen=_push_seen,
            tables=(
                Table(Push, streams.of_push),
                Table(Step, streams.of_step, rows=OF_PUSH),
                Table(Proof, streams.of_proof, rows=Q(step__in=of_pushes.filter(OF_PUSH))),
            ),
        ),
        StreamKind(
            "duty", N("what banks keep for their people"), seen=_duty_seen,
            tables=(
                Table(Step, streams.of_step, rows=OF_DUTY),
                Table(Proof, streams.of_proof, rows=Q(step__in=of_pushes.filter(OF_DUTY))),
            ),
        ),
        StreamKind(
            "account", N("supervised accounts"), seen=_account_seen,
            tables=(Table(Statement, streams.of_line, undecided={"so_far": so_far}), Table(Movement, streams.of_line)),
        ),
        StreamKind("appetite", N("what banks can lend"), seen=_appetite_seen, tables=(Table(Appetite, streams.of_appetite),)),
        StreamKind("choice", N("lead banks chosen"), seen=_choice_seen, tables=(Table(Choice, streams.of_chosen),)),
        StreamKind("lender", N("lenders informed"), seen=_lender_seen),
        StreamKind("looks", N("looks at financing files"), seen=registry.for_audit(N("looks at financing files"))),
        StreamKind("conditions", N("conditions of the white list"), seen=_conditions_seen, tables=(Table(Edition, streams.of_edition),)),
    )  # fmt: skip
    registry.leave_out(
        N("a search: what it proposes follows from files and banks, and what people decide of it is a choice"), Proposal
    )
    duties.register(
        Duty("bank_answers", N("answers of banks that fall due"), lambda now: clockwork.warn(now=now), every=timedelta(minutes=1), order=50),
        Duty(
            "deliveries", N("buildings that will be late, and money that will not last"), lambda now: clockwork.deliveries(now=now),
            every=timedelta(days=1), order=55,
        ),
    )  # fmt: skip
