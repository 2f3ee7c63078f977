"""Forms of responsibility letters."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bihuan.instruments.assessment.metrics import metrics
from bihuan.instruments.letters import rules
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.orgs.models import Person, Unit

from ..surface.errors import sentence
from ..surface.fields import ManyFiles, area, day_field


class WordingForm(forms.Form):
    """The wording. Targets and tasks one a line; what the system itself can measure names its figure."""

    basis = area(_("Basis"), 3)
    persons = area(_("Persons responsible"), 2)
    targets = area(_("Targets, one a line"), 8, help_text=_("words | figure | ≥95; words alone are judged by people"))
    tasks = area(
        _("Tasks, one a line"),
        5,
        required=False,
        help_text=_("words | 2026-06-30, 2026-12-20; each day becomes a matter of the unit that signs"),
    )
    assessment = area(_("How it is assessed"), 2)
    reward = area(_("Reward and consequences"), 2)

    def __init__(self, *args: Any, begins: Any = None, ends: Any = None, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.begins, self.ends = begins, ends

    def clean_targets(self) -> list[dict[str, str]]:
        """Each with text, metric, sign, value."""
        try:
            return rules.targets_of(self.cleaned_data["targets"], metrics())
        except Refused as error:
            raise forms.ValidationError(sentence(error)) from None

    def clean(self) -> dict[str, Any]:
        """Tasks are read against the validity."""
        data = super().clean() or {}
        begins, ends = data.get("begins", self.begins), data.get("ends", self.ends)
        if begins and ends and "tasks" in data:
            try:
                data["tasks"] = rules.tasks_of(data["tasks"], begins, ends)
            except Refused as error:
                self.add_error("tasks", sentence(error))
        return data

    def wording(self) -> dict[str, Any]:
        """The wording as letters keep it."""
        return {k: self.cleaned_data[k] for k in (*rules.TEXTS, "targets", "tasks")}


class BatchForm(WordingForm):
    """A batch: head, parties, wording."""

    title = forms.CharField(label=_("Title"), max_length=120)
    issuer = forms.ModelChoiceField(label=_("Issuing unit"), queryset=Unit.objects.none(), to_field_name="code")
    issuer_signer = forms.ModelChoiceField(
        label=_("Who signs for the issuing unit"),
        queryset=Person.objects.none(),
        required=False,
        to_field_name="username",
    )
    begins = day_field(_("Valid from"))
    ends = day_field(_("Valid until"))
    copies = forms.IntegerField(label=_("Copies on paper"), min_value=1, max_value=9)
    work = forms.CharField(label=_("File of the year's work, on which the tasks hang"), max_length=120)
    parties = forms.ModelMultipleChoiceField(
        label=_("Units that are to sign"),
        queryset=Unit.objects.none(),
        required=False,
        to_field_name="code",
        widget=forms.CheckboxSelectMultiple,
    )
    names = area(
        _("Parties that are no unit here, one a line"),
        3,
        required=False,
        help_text=_("villages, communities, shops: they sign on paper, and the scan is brought in"),
    )
    field_order = [
        "title",
        "issuer",
        "issuer_signer",
        "begins",
        "ends",
        "copies",
        "work",
        "basis",
        "persons",
        "targets",
        "tasks",
        "assessment",
        "reward",
        "parties",
        "names",
    ]


class RewordForm(WordingForm):
    """Another wording of one letter, with a reason once it was offered."""

    reason = area(_("Why the wording changes"), 2, 500, required=False)


class SuggestForm(WordingForm):
    """What the accepting side would have otherwise."""

    text = area(_("What you ask for, and why"), 3, 1_000)
    field_order = ["text"]


class ScanForm(forms.Form):
    """The scanned paper."""

    names = forms.CharField(label=_("Who signed, as posts"), max_length=120)
    files = ManyFiles(label=_("The scan (PDF or picture)"), required=False)  # type: ignore[assignment]


class SignerForm(forms.Form):
    """Who signs."""

    person = forms.ModelChoiceField(label=_("Who signs"), queryset=Person.objects.none(), to_field_name="username")
