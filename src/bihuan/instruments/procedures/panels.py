"""What of legal procedures stands on the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bihuan.kernel.domain.clocks import light
from bihuan.kernel.registry.pages import Line, Panel
from bihuan.kernel.registry.words import last_day, own_name

from .selectors import mine, specs


def due_steps(viewer: Any, about: None, now: datetime) -> list[Line]:
    """The four legal steps of the viewer's units that fall due next."""
    found = []
    for s in mine(viewer).filter(due_at__isnull=False).order_by("due_at")[:4]:
        matter, name = s.procedure.matter, own_name(specs()[s.procedure.name].step(s.step))
        found.append(
            Line(
                last_day(s.due_at), f"{name} · {matter.subject.name}", "matter", (matter.pk,), query="#course",
                tone=light(now, s.due_at, s.warn_at),
            )
        )  # fmt: skip
    return found


PANELS = (Panel("legal_steps", "desk", due_steps, order=70),)
