"""Forms of assessment, accountability and commendation."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from bihuan.instruments.accountability.services import Wanted
from bihuan.kernel.orgs.models import Unit

from ..surface.fields import ManyFiles, area


class Points(forms.DecimalField):
    """Points with at most two decimals; cleaned to hundredths."""

    def __init__(self, **kw: Any) -> None:
        super().__init__(max_digits=6, decimal_places=2, **kw)

    def clean(self, value: Any) -> Any:
        """Hundredths."""
        found: Decimal | None = super().clean(value)
        return None if found is None else int(found * 100)


class MarkForm(forms.Form):
    """A change of points with words and evidence."""

    points = Points(label=_("Points, more or less"), help_text=_("1.5 adds, -2 takes"))
    text = area(_("Why"), 3, 1_000)
    files = ManyFiles(label=_("Evidence"), required=False)  # type: ignore[assignment]


class VetoForm(forms.Form):
    """Why the whole is a failure; empty takes it back."""

    text = area(
        _("Why the whole result is a failure"),
        3,
        1_000,
        required=False,
        help_text=_("left empty, an earlier veto is taken back"),
    )
    files = ManyFiles(label=_("Evidence"), required=False)  # type: ignore[assignment]


class AppealForm(forms.Form):
    """Why points should be given back."""

    text = area(_("Why you appeal"), 4, 2_000)
    files = ManyFiles(label=_("Evidence"), required=False)  # type: ignore[assignment]


class DecideAppealForm(forms.Form):
    """Upheld or not."""

    upheld = forms.TypedChoiceField(
        label=_("The appeal is"),
        choices=[("yes", _("upheld")), ("no", _("not upheld"))],
        coerce=lambda v: v == "yes",
        widget=forms.RadioSelect,
    )
    points = Points(label=_("Points given back"), required=False, min_value=0)
    answer = area(_("Answer"), 4, 2_000)


class OpenForm(forms.Form):
    """Units under assessment in a year."""

    units = forms.ModelMultipleChoiceField(
        label=_("Units under assessment"),
        queryset=Unit.objects.none(),
        to_field_name="code",
        widget=forms.CheckboxSelectMultiple,
    )


class SchemeForm(forms.Form):
    """The numbers of a scheme: points of items, and what its rules ask. Parts and full score must still add up."""

    def __init__(self, body: dict[str, Any], data: Any = None) -> None:
        super().__init__(data)
        self.body = body
        self.rows: list[tuple[str, str, str, list[str]]] = []
        for part in body["part"]:
            for item in part["item"]:
                names = [self._number(f"points-{item['id']}", item, gettext("points"), item["points"])]
                for n, rule in enumerate(item.get("rule", ())):
                    names += [
                        self._number(f"{key}-{item['id']}-{n}", item, str(RULE_WORDS[key]), rule[key])
                        for key in RULE_WORDS
                        if key in rule
                    ]
                self.rows.append((_own(part), _own(item), names[0], names[1:]))

    def _number(self, name: str, item: dict[str, Any], word: str, value: Any) -> str:
        self.fields[name] = forms.DecimalField(
            label=f"{_own(item)} · {word}", initial=value, min_value=0, max_value=1_000, max_digits=7, decimal_places=2
        )
        return name

    def table(self) -> list[dict[str, Any]]:
        """Items with their fields, as a table shows them: `part` only in its first row."""
        found: list[dict[str, Any]] = []
        last = ""
        for part, item, points, rules in self.rows:
            told = [{"field": self[r], "word": str(RULE_WORDS[r.partition("-")[0]])} for r in rules]
            found.append({"part": part if part != last else "", "item": item, "points": self[points], "rules": told})
            last = part
        return found

    def changed_body(self) -> dict[str, Any]:
        """The scheme with these numbers; points of parts follow their items."""
        body = deepcopy(self.body)
        for part in body["part"]:
            for item in part["item"]:
                item["points"] = str(self.cleaned_data[f"points-{item['id']}"].normalize())
                for n, rule in enumerate(item.get("rule", ())):
                    for key in ("points", "full", "zero"):
                        if key in rule:
                            rule[key] = str(self.cleaned_data[f"{key}-{item['id']}-{n}"].normalize())
                    for key in ("need", "free"):
                        if key in rule:
                            rule[key] = int(self.cleaned_data[f"{key}-{item['id']}-{n}"])
            part["points"] = str(sum((Decimal(i["points"]) for i in part["item"]), Decimal(0)))
        return body


def _own(entry: dict[str, Any]) -> str:
    return str(entry["name"] if (get_language() or "").startswith("zh") else entry["name_en"])


RULE_WORDS = {
    "points": _("points taken"), "need": _("wanted a year"), "free": _("free"), "full": _("nothing taken from"), "zero": _("all taken at"),
}  # fmt: skip


class MeasureForm(forms.Form):
    """A measure about a unit."""

    kind = forms.ChoiceField(
        label=_("Measure"),
        choices=[("interview", _("interview")), ("circular", _("circular")), ("rectify", _("list to put right"))],
    )
    unit = forms.ModelChoiceField(label=_("Unit"), queryset=Unit.objects.filter(active=True), to_field_name="code")
    basis = forms.CharField(label=_("Basis"), max_length=200)
    text = area(_("Facts and demands"), 4, 3_000)
    points = area(
        _("Points to put right, one a line"),
        5,
        5_000,
        required=False,
        help_text=_("words | 2026-06-30; each becomes a matter of the unit once approved"),
    )

    def clean_points(self) -> list[Wanted]:
        """The points."""
        found = []
        for n, line in enumerate(self.cleaned_data["points"].splitlines(), 1):
            if not line.strip():
                continue
            words, _sep, day = (p.strip() for p in line.replace("|", "|").partition("|"))
            try:
                found.append(Wanted(words, date.fromisoformat(day)))
            except ValueError:
                raise forms.ValidationError(
                    gettext("Line %(n)s: “%(text)s” is no day; write 2026-06-30.") % {"n": n, "text": day}
                ) from None
        return found


class AnswerForm(forms.Form):
    """Words."""

    answer = area(_("In words"), 4, 2_000)


class RoundForm(forms.Form):
    """A round of commendation."""

    title = forms.CharField(label=_("Title"), max_length=120)
    units = forms.IntegerField(label=_("Units at most"), min_value=0, max_value=500)
    people = forms.IntegerField(label=_("Persons at most"), min_value=0, max_value=500)
    level = forms.ChoiceField(
        label=_("Level that the assessment must reach"),
        choices=[("excellent", _("excellent")), ("good", _("good")), ("pass", _("passed"))],
    )
    notice_days = forms.IntegerField(label=_("Working days of each public notice"), min_value=1, max_value=20)


class NominateForm(forms.Form):
    """A unit or a person of it."""

    unit = forms.ModelChoiceField(label=_("Unit"), queryset=Unit.objects.none(), to_field_name="code")
    name = forms.CharField(label=_("Person; left empty, the unit itself"), max_length=30, required=False)
    post = forms.CharField(label=_("Post"), max_length=60, required=False)
    reason = area(_("What for"), 4, 2_000)
