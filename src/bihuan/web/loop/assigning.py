"""The form of an assignment: who leads, who helps, who checks, by when."""

from __future__ import annotations

from datetime import datetime

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import Limit, local_day
from bihuan.kernel.matters.services import assignment
from bihuan.kernel.orgs.models import Unit
from bihuan.mechanisms.promotion.catalogue import Preset, presets

from ..surface.fields import DATE, units
from .command_form import CommandForm


class AssignForm(CommandForm):
    title, button = _("Assign"), _("Assign")
    rules: dict[str, Preset] = {}
    lead = forms.ChoiceField(label=_("Lead unit"))
    supporting = forms.MultipleChoiceField(label=_("Supporting units"), required=False)
    verifier = forms.ChoiceField(
        label=_("Verifying unit"),
        required=False,
        help_text=_("Left blank, the kind decides: another unit than the lead."),
    )
    rule = forms.ChoiceField(
        label=_("Time limit by a published rule"), required=False, help_text=_("A date below goes before it.")
    )
    until = forms.DateField(
        label=_("Due date"), required=False, widget=DATE, help_text=_("Left blank, the limit of the kind runs.")
    )
    reason = forms.CharField(label=_("Reason for another due date"), required=False)

    def prepare(self) -> None:
        choices = units()
        self.fields["lead"].choices = choices  # type: ignore[attr-defined]
        self.fields["supporting"].choices = choices[1:]  # type: ignore[attr-defined]
        self.fields["verifier"].choices = choices  # type: ignore[attr-defined]
        if self.kind.mechanism == "promotion":
            self.rules = {p.id: p for p in presets()}
            chinese = (get_language() or "").startswith("zh")
            named = [(p.id, p.name if chinese else p.name_en) for p in presets()]
            self.fields["rule"].choices = [("", "—"), *named]  # type: ignore[attr-defined]
        else:
            del self.fields["rule"]

    def build(self, actor: c.Actor, at: datetime) -> c.Command:
        d = self.d
        parties = assignment(self.kind, self.state, d["lead"])
        limit, reason = (Limit("date", until=d["until"]) if d["until"] else None), d["reason"]
        rule = self.rules.get(d.get("rule", "")) if limit is None else None
        if rule is not None:
            limit = rule.limit(local_day(at))
            reason = reason or f"{rule.name}({rule.source})"
        active = frozenset(Unit.objects.filter(active=True).values_list("code", flat=True))
        return c.Assign(
            actor, at, d["lead"], tuple(d["supporting"]), d["verifier"] or parties["verifier"], parties["revisitor"],
            limit, reason, active,
        )  # fmt: skip
