"""The form of one step of a financing file or push: its day, and what this step wants to know."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bihuan.engines.registers.dates import Misread
from bihuan.engines.registers.values import read_amount
from bihuan.kernel.domain.money import FEN_OF_WAN, wan
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.registry.words import own_name
from bihuan.mechanisms.financing import rules
from bihuan.mechanisms.financing.catalogue import course
from bihuan.mechanisms.financing.selectors import Book

from ..surface.fields import ManyFiles, Wan, area, day_field

BANKS = Unit.objects.filter(kind=Unit.Kind.BANK, active=True)


def told_on(**kw: Any) -> forms.DateField:
    """The day of what is told; today unless said otherwise."""
    return day_field(_("Day"), initial=timezone.localdate, **kw)


class StepForm(forms.Form):
    """One step of a file or of a push: the day, and what this step wants to know."""

    day = told_on()

    def __init__(self, *args: Any, what: str, book: Book, ask: rules.Ask | None = None, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.what, self.ask = what, ask
        for name, field in _wanted(what, book, ask).items():
            self.fields[name] = field

    def data_of(self) -> tuple[int, dict[str, Any]]:
        """Amount in fen, and the data of the step."""
        d = dict(self.cleaned_data)
        d.pop("day")
        d.pop("files", None)
        amount = d.pop("amount", None) or 0
        if "items" in d:
            d["items"] = d["items"].splitlines()
        if "passed" in d:
            d["passed"] = d["passed"] == "yes"
        if "parties" in d:
            d["parties"] = [x.strip() for x in d["parties"].splitlines() if x.strip()]
        if "rows" in d:
            d["rows"] = d["rows"] or []
        if self.what == "duty":
            d = {"kept": {k: d[k] for k in [x.id for x in course().duties]}, "note": d["note"]}
        return amount, d

    def clean_rows(self) -> list[dict[str, Any]]:
        """A plan, one drawing a line: day, amount in 万元, per cent of works."""
        found = []
        for n, line in enumerate(self.cleaned_data["rows"].splitlines(), 1):
            parts = line.replace("，", " ").replace(",", " ").split()
            if not parts:
                continue
            try:
                day, amount, percent = (
                    date.fromisoformat(parts[0]),
                    read_amount(parts[1], "万元").value,
                    int(parts[2].rstrip("%")),
                )
            except (ValueError, IndexError, Misread):
                raise forms.ValidationError(
                    gettext("Line %(n)s: write day, amount and per cent, as 2026-12-28 3000 60.") % {"n": n}
                ) from None
            if amount is None or not 0 <= percent <= 100:
                raise forms.ValidationError(
                    gettext("Line %(n)s: write day, amount and per cent, as 2026-12-28 3000 60.") % {"n": n}
                )
            found.append({"day": day.isoformat(), "amount": int(amount * FEN_OF_WAN), "percent": percent})
        return found


def reason_field(required: bool = True) -> forms.CharField:
    return area(_("Reason"), 3, 500, required=required)


def _passed() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("Result"),
        choices=[("yes", _("passed")), ("no", _("sent back"))],
        widget=forms.RadioSelect,
        initial="yes",
    )


def _wanted(what: str, book: Book, ask: rules.Ask | None) -> dict[str, forms.Field]:
    """The fields of a step beside its day."""
    if what in ("district", "city"):
        return {"passed": _passed(), "reason": reason_field(False)}
    if what == "treated":
        choices = [(t.id, own_name(t)) for t in course().treatments.values()]
        return {
            "treatment": forms.ChoiceField(label=_("How it is treated"), choices=choices),
            "reason": reason_field(False),
        }
    if what in ("out", "back", "refused", "declined", "withdrawn"):
        return {"reason": reason_field()}
    if what == "pushed":
        return {
            "bank": forms.ModelChoiceField(label=_("Bank"), queryset=BANKS, to_field_name="code"),
            "batch": forms.CharField(label=_("Batch"), max_length=40, required=False),
        }
    if what == "problems":
        return {"items": area(_("What stands against it, one a line; each becomes a matter"), 6, 2_000)}
    if what == "credited":
        return {
            "amount": Wan(label=_("Credit"), initial=ask.need if ask else None), "term": forms.IntegerField(label=_("Term in months"), min_value=1, max_value=360, initial=24),
            "rate": forms.DecimalField(label=_("Interest a year, %"), min_value=0, max_value=30, decimal_places=4, required=False),
        }  # fmt: skip
    if what == "signed":
        return {
            "contract": forms.CharField(label=_("Number of the contract"), max_length=60),
            "mode": forms.ChoiceField(label=_("How it is drawn"), choices=[("stages", _("in stages, by progress")), ("whole", _("whole into the account, then paid on request"))]),
            "parties": area(_("Who may be paid from the account, one a line"), 4, 2_000, required=False), "files": ManyFiles(label=_("Contract"), required=False),
        }  # fmt: skip
    return _wanted_later(what, book, ask)


def _wanted_later(what: str, book: Book, ask: rules.Ask | None) -> dict[str, forms.Field]:
    """The fields of steps after the contract."""
    if what == "party":
        return {
            "name": forms.CharField(label=_("Payee"), max_length=80),
            "contract": forms.CharField(label=_("By which contract"), max_length=80),
        }
    if what == "planned":
        lines = "\n".join(f"{d} {wan(a)} {p}" for d, a, p in ask.plan) if ask else ""
        return {"rows": area(_("Day, amount in 万元 and works done in %, one drawing a line"), 6, 4_000, initial=lines)}
    if what == "drawn":
        return {
            "amount": Wan(label=_("Drawn")),
            "account": forms.CharField(label=_("Into the account"), max_length=40, initial=book.text("account")),
        }
    if what == "paid":
        choices = [(p, p) for p in (ask.parties if ask else ())]
        return {
            "amount": Wan(label=_("Paid")), "payee": forms.ChoiceField(label=_("Payee"), choices=choices), "purpose": forms.CharField(label=_("Purpose"), max_length=80),
        }  # fmt: skip
    if what == "duty":
        found: dict[str, forms.Field] = {
            d.id: forms.BooleanField(label=own_name(d), required=False) for d in course().duties
        }
        return {**found, "note": area(_("What was done, and who decided"), 4, 1_000)}
    return {}
