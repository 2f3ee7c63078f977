"""Forms of counselling: what a project is, what is supposed, the next step of an approval, sessions, questions, call-backs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bihuan.engines.approvals.applying import worded
from bihuan.engines.approvals.catalogue import Catalogue, Fact, Item
from bihuan.engines.approvals.path import FINISH, START
from bihuan.engines.approvals.situations import BY, MODES
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.registry.words import chinese, own_name
from bihuan.kernel.subjects.models import Subject
from bihuan.mechanisms.counselling import rules
from bihuan.mechanisms.counselling.catalogue import Words
from bihuan.mechanisms.counselling.models import Question, Session

from ..surface.fields import day_field

YES_NO = [("", _("not told")), ("1", _("yes")), ("0", _("no"))]


class FactsForm(forms.Form):
    """A project in a dozen facts, made from the catalogue; what is left open counts by its default, and says so."""

    type = forms.ChoiceField(label=_("Type of project"))
    flags = forms.MultipleChoiceField(label=_("Besides"), required=False, widget=forms.CheckboxSelectMultiple)
    region = forms.MultipleChoiceField(
        label=_("Covered by regional assessments"), required=False, widget=forms.CheckboxSelectMultiple
    )
    works = forms.IntegerField(
        label=_("Working days that the works take"), required=False, min_value=0, max_value=5000,
        help_text=_("without it, acceptance is reckoned as if the works took no time"),
    )  # fmt: skip

    def __init__(self, data: Any, *, catalogue: Catalogue, told: dict[str, Any], works: int | None) -> None:
        self.c = catalogue
        values = told.get("facts", {})
        initial = {
            "type": told.get("type", ""), "flags": told.get("flags", []), "region": told.get("region", []), "works": works,
            **{f.id: _shown(f, values.get(f.id, f.default if f.type == "set" else None)) for f in catalogue.facts.values()},
        }  # fmt: skip
        super().__init__(data, initial=initial)
        for name, known in (("type", catalogue.types), ("flags", catalogue.flags), ("region", catalogue.regions)):
            self.fields[name].choices = [(k, own_name(w)) for k, w in known.items()]  # type: ignore[attr-defined]
        for f in catalogue.facts.values():
            self.fields[f.id] = _fact(f, catalogue)

    def told(self) -> dict[str, Any]:
        """The facts as the file keeps them."""
        d = self.cleaned_data
        values: dict[str, Any] = {}
        for f in self.c.facts.values():
            raw = d.get(f.id)
            if f.type == "flag" and raw:
                values[f.id] = raw == "1"
            elif f.type == "number" and raw is not None:
                values[f.id] = int(raw) if raw == int(raw) else float(raw)
            elif f.type == "choice" and raw:
                values[f.id] = raw
            elif f.type == "set":
                values[f.id] = list(raw or ())
        return {"type": d["type"], "flags": d["flags"], "region": d["region"], "facts": values}


def _shown(f: Fact, value: Any) -> Any:
    if f.type == "flag":
        return "" if value is None else "1" if value else "0"
    return value


def _fact(f: Fact, c: Catalogue) -> forms.Field:
    names = [(i, zh if chinese() else en) for i, zh, en in f.choices]
    label = own_name(f) + (f" ({f.unit})" if f.unit else "")
    default = gettext("left open: %(value)s") % {"value": worded(c, f.id, f.default, english=not chinese())}
    if f.type == "flag":
        return forms.ChoiceField(label=label, choices=YES_NO, required=False, help_text=default)
    if f.type == "number":
        return forms.DecimalField(label=label, required=False, min_value=0, max_value=10**11, help_text=default)
    if f.type == "choice":
        return forms.ChoiceField(label=label, choices=[("", _("not told")), *names], required=False, help_text=default)
    return forms.MultipleChoiceField(label=label, choices=names, required=False, widget=forms.CheckboxSelectMultiple)


GOALS = [(FINISH, _("all done")), (START, _("start of works")), ("C14", _("construction permit"))]
SOURCES = [("promise", _("days promised")), ("law", _("days of the law")), ("history", _("days of the record"))]
assert {s for s, _name in SOURCES} == set(BY)


class WhatIfForm(forms.Form):
    """What is supposed for a moment: nothing is written."""

    goal = forms.ChoiceField(label=_("Towards"), choices=GOALS, required=False)
    by = forms.ChoiceField(label=_("Days by"), choices=SOURCES, required=False)
    mock = forms.MultipleChoiceField(label=_("Review beforehand"), required=False, widget=forms.CheckboxSelectMultiple)
    promise = forms.MultipleChoiceField(
        label=_("Promise, papers follow"), required=False, widget=forms.CheckboxSelectMultiple
    )
    staged = forms.BooleanField(label=_("Permit in stages"), required=False)
    late = forms.ChoiceField(label=_("An item ends later"), required=False)
    until = day_field(_("moved to"), required=False)

    def __init__(self, *args: Any, items: Sequence[Item], later: set[str], **kw: Any) -> None:
        super().__init__(*args, **kw)
        named = [(i.id, f"{i.id} {own_name(i)}") for i in items]
        self.fields["mock"].choices = [n for n, i in zip(named, items, strict=True) if i.mock]  # type: ignore[attr-defined]
        self.fields["promise"].choices = [n for n, i in zip(named, items, strict=True) if i.commit or i.id in later]  # type: ignore[attr-defined]
        self.fields["late"].choices = [("", "—"), *named]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A day that is missed needs its item, and the other way round."""
        d = super().clean() or {}
        if bool(d.get("late")) != bool(d.get("until")):
            self.add_error("until", gettext("Name the item and the day on which it ends."))
        return d

    def modes(self) -> dict[str, str]:
        """The ways supposed, by item."""
        d = self.cleaned_data
        found = dict.fromkeys(d.get("mock", ()), "mock") | dict.fromkeys(d.get("promise", ()), "promise")
        return found | ({"C13": "staged"} if d.get("staged") else {})


class SupposeForm(forms.Form):
    """What is laid down for one item of a project; empty takes it back."""

    ready = day_field(_("Papers ready on"), required=False)
    days = forms.IntegerField(label=_("Own number of working days"), required=False, min_value=0, max_value=5000)
    mode = forms.ChoiceField(label=_("Way taken"), required=False)
    waived = forms.CharField(label=_("Does not apply here, because"), max_length=200, required=False)
    done = day_field(_("Obtained before it was kept here, on"), required=False)

    def __init__(self, *args: Any, item: Item, later: bool, **kw: Any) -> None:
        super().__init__(*args, **kw)
        able = {"mock": item.mock, "promise": item.commit or later, "staged": item.optional}
        words = {
            "mock": _("review beforehand"),
            "promise": _("promise, papers follow"),
            "staged": _("permit in stages"),
        }
        self.fields["mode"].choices = [("", _("ordinary")), *((m, words[m]) for m in MODES if able[m])]  # type: ignore[attr-defined]


class RecordForm(forms.Form):
    """The next step of an approval: the day, and what this step asks for."""

    day = day_field(_("Day"))

    def __init__(
        self, *args: Any, code: int, what: str, words: Words, item: str, mode: Item | None = None, **kw: Any
    ) -> None:
        super().__init__(*args, **kw)
        if mode is not None:
            ways = [("", _("formal"))] + ([("mock", _("reviewed beforehand"))] if mode.mock else [])
            self.fields["mode"] = forms.ChoiceField(label=_("Way taken"), choices=ways, required=False)
            self.fields["code"] = forms.CharField(
                label=_("Case code"), required=False, max_length=60, help_text=_("left empty, ours")
            )
        if code == rules.PAUSED:
            pauses = [(p.id, own_name(p)) for p in words.pauses.values() if not p.items or item in p.items]
            self.fields["reason"] = forms.ChoiceField(label=_("Reason, of the law's list"), choices=pauses)
            self.fields["notice"] = forms.CharField(label=_("Notice to the applicant, number"), max_length=60)
            self.fields["until"] = day_field(_("Planned end"))
        if code == rules.GRANTED_LATER:
            self.fields["until"] = day_field(_("Papers follow by"))
        if what == rules.EXTENDED:
            self.fields["days"] = forms.IntegerField(label=_("Working days more"), min_value=1, max_value=60)
        must = code in rules.NEEDS_OPINION or what == rules.EXTENDED
        self.fields["opinion"] = forms.CharField(
            label=_("What is missing, all of it") if code == rules.GAP else _("Opinion"), required=must, max_length=500,
            widget=forms.Textarea(attrs={"rows": 3}),
        )  # fmt: skip


class SessionForm(forms.Form):
    """The phase, the length of a slot, the projects."""

    phase = forms.ChoiceField(label=_("Phase"), choices=Session.Phase.choices)
    minutes = forms.IntegerField(label=_("Minutes at a table"), min_value=5, max_value=60, initial=10)
    subjects = forms.ModelMultipleChoiceField(
        queryset=Subject.objects.none(), label=_("Projects"), to_field_name="code", widget=forms.CheckboxSelectMultiple
    )


ANSWERS = [c for c in Question.Answer.choices if c[0] != Question.Answer.OPEN]


class QuestionForm(forms.Form):
    """A question, and its answer in the same breath."""

    subject = forms.ModelChoiceField(queryset=Subject.objects.none(), label=_("Project"), to_field_name="code")
    unit = forms.ModelChoiceField(queryset=Unit.objects.none(), label=_("Unit"), to_field_name="code")
    item = forms.ChoiceField(label=_("Approval item"), required=False)
    text = forms.CharField(label=_("Question"), max_length=300)
    kind = forms.ChoiceField(label=_("Answer"), choices=[("", _("later")), *ANSWERS], required=False)
    said = forms.CharField(
        label=_("In words"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    due = day_field(_("Promised by"), required=False)


class AnswerForm(forms.Form):
    """The answer to a question."""

    kind = forms.ChoiceField(label=_("Answer"), choices=ANSWERS)
    said = forms.CharField(
        label=_("In words"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    due = day_field(_("Promised by"), required=False)


class PublishForm(forms.Form):
    """An answer worded for everybody."""

    asked = forms.CharField(label=_("Question"), max_length=300)
    said = forms.CharField(label=_("Answer"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))
    basis = forms.CharField(label=_("Basis"), max_length=200, required=False)


class RevisitForm(forms.Form):
    """A call-back: the questions of the catalogue, whether all is solved, how content the enterprise is."""

    solved = forms.ChoiceField(
        label=_("Everything solved"), choices=[("1", _("yes")), ("0", _("no"))], widget=forms.RadioSelect
    )
    satisfaction = forms.TypedChoiceField(
        label=_("Satisfaction"), coerce=int, choices=[(5, "5"), (4, "4"), (3, "3"), (2, "2"), (1, "1")], help_text=_("5 is best, as the enterprise says")
    )  # fmt: skip
    said = forms.CharField(
        label=_("What is not solved"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    again = forms.ModelMultipleChoiceField(
        queryset=Matter.objects.none(), label=_("Reopen"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, words: Words, matters: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        asked = {
            f"q-{q.id}": forms.CharField(label=own_name(q), max_length=200, required=False) for q in words.questions
        }
        self.fields = {**asked, **self.fields}
        self.fields["again"].queryset = matters  # type: ignore[attr-defined]

    def answers(self) -> dict[str, str]:
        """The answers by question."""
        return {k.removeprefix("q-"): v for k, v in self.cleaned_data.items() if k.startswith("q-") and v}
