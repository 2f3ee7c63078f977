"""Filters of lists; the address carries them."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.domain.state import OPEN
from bihuan.kernel.matters.catalogue import kinds
from bihuan.kernel.matters.finding import MATTERS, SUBJECTS, holds
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.selectors import (
    GROUPS,
    desk_q,
    due_on,
    light_q,
    subjects_visible_to,
    with_worst_light,
)
from bihuan.kernel.orgs.models import Territory, Unit
from bihuan.kernel.orgs.selectors import subtree
from bihuan.kernel.registry import pages
from bihuan.kernel.search.grams import words
from bihuan.kernel.subjects.models import Subject

LIGHTS = [
    ("red", _("Overdue")),
    ("amber", _("Due soon")),
    ("green", _("On time")),
    ("grey", _("Paused")),
    ("none", _("No end")),
]


def kind_choices() -> list[tuple[str, str]]:
    """Kinds in the reader's language."""
    chinese = (get_language() or "").startswith("zh")
    return [(k.id, k.name if chinese else k.name_en) for k in kinds()]


def raisable_choices() -> list[tuple[str, str]]:
    """Kinds that the plain form raises: complaints are taken on a page of their own, where the complainant stays apart."""
    apart = {k.id for k in kinds() if k.family == "complaint"}
    return [(id_, name) for id_, name in kind_choices() if id_ not in apart]


def _number(text: str) -> bool:
    """Whether this may be the number of a matter."""
    digits = text.strip().lstrip("#")
    return digits.isascii() and digits.isdigit() and len(digits) < 18


def mechanism_choices() -> list[tuple[str, Any]]:
    """The mechanisms, as they stand in the menu."""
    return [(m.name, m.title) for m in pages.section("mechanisms")]


class MatterFilter(filters.FilterSet):
    """Kind, light, state, territory, unit, subject, mechanism, desk group and text."""

    text = filters.CharFilter(label=_("Text or number"), method="by_text")
    mechanism = filters.ChoiceFilter(label=_("Mechanism"), choices=mechanism_choices, empty_label=_("All mechanisms"))
    kind = filters.ChoiceFilter(label=_("Kind"), choices=kind_choices, empty_label=_("All kinds"))
    light = filters.ChoiceFilter(label=_("Light"), choices=LIGHTS, method="by_light", empty_label=_("All lights"))
    state = filters.ChoiceFilter(
        label=_("State"),
        choices=[*Matter.State.choices, ("open", _("all open"))],
        method="by_state",
        empty_label=_("All states"),
    )
    territory = filters.ModelChoiceFilter(
        label=_("Territory"), queryset=Territory.objects.all(), method="by_territory", empty_label=_("All territories")
    )
    unit = filters.ModelChoiceFilter(
        label=_("Unit"), queryset=Unit.objects.all(), method="by_unit", empty_label=_("All units")
    )
    subject = filters.ModelChoiceFilter(
        queryset=lambda request: subjects(request), to_field_name="code", widget=filters.widgets.forms.HiddenInput
    )
    due = filters.DateFilter(method="by_due", widget=filters.widgets.forms.HiddenInput)
    group = filters.ChoiceFilter(
        choices=[(g, g) for g in (*GROUPS, "mine")], method="by_group", widget=filters.widgets.forms.HiddenInput
    )

    class Meta:
        model = Matter
        fields: list[str] = []

    def by_text(self, rows: QuerySet[Matter], name: str, value: str) -> QuerySet[Matter]:
        # words are looked for by the page and the count; digits may be a matter's number or part of a code
        digits = value.strip().lstrip("#")
        if not _number(value):
            return rows
        code = Q() if value.strip().startswith("#") else holds(MATTERS, words(value))
        return rows.filter(Q(number=int(digits)) | code if code else Q(number=int(digits)))

    @property
    def words(self) -> str:
        """The words that were asked for, but for a number."""
        found = self.form.cleaned_data.get("text", "") if self.form.is_valid() else ""
        return "" if _number(found) else str(found)

    def by_due(self, rows: QuerySet[Matter], name: str, value: date) -> QuerySet[Matter]:
        return rows.filter(due_on(value), open=True)

    def by_light(self, rows: QuerySet[Matter], name: str, value: str) -> QuerySet[Matter]:
        return rows.filter(light_q(value, timezone.now()))

    def by_state(self, rows: QuerySet[Matter], name: str, value: str) -> QuerySet[Matter]:
        rows = rows if value == "open" else rows.filter(state=value)
        return rows.filter(open=True) if value in ("open", *OPEN) else rows

    def by_territory(self, rows: QuerySet[Matter], name: str, value: Territory) -> QuerySet[Matter]:
        return rows.filter(territory__in=subtree(value))

    def by_unit(self, rows: QuerySet[Matter], name: str, value: Unit) -> QuerySet[Matter]:
        # the page and the count narrow it down, each in its own way
        return rows

    @property
    def unit_id(self) -> int | None:
        """The id of the unit that was asked for."""
        found = self.form.cleaned_data.get("unit") if self.form.is_valid() else None
        return found.pk if found else None

    def by_group(self, rows: QuerySet[Matter], name: str, value: str) -> QuerySet[Matter]:
        return rows.filter(desk_q(value, self.request.viewer, timezone.now()))


def subjects(request: Any) -> QuerySet[Subject]:
    """Subjects that the viewer may filter by."""
    return subjects_visible_to(request.viewer) if request is not None else Subject.objects.none()


class SubjectFilter(filters.FilterSet):
    """Type, territory, label and text."""

    text = filters.CharFilter(label=_("Name or address"), method="by_text")
    type = filters.ChoiceFilter(label=_("Type"), choices=Subject.Type.choices, empty_label=_("Projects and premises"))
    territory = filters.ModelChoiceFilter(
        label=_("Territory"), queryset=Territory.objects.all(), method="by_territory", empty_label=_("All territories")
    )
    label = filters.CharFilter(label=_("Label"), method="by_label")
    light = filters.ChoiceFilter(label=_("Worst light"), choices=LIGHTS, method="by_light", empty_label=_("All lights"))

    class Meta:
        model = Subject
        fields: list[str] = []

    def by_text(self, rows: QuerySet[Subject], name: str, value: str) -> QuerySet[Subject]:
        return rows.filter(holds(SUBJECTS, words(value))) if words(value) else rows

    def by_territory(self, rows: QuerySet[Subject], name: str, value: Territory) -> QuerySet[Subject]:
        return rows.filter(territory__in=subtree(value))

    def by_light(self, rows: QuerySet[Subject], name: str, value: str) -> QuerySet[Subject]:
        return with_worst_light(rows, value, self.request.viewer, timezone.now())

    def by_label(self, rows: QuerySet[Subject], name: str, value: str) -> QuerySet[Subject]:
        return rows.filter(labels__label=value)
