"""Forms of financing: a file, its figures by group, checks, steps, what a bank can take on, editions of conditions, the signing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.registry.words import own_name
from bihuan.kernel.subjects.models import Subject
from bihuan.mechanisms.financing import rules
from bihuan.mechanisms.financing.catalogue import Condition, ConditionSet, Figure, course, figures
from bihuan.mechanisms.financing.selectors import Book
from bihuan.mechanisms.financing.telling import Value

from ..surface.fields import ManyFiles, Wan, area, day_field
from .step_forms import BANKS, reason_field, told_on


class FileForm(forms.Form):
    """The project and the developer whose file is opened."""

    subject = forms.ModelChoiceField(
        label=_("Project"), queryset=Subject.objects.none(), to_field_name="code", required=True
    )
    developer = forms.ModelChoiceField(
        label=_("Developer"), queryset=Unit.objects.filter(kind=Unit.Kind.COMPANY, active=True), to_field_name="code"
    )
    day = told_on()


class FiguresForm(forms.Form):
    """The figures of one group, or of one part of it, with the day and source that hold for all that is changed."""

    def __init__(
        self, *args: Any, group: str, book: Book, part: str, parts: Sequence[tuple[str, str]] = (), **kw: Any
    ) -> None:
        super().__init__(*args, **kw)
        self.keys = [f for f in figures().values() if f.group == group]
        if group == "building":
            self.fields["part"] = forms.CharField(label=_("Building"), max_length=40, initial=part)
        elif group == "loan":
            self.fields["part"] = forms.ModelChoiceField(
                label=_("Bank"), queryset=BANKS, to_field_name="code", initial=part or None
            )
        for f in self.keys:
            self.fields[f.id] = _figure_field(f)
            self.fields[f.id].initial = _shown(f, book.text(f.id, part))
        self.fields["day"] = told_on(help_text=_("The day on which this was so."))
        self.fields["source"] = forms.CharField(
            label=_("Source"),
            max_length=120,
            help_text=_("Where it comes from: report of the company, statement of the bank, audit …"),
        )

    def values(self) -> list[Value]:
        """What was typed, as figures; those left as they stood come along and change nothing."""
        d = self.cleaned_data
        part = d.get("part", "")
        part = part.code if isinstance(part, Unit) else part.strip()
        return [Value(f.id, _typed(f, d.get(f.id)), part) for f in self.keys]


def _figure_field(f: Figure) -> forms.Field:
    label = own_name(f)
    if f.type == "money":
        return Wan(label=label, required=False)
    if f.type in ("count", "percent"):
        return forms.IntegerField(
            label=label, required=False, min_value=0, max_value=100 if f.type == "percent" else 100_000
        )
    if f.type == "day":
        return day_field(label, required=False)
    if f.type == "yes":
        return forms.ChoiceField(label=label, required=False, choices=[("", "—"), ("1", _("yes")), ("0", _("no"))])
    if f.type == "bank":
        return forms.ModelChoiceField(label=label, queryset=BANKS, to_field_name="code", required=False)
    return forms.CharField(label=label, required=False, max_length=300)


def _shown(f: Figure, value: str) -> Any:
    if not value:
        return None
    return (
        int(value)
        if f.type in ("money", "count", "percent")
        else date.fromisoformat(value)
        if f.type == "day"
        else value
    )


def _typed(f: Figure, value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, Unit):
        return value.code
    return value.isoformat() if isinstance(value, date) else str(value).strip()


RESULTS = [(rules.PASS, _("met")), (rules.FIX, _("not met, can be put right")), (rules.FAIL, _("not met"))]


class CheckForm(forms.Form):
    """Whether a condition is met, with the evidence."""

    result = forms.ChoiceField(label=_("Finding"), choices=RESULTS, widget=forms.RadioSelect)
    reason = area(_("Reason"), 3, 500, required=False)
    owner = forms.ModelChoiceField(
        label=_("Who puts it right"), queryset=Unit.objects.filter(active=True).exclude(kind=Unit.Kind.BANK), to_field_name="code", required=False,
    )  # fmt: skip
    day = told_on()
    files = ManyFiles(label=_("Evidence"), required=False)  # type: ignore[assignment]

    def __init__(self, *args: Any, condition: Condition, office: bool, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["files"].help_text = condition.proof
        if office:
            told = gettext("It becomes a matter: %(n)s working days. The developer, unless another unit is named.")
            self.fields["owner"].help_text = told % {"n": condition.days}
        else:
            del self.fields["owner"]


class AppetiteForm(forms.Form):
    """What a bank can take on."""

    capacity = Wan(label=_("What it can still lend"))
    most = forms.IntegerField(label=_("How many projects at most"), min_value=0, max_value=1_000, required=False)
    least = Wan(label=_("Smallest loan"), required=False)
    top = Wan(label=_("Largest loan"), required=False)
    share = forms.IntegerField(
        label=_("Of its capacity one group may have, %"), min_value=1, max_value=100, initial=100
    )

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.tags = [t for t in course().treatments.values() if t.id in rules.READY]
        for t in self.tags:
            self.fields[f"like_{t.id}"] = forms.IntegerField(
                label=gettext("Points for: %(name)s") % {"name": own_name(t)},
                min_value=-100,
                max_value=100,
                required=False,
                initial=0,
            )
            self.fields[f"never_{t.id}"] = forms.BooleanField(
                label=gettext("Never: %(name)s") % {"name": own_name(t)}, required=False
            )

    def values(self) -> dict[str, Any]:
        """As the service takes it."""
        d = self.cleaned_data
        return {
            "capacity": d["capacity"], "most": d["most"], "least": d["least"] or 0, "top": d["top"], "share": d["share"],
            "likes": {t.id: d[f"like_{t.id}"] for t in self.tags if d[f"like_{t.id}"]}, "never": [t.id for t in self.tags if d[f"never_{t.id}"]],
        }  # fmt: skip


class ReasonForm(forms.Form):
    """A reason, and nothing else."""

    reason = reason_field()


class StatementForm(forms.Form):
    """A bank statement."""

    file = forms.FileField(label=_("Statement (Excel or CSV)"))


class EditionForm(forms.Form):
    """A condition set written anew: from a day on, one condition a line."""

    valid_from = day_field(_("Holds from"))
    source = forms.CharField(label=_("Source"), max_length=200)
    confirmed = forms.BooleanField(label=_("Checked against the source"), required=False)
    lines = area(
        _("One condition a line: number | name | evidence | working days"), 10, 6_000,
        help_text=_("A star before the number: it is met only with evidence, and unmet nothing is pushed."),
    )  # fmt: skip

    def __init__(self, *args: Any, now: ConditionSet, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.now = now
        self.fields["lines"].initial = "\n".join(
            f"{'*' if c.need or c.blocks else ''}{c.id} | {c.name} | {c.proof} | {c.days}" for c in now.conditions
        )
        self.fields["source"].initial = now.source

    def clean_lines(self) -> list[dict[str, Any]]:
        """The conditions."""
        names = {c.id: c.name_en for c in self.now.conditions}
        found = []
        for n, line in enumerate(self.cleaned_data["lines"].splitlines(), 1):
            if not line.strip():
                continue
            parts = [p.strip() for p in line.replace("｜", "|").split("|")]
            star, id_ = parts[0].startswith("*"), parts[0].lstrip("*").strip()
            if (
                len(parts) != 4
                or not id_.isalnum()
                or len(id_) > 8
                or not parts[1]
                or not parts[3].isascii()
                or not parts[3].isdigit()
            ):
                raise forms.ValidationError(gettext("Line %(n)s: four parts, the last a number of days.") % {"n": n})
            found.append({
                "id": id_, "name": parts[1], "name_en": names.get(id_, parts[1]), "need": star, "blocks": star, "proof": parts[2], "days": min(int(parts[3]), 250),
            })  # fmt: skip
        ids = [f["id"] for f in found]
        if not found or len(set(ids)) < len(ids):
            raise forms.ValidationError(gettext("At least one condition, and no number twice."))
        return found


class SigningForm(forms.Form):
    """A signing ceremony."""

    title = forms.CharField(label=_("Title"), max_length=120, initial="房地产融资“白名单”项目签约仪式")
    chair = forms.CharField(label=_("Chaired by (post)"), max_length=60)
    starts_at = forms.DateTimeField(
        label=_("Begins"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    place = forms.CharField(label=_("Place"), max_length=80)
    reason = forms.CharField(
        label=_("Why it is entered only now"), required=False, max_length=300, help_text=_("Needed only for what happened days ago; a second person then confirms it."),
    )  # fmt: skip
    projects = forms.MultipleChoiceField(label=_("Projects that sign"), widget=forms.CheckboxSelectMultiple)


class ExchangeForm(forms.Form):
    """The sheet of a bank, filled in."""

    file = forms.FileField(label=_("Sheet (Excel or CSV)"))
