"""What of official papers stands on the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bihuan.kernel.registry.pages import Line, Panel

from .catalogue import kinds
from .selectors import may_issue, papers_visible_to


def to_issue(viewer: Any, about: None, now: datetime) -> list[Line]:
    """Drafts that the viewer may issue, the latest three."""
    drafts = papers_visible_to(viewer).filter(state="draft").select_related("unit")[:50]
    mine = [p for p in drafts if may_issue(viewer, p, kinds()[p.kind])]
    return [Line(_("to be issued"), p.title, "paper", (p.pk,), tone="plain") for p in mine[:3]]


PANELS = (Panel("drafts", "desk", to_issue, order=40),)
