"""What the notice of a measure says."""

from __future__ import annotations

from typing import Any

from bihuan.instruments.supervision.rules import OBJECT_WITHIN
from bihuan.kernel.domain.numerals import day_text
from bihuan.kernel.orgs.models import Unit

from .models import Measure
from .services import decider_of

KINDS = {"interview": "约谈", "circular": "通报", "rectify": "整改"}


def context(measure: Measure) -> dict[str, Any]:
    """The fields of `about.accountability`."""
    return {
        "measure": {
            "kind": KINDS[measure.kind], "unit": measure.unit.name, "text": measure.text, "basis": measure.basis, "approver": measure.approver_post or "待批准",
            "objection_days": OBJECT_WITHIN, "decider": Unit.objects.get(code=decider_of(measure)).name,
        },
        "points": [{"text": p.text, "due": day_text(p.due)} for p in measure.points.all()],
    }  # fmt: skip
