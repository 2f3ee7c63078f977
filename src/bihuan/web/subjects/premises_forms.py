"""Forms of premises files."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bihuan.engines.geo import DATUMS
from bihuan.instruments.premises.lists import place_values
from bihuan.instruments.premises.models import RuleTable
from bihuan.instruments.premises.parts import ROLES
from bihuan.instruments.premises.rules import Premises
from bihuan.instruments.premises.selectors import words
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.registry.words import own_name
from bihuan.mechanisms.fire.models import Record

from ..surface.errors import sentence
from ..surface.fields import ManyFiles, day_field


def _uses() -> list[tuple[str, str]]:
    return [("", "—"), *((u.id, own_name(u)) for u in words().uses.values())]


class FactsForm(forms.Form):
    """What is entered once: use, figures, hours, flags, manager, place. Labels follow by themselves."""

    def __init__(self, *args: Any, premises: Premises, **kw: Any) -> None:
        lon, lat = (f"{x:.6f}" for x in premises.place) if premises.place else ("", "")
        kw["initial"] = {**premises.facts, "lon": lon, "lat": lat, "datum": "CGCS2000"}
        super().__init__(*args, **kw)
        self.fields["use"] = forms.ChoiceField(label=_("Use"), choices=_uses())
        makers: dict[str, Any] = {
            "number": lambda label: forms.IntegerField(label=label, required=False, min_value=0, max_value=10_000_000),
            "flag": lambda label: forms.BooleanField(label=label, required=False),
            "hours": lambda label: forms.CharField(
                label=label, required=False, max_length=20, help_text=_("as 09:00-22:00")
            ),
            "text": lambda label: forms.CharField(label=label, required=False, max_length=60),
        }
        for word in words().facts.values():
            label = f"{own_name(word)}({word.unit})" if word.unit else own_name(word)
            self.fields[word.id] = makers[word.type](label)
        self.fields["lon"] = forms.CharField(label=_("Longitude"), required=False, max_length=20)
        self.fields["lat"] = forms.CharField(label=_("Latitude"), required=False, max_length=20)
        self.fields["datum"] = forms.ChoiceField(
            label=_("Coordinates"), choices=[(d, d) for d in DATUMS], help_text=_("Amap and Tencent use GCJ-02, Baidu BD-09."),
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """With the place in CGCS2000 under `place`."""
        data = super().clean() or {}
        data["place"] = None
        if data.get("lon") or data.get("lat"):
            try:
                data["place"] = place_values(data.get("lon", ""), data.get("lat", ""), data.get("datum", "CGCS2000"))
            except Refused as error:
                self.add_error("lon", sentence(error))
        return data

    def entries(self) -> list[tuple[str, str, Any]]:
        """The entries of the file."""
        d = self.cleaned_data
        facts = {"use": d["use"], **{w: (d[w] if d[w] not in ("", None, False) else None) for w in words().facts}}
        return [("facts", "main", facts), ("place", "main", d["place"])] if d["place"] else [("facts", "main", facts)]


class TenantForm(forms.Form):
    """A tenant: moved in, changed, moved out."""

    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)
    name = forms.CharField(label=_("Name"), max_length=80)
    use = forms.ChoiceField(label=_("Use"), required=False)
    floor = forms.CharField(label=_("Floor"), max_length=20, required=False)
    area = forms.IntegerField(label=_("Floor area"), required=False, min_value=0, max_value=1_000_000)
    since = day_field(_("There, or changed, since"))
    left = day_field(_("Moved out on"), required=False)

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["use"].choices = _uses()  # type: ignore[attr-defined]


class FacilityForm(forms.Form):
    """A facility: whether it works."""

    facility = forms.ChoiceField(label=_("Facility"))
    out = day_field(_("Out of use since"), required=False, help_text=_("empty: it works"))
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["facility"].choices = [(w.id, own_name(w)) for w in words().facilities.values()]  # type: ignore[attr-defined]


class PostForm(forms.Form):
    """A post of the premises' own people, held or empty."""

    title = forms.CharField(label=_("Post"), max_length=40)
    name = forms.CharField(label=_("Held by"), max_length=40, required=False)
    since = day_field(_("Since"))


class BuildingForm(forms.Form):
    """A building."""

    name = forms.CharField(label=_("Name"), max_length=60)
    floors = forms.IntegerField(label=_("Floors"), required=False, min_value=0, max_value=300)
    height = forms.IntegerField(label=_("Height"), required=False, min_value=0, max_value=1000)
    area = forms.IntegerField(label=_("Floor area"), required=False, min_value=0, max_value=10_000_000)


class PartyForm(forms.Form):
    """A unit that answers for it."""

    role = forms.ChoiceField(label=_("Role"), choices=list(ROLES.items()))
    unit = forms.ModelChoiceField(label=_("Unit"), queryset=Unit.objects.filter(active=True))


class DeclareForm(forms.Form):
    """A label beyond the table, or taken away, with its reason."""

    label = forms.ChoiceField(label=_("Label"))
    on = forms.ChoiceField(label=_("What"), choices=[("1", _("give it")), ("", _("take it away"))], required=False)
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["label"].choices = [(w.id, own_name(w)) for w in words().labels.values()]  # type: ignore[attr-defined]


class RecordForm(forms.Form):
    """Something that was done: a drill, a training, a patrol, maintenance, urging."""

    what = forms.ChoiceField(label=_("What was done"))
    at = forms.DateTimeField(
        label=_("When"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    people = forms.CharField(
        label=_("Who took part, one a line"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    note = forms.CharField(
        label=_("What happened"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    reason = forms.CharField(
        label=_("Why it is entered only now"), required=False, max_length=300, help_text=_("Needed only for what happened days ago; a second person then confirms it."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["files"] = ManyFiles(label=_("Photos and papers"), required=False)
        self.fields["what"].choices = [c for c in Record.What.choices if c[0] != "inspection"]  # type: ignore[attr-defined]
        self.initial.setdefault("at", timezone.localtime())


class SheetForm(forms.Form):
    """A list of premises to bring in."""

    unit = forms.ModelChoiceField(label=_("In the name of"), queryset=Unit.objects.none())
    file = forms.FileField(label=_("Sheet (xlsx, xls, csv)"))


class TableForm(forms.Form):
    """A table of rules to load."""

    name = forms.ChoiceField(label=_("Which table"), choices=RuleTable.Name.choices)
    title = forms.CharField(label=_("Title and source"), max_length=120)
    file = forms.FileField(label=_("File (TOML)"))
