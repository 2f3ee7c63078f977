"""Fields that several forms have."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bihuan.engines.registers.dates import Misread
from bihuan.engines.registers.values import read_amount
from bihuan.kernel.domain.money import FEN_OF_WAN, wan
from bihuan.kernel.domain.months import PATTERN
from bihuan.kernel.orgs.models import Unit

TEXT = forms.Textarea(attrs={"rows": 3})
DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class Files(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected = True


class ManyFiles(forms.Field):
    """Files are staged by the view before the form is checked, so a form error costs nobody a photo."""

    widget = Files(attrs={"multiple": True, "accept": "image/*,.pdf,.docx,.xlsx,.doc,.xls,.mp4"})

    def clean(self, value: Any) -> None:
        return None


def day_field(label: Any, **kw: Any) -> forms.DateField:
    """A day from a date picker."""
    return forms.DateField(label=label, widget=DATE, **kw)


def month_field(label: Any, **kw: Any) -> forms.RegexField:
    """A month, as 2024-04."""
    return forms.RegexField(label=label, regex=f"^{PATTERN}$", help_text=_("as 2024-04"), **kw)


class Wan(forms.CharField):
    """An amount as people write it, 3000 (万元), 1.2亿; cleaned to fen, None when empty."""

    def __init__(self, **kw: Any) -> None:
        super().__init__(
            max_length=30, help_text=kw.pop("help_text", _("in 10,000 yuan; 1.2亿 is understood too")), **kw
        )

    def prepare_value(self, value: Any) -> Any:
        """Fen as 万元; what was typed stays as typed."""
        return wan(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        """Fen."""
        text = super().clean(value)
        if not text:
            return None
        try:
            amount = read_amount(text, "万元").value
        except Misread as error:
            raise forms.ValidationError(gettext(str(error))) from None
        return int(Decimal(str(amount)) * FEN_OF_WAN) if amount is not None else None


def area(label: Any, rows: int, limit: int = 5_000, **kw: Any) -> forms.CharField:
    """A text of several lines."""
    return forms.CharField(label=label, max_length=limit, widget=forms.Textarea(attrs={"rows": rows}), **kw)


def units() -> list[tuple[str, Any]]:
    """Active units by kind, for a select."""
    labels = dict(Unit.Kind.choices)
    groups: dict[str, list[tuple[str, str]]] = {}
    for code, name, kind in Unit.objects.filter(active=True).values_list("code", "name", "kind"):
        groups.setdefault(kind, []).append((code, name))
    out: list[tuple[str, Any]] = [("", "—")]
    out += [(str(labels[k]), groups[k]) for k in labels if k in groups]
    return out


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Reason"), max_length=300)
