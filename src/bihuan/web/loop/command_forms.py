"""One form for each command of the loop: it asks for what the command needs and builds it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import Limit
from bihuan.kernel.matters.catalogue import kinds
from bihuan.kernel.matters.vocabulary import LADDER
from bihuan.kernel.orgs.models import Person, Unit
from bihuan.kernel.orgs.selectors import posts_on

from ..surface.fields import DATE, TEXT, ManyFiles, units
from .assigning import AssignForm
from .command_form import CommandForm, ReasonForm


class ReturnForm(ReasonForm):
    title, button, command = _("Return to the assigner"), _("Return"), c.Return


class AcceptForm(CommandForm):
    title, button = _("Accept"), _("Accept")
    hint = _("You take it on; the clock runs as shown.")

    def build(self, actor: c.Actor, at: datetime) -> c.Command:
        return c.Accept(actor, at)


class ReportForm(CommandForm):
    title, button = _("Report progress"), _("Report")
    text = forms.CharField(label=_("Progress"), widget=TEXT)
    percent = forms.IntegerField(label=_("Percent"), required=False, min_value=0, max_value=100)
    files = ManyFiles(label=_("Photos and files"), required=False)  # type: ignore[assignment]

    def prepare(self) -> None:
        self.fields["percent"].initial = self.state.percent or None

    def build(self, actor: c.Actor, at: datetime) -> c.Command:
        return c.Report(actor, at, self.d["text"], self.d["percent"])


class AttachForm(CommandForm):
    title, button = _("Add evidence"), _("Add")
    files = ManyFiles(label=_("Photos and files"), required=False)  # type: ignore[assignment]

    def build(self, actor: c.Actor, at: datetime) -> c.Command:
        return c.Attach(actor, at, ())


class PauseForm(CommandForm):
    title, button = _("Pause the clock"), _("Pause")
    reason = forms.ChoiceField(label=_("Reason"))
    until = forms.DateField(label=_("Planned end"), widget=DATE)
    notice = forms.CharField(label=_("Number of the notice, if the law wants one"), required=False, max_length=100)

    def prepare(self) -> None:
        self.fields["reason"].choices = [(r, r) for r in self.kind.pause_reasons]  # type: ignore[attr-defined]
        asked = self.state.pause_asked
        if asked:
            self.initial.update(reason=asked["reason"], until=asked["until"], notice=asked["notice"])

    def build(self, actor: c.Actor, at: datetime) -> c.Command:
        return c.Pause(actor, at, self.d["reason"], self.d["until"], self.d["notice"])


class RefusePauseForm(ReasonForm):
    title, button, command = _("Refuse the pause"), _("Refuse"), c.RefusePause


class ResumeForm(CommandForm):
    title, button = _("Resume the clock"), _("Resume")

    def build(self, actor: c.Actor, at: datetime) -> c.Command:
        return c.Resume(actor, at)


class AskExtensionForm(CommandForm):
    title, button = _("Ask for an extension"), _("Ask")
    n = forms.IntegerField(label=_("By how many days (as the clock counts)"), min_value=1)
    reason = forms.CharField(label=_("Reason"), widget=TEXT)
    why_late = forms.CharField(label=_("Why the request comes after the due date"), required=False)

    def build(self, actor: c.Actor, at: datetime) -> c.Command:
        return c.AskExtension(actor, at, self.d["n"], self.d["reason"], self.d["why_late"])


class GrantExtensionForm(CommandForm):
    title, button = _("Grant the extension"), _("Grant")
    n = forms.IntegerField(label=_("By how many days (as the clock counts)"), min_value=1)

    def prepare(self) -> None:
        self.fields["n"].initial = self.state.extension_asked

    def build(self, actor: c.Actor, at: datetime) -> c.Command:
        return c.GrantExtension(actor, at, self.d["n"])


class RefuseExtensionForm(ReasonForm):
    title, button, command = _("Refuse the extension"), _("Refuse"), c.RefuseExtension


class TransferForm(CommandForm):
    title, button = _("Transfer to another lead"), _("Transfer")
    lead = forms.ChoiceField(label=_("Lead unit"))
    reason = forms.CharField(label=_("Reason"), widget=TEXT)

    def prepare(self) -> None:
        self.fields["lead"].choices = units()  # type: ignore[attr-defined]

    def build(self, actor: c.Actor, at: datetime) -> c.Command:
        return c.Transfer(actor, at, self.d["lead"], self.d["reason"])


class RegradeForm(CommandForm):
    title, button = _("Regrade"), _("Regrade")
    other = forms.ChoiceField(label=_("Kind"))
    reason = forms.CharField(label=_("Reason"), widget=TEXT)

    def prepare(self) -> None:
        self.others = {k.id: k for k in kinds() if k.family == self.kind.family and k.id != self.kind.id}
        chinese = (get_language() or "").startswith("zh")
        self.fields["other"].choices = [(i, k.name if chinese else k.name_en) for i, k in self.others.items()]  # type: ignore[attr-defined]

    def build(self, actor: c.Actor, at: datetime) -> c.Command:
        return c.Regrade(actor, at, self.others[self.d["other"]], self.d["reason"])


class SubmitForm(CommandForm):
    title, button = _("Submit for verification"), _("Submit")
    text = forms.CharField(label=_("What you did"), widget=TEXT)
    files = ManyFiles(label=_("Photos and files"), required=False)  # type: ignore[assignment]

    def prepare(self) -> None:
        self.unanswered = [u for u in self.state.supporting if u not in self.state.answered]
        names = dict(Unit.objects.filter(code__in=self.unanswered).values_list("code", "name"))
        for unit in self.unanswered:
            label = _("%(unit)s has not answered; why need it not?") % {"unit": names.get(unit, unit)}
            self.fields[f"waive_{unit}"] = forms.CharField(label=label, required=False)
        if self.kind.photos:
            self.fields["files"].help_text = _("This kind asks for %(n)s photo(s).") % {"n": self.kind.photos}

    def build(self, actor: c.Actor, at: datetime) -> c.Command:
        return c.Submit(actor, at, self.d["text"], {u: self.d[f"waive_{u}"] for u in self.unanswered})


class VerifyForm(CommandForm):
    title, button = _("Verify and close"), _("Verify and close")
    findings = forms.CharField(label=_("Findings"), widget=TEXT)

    def build(self, actor: c.Actor, at: datetime) -> c.Command:
        return c.Verify(actor, at, self.d["findings"])


class SendBackForm(ReasonForm):
    title, button, command = _("Send back"), _("Send back"), c.SendBack


class RevisitForm(CommandForm):
    title, button = _("Record the revisit"), _("Record")
    good = forms.ChoiceField(
        label=_("Result"),
        widget=forms.RadioSelect,
        choices=[("yes", _("good: it stays closed")), ("no", _("bad: it opens again as a new round"))],
    )
    answers = forms.CharField(label=_("Answers"), widget=TEXT)

    def prepare(self) -> None:
        self.fields["answers"].help_text = " · ".join(self.kind.revisit_questions)

    def build(self, actor: c.Actor, at: datetime) -> c.Command:
        return c.Revisit(actor, at, self.d["good"] == "yes", self.d["answers"])


class ReopenForm(ReasonForm):
    title, button, command = _("Reopen"), _("Reopen"), c.Reopen


class MergeForm(CommandForm):
    title, button = _("Merge into another matter"), _("Merge")
    into = forms.IntegerField(label=_("Number of the other matter"), min_value=1)
    explicit = forms.BooleanField(label=_("They are the same thing although the subjects differ"), required=False)
    reason = forms.CharField(label=_("Reason"), required=False)


class WithdrawForm(ReasonForm):
    title, button, command = _("Withdraw"), _("Withdraw"), c.Withdraw


class EscalateForm(CommandForm):
    title, button = _("Escalate"), _("Escalate")
    step = forms.ChoiceField(label=_("Step"))
    basis = forms.CharField(
        label=_("Basis"), widget=TEXT, help_text=_("From the interview up a named person decides; the unit may object.")
    )

    def prepare(self) -> None:
        left = [s.name for s in self.kind.ladder if s.name not in self.state.escalated]
        self.fields["step"].choices = [(s, LADDER[s]) for s in left]  # type: ignore[attr-defined]

    def build(self, actor: c.Actor, at: datetime) -> c.Command:
        return c.Escalate(actor, at, self.d["step"], self.d["basis"])


class AmendForm(CommandForm):
    title, button = _("Correct"), _("Correct")
    name = forms.CharField(label=_("Title"), max_length=200)
    description = forms.CharField(label=_("Description"), widget=TEXT, required=False)
    supporting = forms.MultipleChoiceField(label=_("Supporting units"), required=False)
    until = forms.DateField(label=_("Due date"), required=False, widget=DATE)
    reason = forms.CharField(label=_("Reason"), widget=TEXT)

    def prepare(self) -> None:
        s = self.state
        self.fields["supporting"].choices = units()[1:]  # type: ignore[attr-defined]
        until = s.limit.until if s.limit else None
        self.initial.update(name=s.title, description=s.description, supporting=list(s.supporting), until=until)

    def build(self, actor: c.Actor, at: datetime) -> c.Command:
        # what this person changed is told by what they saw, which others may have changed elsewhere meanwhile
        d, s = self.d, self.seen or self.state
        changes: dict[str, Any] = {}
        if d["name"] != s.title:
            changes["title"] = d["name"]
        if d["description"] != s.description:
            changes["description"] = d["description"]
        if s.lead and tuple(d["supporting"]) != s.supporting and set(d["supporting"]) != set(s.supporting):
            changes["supporting"] = d["supporting"]
        if s.limit and d["until"] and d["until"] != s.limit.until:
            changes["limit"] = Limit("date", until=d["until"])
        return c.Amend(actor, at, changes, d["reason"])


class HandOverForm(CommandForm):
    title, button = _("Hand over to a colleague"), _("Hand over")
    to = forms.ChoiceField(label=_("Colleague"))
    reason = forms.CharField(label=_("Reason"))

    def prepare(self) -> None:
        people = (
            posts_on(self.today)
            .filter(unit__code=self.state.lead)
            .exclude(person=None)
            .values_list("person", flat=True)
        )
        choices = (
            Person.objects.filter(pk__in=people).exclude(username=self.state.officer).values_list("username", "name")
        )
        self.fields["to"].choices = list(choices)  # type: ignore[attr-defined]

    def build(self, actor: c.Actor, at: datetime) -> c.Command:
        return c.HandOver(actor, at, self.d["to"], self.d["reason"])


FORMS: dict[str, type[CommandForm]] = {
    "assign": AssignForm,
    "accept": AcceptForm,
    "return": ReturnForm,
    "submit": SubmitForm,
    "report": ReportForm,
    "verify": VerifyForm,
    "send_back": SendBackForm,
    "revisit": RevisitForm,
    "attach": AttachForm,
    "grant_extension": GrantExtensionForm,
    "refuse_extension": RefuseExtensionForm,
    "ask_extension": AskExtensionForm,
    "pause": PauseForm,
    "refuse_pause": RefusePauseForm,
    "resume": ResumeForm,
    "transfer": TransferForm,
    "hand_over": HandOverForm,
    "amend": AmendForm,
    "regrade": RegradeForm,
    "merge": MergeForm,
    "escalate": EscalateForm,
    "reopen": ReopenForm,
    "withdraw": WithdrawForm,
}
"""In the order in which they are offered."""

PRIMARY = ("assign", "accept", "submit", "verify", "revisit", "grant_extension", "resume", "report")
"""The steps that move a matter on: the first one offered, if it is one of these, is the primary button."""
