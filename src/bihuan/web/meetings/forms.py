"""Forms of meetings."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bihuan.engines.registers.dates import Context, Misread, read_date
from bihuan.instruments.meetings.models import Meeting, Venue
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.orgs.selectors import plain_name, unit_names
from bihuan.kernel.subjects.models import Subject


class MeetingForm(forms.Form):
    """What a meeting needs; the rest builds itself."""

    host = forms.ModelChoiceField(queryset=Unit.objects.none(), label=_("Host"), to_field_name="code")
    kind = forms.ChoiceField(label=_("Kind of meeting"), choices=Meeting.Kind.choices)
    title = forms.CharField(
        label=_("Title"), max_length=100, initial="{year}年第{n}次项目推进会", help_text=_("{year} and {n} are filled: the year, and which meeting of the year it is"),
    )  # fmt: skip
    serial = forms.IntegerField(
        label=_("Number in the year"),
        required=False,
        min_value=1,
        max_value=999,
        help_text=_("left empty, the next one"),
    )
    starts_at = forms.DateTimeField(
        label=_("Begins at"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
    )  # fmt: skip
    chair = forms.CharField(label=_("Chair, as a post"), max_length=60, initial="分管领导")
    place = forms.CharField(label=_("Main venue"), max_length=80)
    branches = forms.CharField(
        label=_("Branch venues, one a line"), required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=2000
    )
    reason = forms.CharField(
        label=_("Why it is entered only now"), required=False, max_length=300, help_text=_("Needed only for what happened days ago; a second person then confirms it."),
    )  # fmt: skip
    usual = forms.BooleanField(
        label=_("Build the agenda and invite the units concerned at once"), required=False, initial=True
    )


class DecisionForm(forms.Form):
    """A decision as it is spoken: unit, task, due."""

    subject = forms.ModelChoiceField(queryset=Subject.objects.none(), label=_("Project"), to_field_name="code")
    lead = forms.CharField(
        label=_("Unit"), max_length=80, widget=forms.TextInput(attrs={"list": "units", "autocomplete": "off"})
    )
    task = forms.CharField(label=_("Task"), max_length=180)
    due = forms.CharField(
        label=_("Due"), max_length=30, help_text=_("5月10日, 本周五, 10个工作日, 2024-05-10"),
        widget=forms.TextInput(attrs={"list": "limits", "autocomplete": "off"}),
    )  # fmt: skip
    supporting = forms.CharField(
        label=_("Supporting units"), max_length=200, required=False, widget=forms.TextInput(attrs={"list": "units"})
    )
    item = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean_lead(self) -> Unit:
        """The unit of a name, a short name included."""
        return _unit(self.cleaned_data["lead"])

    def clean_supporting(self) -> list[Unit]:
        """Several, separated as people separate them."""
        text = self.cleaned_data["supporting"]
        for mark in ",,;;/":
            text = text.replace(mark, "、")
        return [_unit(part) for part in text.split("、") if part.strip()]

    def clean_due(self) -> date:
        """The day that is meant."""
        today = timezone.localdate()
        context = Context(today, today, today.year, calendar_for())
        try:
            found = read_date(self.cleaned_data["due"], context, due=True).value
        except Misread as error:
            raise forms.ValidationError(gettext(str(error))) from None
        if found is None:
            raise forms.ValidationError(gettext("A decision needs a day."))
        return found  # type: ignore[no-any-return]


def _unit(name: str) -> Unit:
    pk = unit_names().get(plain_name(name))
    if pk is None:
        raise forms.ValidationError(gettext("No unit is called “%(name)s”.") % {"name": name.strip()})
    return Unit.objects.get(pk=pk)


class InviteForm(forms.Form):
    """Units to invite."""

    units = forms.ModelMultipleChoiceField(
        queryset=Unit.objects.filter(active=True), label=_("Units"), to_field_name="code"
    )
    venue = forms.ModelChoiceField(queryset=Venue.objects.none(), label=_("Venue"), required=False)

    def __init__(self, *args: Any, meeting: Meeting, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["venue"].queryset = meeting.venues.all()  # type: ignore[attr-defined]


class DoorForm(forms.Form):
    """Who came, at the door."""

    unit = forms.ModelChoiceField(queryset=Unit.objects.none(), label=_("Unit"), to_field_name="code")
    name = forms.CharField(label=_("Your name"), max_length=30)

    def __init__(self, *args: Any, meeting: Meeting, **kw: Any) -> None:
        super().__init__(*args, **kw)
        invited = meeting.invitations.values("unit")
        self.fields["unit"].queryset = Unit.objects.filter(pk__in=invited) | Unit.objects.filter(pk=meeting.host_id)  # type: ignore[attr-defined]
