"""Who may see which stream of counselling, and the page that shows it: by the selectors of those pages."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from bihuan.kernel.matters.selectors import subjects_visible_to
from bihuan.kernel.registry.streams import Sight

from .models import Knowledge
from .paths import applications_visible_to, projects
from .services import OFFICERS
from .sessions import questions_visible_to, sessions_visible_to
from .words import item_name


def _row(rows: Any, name: str) -> Any:
    return rows.filter(pk=int(name)).first() if name.isascii() and name.isdigit() else None


def approval(viewer: Any, name: str) -> Sight | None:
    """Approvals of visible projects."""
    row = _row(applications_visible_to(viewer).select_related("subject"), name)
    return (
        Sight(f"{item_name(row.item)} {row.subject.name}", "path_item", (row.subject.code, row.item)) if row else None
    )


def question(viewer: Any, name: str) -> Sight | None:
    """Questions of visible projects, and those to the viewer's own units: these see the session, not the project."""
    row = _row(questions_visible_to(viewer).select_related("subject", "session"), name)
    if row is None:
        return None
    if subjects_visible_to(viewer).filter(pk=row.subject_id).exists():
        return Sight(row.text, "path", (row.subject.code,))
    shown = sessions_visible_to(viewer).filter(pk=row.session_id).first() if row.session_id else None
    return Sight(row.text, "session", (shown.meeting_id,)) if shown else Sight(row.text, "question_answer", (row.pk,))


def knowledge(viewer: Any, name: str) -> Sight | None:
    """Kept answers are for everybody who works here."""
    row = _row(Knowledge.objects.all(), name)
    return Sight(row.question, "knowledge") if row else None


def lapse(viewer: Any, code: str) -> Sight | None:
    """Warnings are seen by whoever sees the project."""
    row = projects(viewer).filter(code=code).first()
    return Sight(row.name, "subject", (row.code,)) if row else None


def officers(viewer: Any, name: str) -> Sight | None:
    """How many officers of which unit decide is laid open to all who act."""
    shown = f"counselling:{name}" == OFFICERS and not viewer.reads_only
    return Sight(_("Officers who decide"), "together") if shown else None
