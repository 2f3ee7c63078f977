"""Campaigns: targets, stock, reports, key points."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.mechanisms.fire import campaigns
from bihuan.mechanisms.fire.models import Campaign

from ..surface.fields import day_field
from ..surface.formpage import form_page
from ..surface.middleware import acting, viewer


class CampaignForm(forms.Form):
    """A campaign. Targets one a line: words | figure | value | until."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    begins = day_field(gettext_lazy("Begins"))
    ends = day_field(gettext_lazy("Ends"))
    stock_day = day_field(gettext_lazy("Stock: major hazards found up to"))
    about = forms.CharField(
        label=gettext_lazy("About"), required=False, max_length=3000, widget=forms.Textarea(attrs={"rows": 2})
    )
    targets = forms.CharField(
        label=gettext_lazy("Targets, one a line"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("words | figure | value | until; figures: major_stock, major_closed, hazards_closed, in_time, covered, trained, drilled"),
    )  # fmt: skip
    points = forms.CharField(
        label=gettext_lazy("Key points of the year"), required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy("free text; two spaces are one step in"), strip=False,
    )  # fmt: skip

    def clean_targets(self) -> list[dict[str, Any]]:
        """Each with name, metric, value, until."""
        found = []
        for n, line in enumerate(self.cleaned_data["targets"].splitlines(), 1):
            if not line.strip():
                continue
            parts = [p.strip() for p in line.split("|")] + ["", "", ""]
            if parts[2] and not parts[2].isdigit():
                raise forms.ValidationError(
                    _("Line %(n)s: “%(text)s” is no whole number.") % {"n": n, "text": parts[2]}
                )
            if parts[1] and parts[1] not in campaigns.METRICS:
                raise forms.ValidationError(
                    _("Line %(n)s: “%(text)s” is no figure that is kept.") % {"n": n, "text": parts[1]}
                )
            found.append(
                {"name": parts[0], "metric": parts[1], "value": int(parts[2]) if parts[2] else None, "until": parts[3]}
            )
        return found


@require_GET
def campaign_list(request: HttpRequest) -> HttpResponse:
    """All campaigns."""
    return render(
        request,
        "fire/campaigns.html",
        {"rows": Campaign.objects.all(), "keeps": campaigns.coordinates(viewer(request))},
    )


@require_GET
def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """One campaign."""
    who, row = viewer(request), get_object_or_404(Campaign, pk=pk)
    today = timezone.localdate()
    context = {
        "campaign": row, "targets": campaigns.targets(who, row, today), "stock": campaigns.turned(campaigns.stock(who, row)).select_related("subject", "territory", "lead", "owed_by")[:50],
        "reports": campaigns.reports_visible_to(who, row), "points": campaigns.outline(row.points), "keeps": campaigns.coordinates(who),
    }  # fmt: skip
    return render(request, "fire/campaign.html", context)


def _first(row: Campaign | None) -> dict[str, Any]:
    if row is None:
        return {}
    lines = [
        f"{t['name']} | {t.get('metric', '')} | {t.get('value') if t.get('value') is not None else ''} | {t.get('until', '')}"
        for t in row.targets
    ]
    return {
        "name": row.name, "begins": row.begins, "ends": row.ends, "stock_day": row.stock_day, "about": row.about, "targets": "\n".join(lines),
        "points": row.points,
    }  # fmt: skip


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Keep a campaign."""
    who = viewer(request)
    row = get_object_or_404(Campaign, pk=pk) if pk else None
    if not campaigns.coordinates(who):
        raise PermissionDenied
    form = CampaignForm(request.POST or None, initial=_first(row))

    def act(d: dict[str, Any]) -> HttpResponse:
        kept = row or Campaign()
        for name, value in d.items():
            setattr(kept, name, value)
        campaigns.save(viewer=who, campaign=kept, at=timezone.now())
        return redirect("campaign", kept.pk)

    return form_page(request, form, act, title=_("Campaign"), button=_("Save"), back="campaigns")


class ReportForm(forms.Form):
    """A period's report: the figures come by themselves."""

    period = forms.CharField(
        label=gettext_lazy("Quarter or half-year"), max_length=7, help_text=gettext_lazy("as 2026Q1 or 2026H1")
    )
    text = forms.CharField(
        label=gettext_lazy("In words"), max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 6})
    )


@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """Report a period."""
    who, row = acting(request), get_object_or_404(Campaign, pk=pk)
    form = ReportForm(request.POST or None)

    def act(d: dict[str, Any]) -> HttpResponse:
        campaigns.report(
            viewer=who, campaign=row, period=d["period"].strip().upper(), text=d["text"], at=timezone.now()
        )
        return redirect("campaign", pk)

    return form_page(
        request,
        form,
        act,
        title=_("Report on %(name)s") % {"name": row.name},
        button=_("Send the report"),
        back=reverse("campaign", args=[pk]),
    )
