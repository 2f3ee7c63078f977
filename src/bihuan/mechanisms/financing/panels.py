"""What of the white list stands in the menu and on the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N

from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.registry.pages import Line, Menu, Panel
from bihuan.kernel.registry.words import day

from . import leading, lists


def answers(viewer: Any, about: None, now: datetime) -> list[Line]:
    """Answers that the viewer's bank owes."""
    today = local_day(now)
    return [
        Line(
            day(p.due), f"{_('Answer of the bank')} · {p.file.subject.name}", "push", (p.code,),
            tone="red" if p.due and p.due < today else "amber",
        )
        for p in lists.owed_by(viewer, today)
    ]  # fmt: skip


def without_bank(viewer: Any, about: None, now: datetime) -> list[Line]:
    """Files that wait for a lead bank."""
    n = leading.waiting_count(viewer)
    return [Line(str(n), _("files wait for a lead bank"), "financing_match")] if n else []


PANELS = (
    Menu("financing", "mechanisms", N("Financing white list"), "coin", "mechanism", ("financing",), 20),
    Panel("answers", "desk", answers, order=90), Panel("without_bank", "desk", without_bank, order=100),
)  # fmt: skip
