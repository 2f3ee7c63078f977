"""The form of a procedure's step, made from what the catalogue says is to be recorded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bihuan.instruments.procedures.schema import Field
from bihuan.instruments.procedures.words import CHOICES, FIELDS
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.registry.words import chinese
from bihuan.mechanisms.fire.judgement import Edition

from ..surface.fields import ManyFiles, day_field

MEASURED = "measured-"
TRAITS = {
    "highrise": _("high-rise"), "highrise_crowded": _("high-rise with a crowded place"), "underground": _("underground"),
}  # fmt: skip


class StepForm(forms.Form):
    """Fields by name; judgement fields when the step judges a hazard."""

    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, spec: Sequence[Field], files: bool = False, edition: Edition | None = None, **kw: Any
    ) -> None:
        super().__init__(*args, **kw)
        for f in spec:
            if f.type in ("edition", "items"):
                continue
            self.fields[f.name] = _field(f)
        self.edition = edition
        if edition is not None and edition.filled:
            self._judged(edition)
        if files:
            self.fields["files"] = ManyFiles(label=_("Evidence"), required=False)

    def _judged(self, edition: Edition) -> None:
        n = 0 if chinese() else 1
        self.fields["place"] = forms.ChoiceField(
            label=_("Sort of place"),
            choices=[("", "—"), *((k, v[n]) for k, v in edition.places.items())],
            required=False,
        )
        self.fields["direct"] = forms.MultipleChoiceField(
            label=_("Direct items"), required=False, widget=forms.CheckboxSelectMultiple,
            choices=[(c.id, f"{c.id} {c.text}") for c in edition.direct.values()],
        )  # fmt: skip
        self.fields["items"] = forms.MultipleChoiceField(
            label=_("Comprehensive items"), required=False, widget=forms.CheckboxSelectMultiple,
            choices=[(c.id, f"{c.id} {c.text or c.group}") for c in edition.items.values()],
        )  # fmt: skip

        for c in edition.items.values():
            if c.bounds:
                self.fields[MEASURED + c.id] = forms.DecimalField(
                    label=f"{c.id} {c.measure}", required=False, min_value=0, max_value=1000, help_text=_("measured; whether it counts is computed"),
                )  # fmt: skip
        traits = sorted({t for c in edition.items.values() for b in c.bounds for t in b.traits})
        self.fields["traits"] = forms.MultipleChoiceField(
            label=_("What the place is like"), required=False, widget=forms.CheckboxSelectMultiple, choices=[(t, TRAITS.get(t, t)) for t in traits],
        )  # fmt: skip
        self.fields["excluded"] = forms.ChoiceField(
            label=_("Ground of exclusion"), required=False, choices=[("", "—"), *((e, e) for e in edition.excluded)]
        )

    def values(self) -> dict[str, Any]:
        """What was filled, without the token; measured values together."""
        found = {
            k: v for k, v in self.cleaned_data.items() if k not in ("token", "files") and not k.startswith(MEASURED)
        }
        measures = {
            k.removeprefix(MEASURED): str(v)
            for k, v in self.cleaned_data.items()
            if k.startswith(MEASURED) and v is not None
        }
        return {**found, "measures": measures} if self.edition is not None else found


def _field(f: Field) -> forms.Field:
    label, need = FIELDS.get(f.name, f.name), not f.optional
    match f.type:
        case "date":
            return day_field(label, required=need)
        case "long":
            return forms.CharField(
                label=label, required=need, max_length=5000, widget=forms.Textarea(attrs={"rows": 3})
            )
        case "people":
            return forms.CharField(
                label=label, required=need, max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
            )
        case "number":
            return forms.IntegerField(label=label, required=need, min_value=0, max_value=1000)
        case "flag":
            return forms.BooleanField(label=label, required=False)
        case "choice":
            return forms.ChoiceField(label=label, required=need, choices=[(c, CHOICES.get(c, c)) for c in f.choices])
        case "unit":
            return forms.ModelChoiceField(label=label, queryset=Unit.objects.filter(active=True), to_field_name="code")
    return forms.CharField(label=label, required=need, max_length=200)
