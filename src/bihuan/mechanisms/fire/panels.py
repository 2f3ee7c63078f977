"""What of fire safety stands in the menu, on the desk and on the page of a matter."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N

from bihuan.instruments.procedures.selectors import course, specs, startable, step_files
from bihuan.instruments.procedures.services import may_record
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.registry.pages import Line, Menu, Panel

from .blindspots import on_desk
from .cases import assigning, deadline
from .complaints import told_to
from .incidents import to_review
from .late import waiting
from .models import Finding

SPOT_WORDS = {
    "placeless": N("in no township"), "sectorless": N("no sector department"), "unmanaged": N("no fire-safety manager"),
    "never": N("never seen"), "late": N("not seen within its period"), "night": N("never seen at night"),
    "tenant": N("new tenant not verified"), "vacant": N("a post is empty"), "outage": N("a facility is out of use"),
    "own": N("own duties missing"),
}  # fmt: skip
"""What each sort of blind spot is called."""


def blind_spots(viewer: Viewer, about: None, now: datetime) -> list[Line]:
    """What of the viewer's area nobody looks after."""
    found = on_desk(viewer, now)
    return [Line(str(n), f"{_('Premises')}：{SPOT_WORDS[k]}", "blind", query=f"?spot={k}") for k, n in found]


def fires(viewer: Viewer, about: None, now: datetime) -> list[Line]:
    """Fires whose entry may be reviewed."""
    n = len(to_review(viewer, now))
    return [Line(str(n), _("fires are to be reviewed"), "incidents")] if n else []


def late_records(viewer: Viewer, about: None, now: datetime) -> list[Line]:
    """Records that came late and wait for the viewer as the second person."""
    n = len(waiting(viewer))
    return [Line(str(n), _("late records wait for your confirmation"), "late")] if n else []


def course_of(who: Viewer, row: Matter, now: datetime) -> dict[str, Any] | None:
    """What the page of a matter shows of its legal course; None where there is none and none may be started."""
    if not any(row.kind in spec.kinds for spec in specs().values()):
        return None
    at = course(row.pk, now)
    may = startable(who, row, at)
    if not at.under and not may:
        return None
    under = []
    for u in at.under:
        steps = []
        for s in u.steps:
            mine = s.done is None and bool(may_record(who, u, s, at))
            steps.append({"step": s, "light": s.light(now), "mine": mine, "values": _told(s)})
        under.append({"run": u.run, "spec": u.spec, "steps": steps})
    files = step_files(who).filter(procedure__matter=row)
    return {
        "under": under, "may": may, "deadline": deadline(at), "files": files,
        "seen_by": Finding.objects.filter(matter=row).select_related("record__unit")[:20],
    }  # fmt: skip


def _told(step: Any) -> list[tuple[str, Any]]:
    if step.done is None or not step.spec.recorded:
        return []
    names = [f.name for f in step.spec.fields]
    return [(n, step.done.data[n]) for n in names if step.done.data.get(n) not in (None, "", [])]


def complainant(viewer: Viewer, row: Matter, now: datetime) -> tuple[str, str, str, bool] | None:
    """Who complained, masked but for the unit that took it."""
    return told_to(viewer, row)


def first_values(viewer: Viewer, row: Matter, now: datetime) -> dict[str, Any]:
    """What the form of an assignment starts with."""
    return assigning(row, now)


PANELS = (
    Menu("fire", "mechanisms", N("Fire safety"), "flame", "mechanism", ("fire",), 10),
    Panel("fires", "desk", fires, order=14), Panel("late_records", "desk", late_records, order=16), Panel("blind_spots", "desk", blind_spots, order=60),
    Panel("course", "matter", course_of), Panel("complainant", "matter", complainant), Panel("served", "assign", first_values),
)  # fmt: skip
