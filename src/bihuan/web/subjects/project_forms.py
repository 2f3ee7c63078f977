"""Forms of project files."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from bihuan.instruments.projects.rules import Node, Project, Word
from bihuan.instruments.projects.selectors import words
from bihuan.instruments.projects.words import ELEMENT_STATES, ROLES
from bihuan.kernel.orgs.models import Post, Unit

from ..surface.fields import ManyFiles, Wan, day_field, month_field

RESPONSIBLE = "responsible"


def named(word: Word) -> str:
    """A word of the catalogue in the reader's language."""
    return word.name if (get_language() or "").startswith("zh") else word.name_en


class ProjectForm(forms.Form):
    """Identity, money and the plan of nodes: everything that is entered once."""

    code = forms.CharField(label=_("Project code"), max_length=60, required=False)
    level = forms.ChoiceField(label=_("Level"), required=False)
    industry = forms.ChoiceField(label=_("Industry"), required=False)
    batch = forms.CharField(label=_("Batch"), max_length=30, required=False)
    content = forms.CharField(label=_("What is built"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))  # fmt: skip
    total = Wan(label=_("Total investment"), required=False)
    before = Wan(label=_("Invested before this file began"), required=False)
    since = month_field(_("Reports from month"), required=False)
    year = forms.IntegerField(label=_("Year"), min_value=2000, max_value=2100)
    plan = Wan(label=_("Plan of the year"), required=False)
    statistics = day_field(_("In the statistics since"), required=False)

    def __init__(self, *args: Any, project: Project, year: int, **kw: Any) -> None:
        known = project.identity
        initial = {**known, "year": year, "plan": project.years.get(str(year))}
        for node in project.nodes:
            initial |= {f"{k}_{node.id}": getattr(node, k) for k in ("planned", "forecast", "actual")}
        super().__init__(*args, **{**kw, "initial": initial})
        self.fields["level"].choices = [("", "—"), *((x, x) for x in words().levels)]  # type: ignore[attr-defined]
        self.fields["industry"].choices = [("", "—"), *((x, x) for x in words().industries)]  # type: ignore[attr-defined]
        for word in words().nodes:
            for kind in ("planned", "forecast", "actual"):
                self.fields[f"{kind}_{word.id}"] = day_field(f"{named(word)} · {KINDS[kind]}", required=False)

    def nodes(self) -> list[dict[str, Any]]:
        """The rows of the table of nodes."""
        return [
            {"name": named(w), "cells": [self[f"{k}_{w.id}"] for k in ("planned", "forecast", "actual")]}
            for w in words().nodes
        ]

    def plain(self) -> list[Any]:
        """The fields beside the table."""
        return [f for f in self.visible_fields() if not f.name.startswith(("planned_", "forecast_", "actual_"))]

    def entries(self, project: Project) -> list[tuple[str, str, dict[str, Any] | None]]:
        """What a clean form says, as entries of the file: only what differs becomes an event."""
        d = self.cleaned_data
        identity = {
            k: d[k] or None for k in ("code", "level", "industry", "batch", "content", "total", "before", "since")
        }
        identity["statistics"] = d["statistics"].isoformat() if d["statistics"] else None
        found: list[tuple[str, str, dict[str, Any] | None]] = [("identity", "main", identity)]
        if d["plan"] is not None:
            found.append(("year", str(d["year"]), {"plan": d["plan"]}))
        have = {n.id for n in project.nodes}
        for word in words().nodes:
            days = {k: d[f"{k}_{word.id}"] for k in ("planned", "forecast", "actual")}
            if any(days.values()) or word.id in have:
                found.append(("node", word.id, {k: v.isoformat() if v else None for k, v in days.items()}))
        return found


KINDS = {"planned": _("planned"), "forecast": _("forecast"), "actual": _("actual")}
SHOWN_NODES = 2
"""Nodes that a report asks about: the next ones not reached."""


class ReportForm(forms.Form):
    """A month's report. What stands in the file is carried on and never asked again."""

    actual = Wan(label=_("Invested this month"))
    progress = forms.CharField(label=_("Progress"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    problem = forms.CharField(label=_("Problem, if any"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2}))  # fmt: skip
    ask = forms.BooleanField(label=_("Ask for this problem to be solved: it becomes a matter"), required=False)
    plan = Wan(label=_("Plan of the next month"), required=False)

    def __init__(self, *args: Any, project: Project, month: str, **kw: Any) -> None:
        told, last = project.months.get(month), project.last_month()
        carried = told if told and told.reported else last
        initial: dict[str, Any] = {
            "progress": carried.progress if carried else "",
            "problem": carried.problem if carried else "",
        }
        if told and told.reported:
            initial["actual"] = told.actual
        super().__init__(*args, **{**kw, "initial": initial})
        self.asked: list[Node] = [n for n in project.nodes if n.actual is None][:SHOWN_NODES]
        names = {w.id: named(w) for w in words().nodes}
        for node in self.asked:
            self.fields[f"actual_{node.id}"] = day_field(
                _("%(node)s reached on") % {"node": names[node.id]}, required=False,
                help_text=_("planned %(day)s") % {"day": node.planned or "—"},
            )  # fmt: skip
            self.fields[f"forecast_{node.id}"] = day_field(
                _("%(node)s: forecast") % {"node": names[node.id]},
                required=False,
                initial=node.forecast or node.planned,
            )
        if project.node("start").actual and not project.identity.get("statistics"):
            self.fields["statistics"] = day_field(_("In the statistics since"), required=False)
        self.fields["files"] = ManyFiles(label=_("Progress photos"), required=False)

    def node_entries(self) -> dict[str, dict[str, Any]]:
        """What moved of the nodes."""
        d, found = self.cleaned_data, {}
        for node in self.asked:
            told = {k: d[f"{k}_{node.id}"] for k in ("actual", "forecast")}
            if told["actual"] or (told["forecast"] and told["forecast"] != (node.forecast or node.planned)):
                found[node.id] = {k: v.isoformat() for k, v in told.items() if v}
        return found


class ElementForm(forms.Form):
    """How an element stands."""

    element = forms.ChoiceField(label=_("Element"))
    state = forms.ChoiceField(label=_("State"), choices=list(ELEMENT_STATES.items()))
    note = forms.CharField(label=_("What is needed, how much"), max_length=300, required=False)
    due = day_field(_("Needed by"), required=False)

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["element"].choices = [(w.id, named(w)) for w in words().elements]  # type: ignore[attr-defined]


class PermitForm(forms.Form):
    """A permit."""

    id = forms.ChoiceField(label=_("Permit"))
    number = forms.CharField(label=_("Its number"), max_length=60, required=False)
    granted = day_field(_("Granted on"))
    lapses = day_field(
        _("Lapses on"),
        required=False,
        help_text=_("Left empty, it follows from the kind of permit, where its term is known."),
    )

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["id"].choices = [(w.id, named(w)) for w in words().permits]  # type: ignore[attr-defined]


class VisitForm(forms.Form):
    """A visit."""

    day = day_field(_("Day"))
    text = forms.CharField(
        label=_("What was found and promised"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean_day(self) -> date:
        """Not in the future."""
        found: date = self.cleaned_data["day"]
        if found > timezone.localdate():
            raise forms.ValidationError(gettext("This lies in the future."))
        return found


class PartyForm(forms.Form):
    """A unit that has to do with the project; with a post where one person answers."""

    role = forms.ChoiceField(label=_("Part"), choices=[*ROLES.items(), (RESPONSIBLE, _("Responsible unit"))])
    unit = forms.ModelChoiceField(label=_("Unit"), queryset=Unit.objects.filter(active=True))
    title = forms.CharField(
        label=_("Post"), max_length=40, required=False, help_text=_("the post, not the person: whoever holds it answers")
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """The post must exist in that unit."""

        d = super().clean() or {}
        if d.get("title") and d.get("unit") and not Post.objects.filter(unit=d["unit"], title=d["title"]).exists():
            self.add_error("title", gettext("This unit has no such post."))
        return d


class ExcuseForm(forms.Form):
    """A leader's excuse."""

    reason = forms.CharField(label=_("Reason"), max_length=300)
    until = day_field(_("Until"))
