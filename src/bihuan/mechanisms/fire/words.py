"""Words of fire safety in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as N

from bihuan.kernel.registry.words import own_name

from .incidents import codes

METRICS = {
    "major_stock": N("major hazards of the stock still open"), "major_closed": N("major hazards closed"),
    "hazards_closed": N("hazards closed"), "in_time": N("closed in time, %"), "covered": N("premises seen, %"),
    "trained": N("trainings"), "drilled": N("drills"),
}  # fmt: skip
"""What the figures of campaigns are called."""


def metric_name(name: str) -> str:
    """A figure of a campaign."""
    return str(METRICS.get(name, name))


def grade_name(name: str) -> str:
    """A grade of fires."""
    return own_name(codes().words["grades"][name])
