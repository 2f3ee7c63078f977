"""Forms of the register of fires."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.orgs.models import Territory, Unit
from bihuan.mechanisms.fire.grades import Casualty
from bihuan.mechanisms.fire.incidents import codes

from ..surface.fields import Wan
from ..surface.fields import area as lines


def choices(dimension: str) -> list[tuple[str, str]]:
    """Codes with their names; a code that nobody checked says so."""
    chinese = (get_language() or "").startswith("zh")
    told = []
    for w in codes().words[dimension].values():
        name = w.name if chinese else w.name_en
        if dimension == "cause":
            name = f"{w.id} {name}" + ("" if w.confirmed else gettext(" (code to be checked)"))
        told.append((w.id, name))
    return told


class IncidentForm(forms.Form):
    """A fire."""

    at = forms.DateTimeField(
        label=_("When"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
    )
    subject = forms.CharField(
        label=_("Premises, by name or code, where there is a file"), max_length=120, required=False
    )
    territory = forms.ModelChoiceField(
        label=_("Territory"),
        queryset=Territory.objects.none(),
        required=False,
        to_field_name="code",
        help_text=_("left empty, that of the premises"),
    )
    address = forms.CharField(
        label=_("Address"), max_length=200, required=False, help_text=_("left empty, that of the premises")
    )
    area = forms.ChoiceField(label=_("Area"))
    object = forms.ChoiceField(label=_("Object"))
    place = forms.ChoiceField(label=_("Place of the fire"))
    cause = forms.ChoiceField(label=_("Cause (GA/T 974.33)"))
    dead = lines(
        _("Deaths, one day a line"),
        2,
        3_000,
        required=False,
        help_text=_("the day of each death, as 2026-03-01; no names"),
    )
    serious = forms.IntegerField(label=_("Seriously hurt"), min_value=0, max_value=1_000, initial=0)
    slight = forms.IntegerField(label=_("Slightly hurt"), min_value=0, max_value=1_000, initial=0)
    loss = Wan(label=_("Direct loss"), required=False)
    households = forms.IntegerField(label=_("Households affected"), min_value=0, max_value=100_000, initial=0)
    text = lines(_("What happened"), 3, 3_000, required=False)
    reason = lines(_("Why the entry changes"), 2, 500, required=False)

    def __init__(self, *args: Any, changes: bool = False, **kw: Any) -> None:
        super().__init__(*args, **kw)
        for name in ("area", "object", "place", "cause"):
            self.fields[name].choices = choices(name)  # type: ignore[attr-defined]
        if not changes:
            del self.fields["reason"]

    def clean_dead(self) -> list[date]:
        """Days."""
        found = []
        for n, line in enumerate(self.cleaned_data["dead"].split(), 1):
            try:
                found.append(date.fromisoformat(line.strip()))
            except ValueError:
                raise forms.ValidationError(
                    gettext("Line %(n)s: “%(text)s” is no day; write 2026-06-30.") % {"n": n, "text": line}
                ) from None
        return found

    def people(self) -> tuple[Casualty, ...]:
        """Everybody who was harmed."""
        d = self.cleaned_data
        return (
            *(Casualty(True, day) for day in d["dead"]),
            *[Casualty(True)] * d["serious"],
            *[Casualty(False)] * d["slight"],
        )


class ReviewForm(forms.Form):
    """The review after the window for deaths."""

    findings = lines(_("Causes, duties, lessons"), 5, 5_000)
    failed = forms.ModelMultipleChoiceField(
        label=_("Units that failed a duty"),
        queryset=Unit.objects.filter(active=True),
        required=False,
        to_field_name="code",
        help_text=_("a finding of yours, with its ground above; none is the rule"),
    )


class SheetForm(forms.Form):
    """A sheet."""

    file = forms.FileField(
        label=_("The sheet (xlsx, xls or csv)"),
        help_text=_("columns 年度, 季度, 分类, 名称, 起火数, 死亡, 受伤, 直接财产损失(万元), 较大以上"),
    )
