"""Responsibility letters: who has signed with whom, one letter, a new batch, and every act on a letter."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.adapters.excel import Column
from bihuan.instruments.assessment.metrics import fact_of, metrics
from bihuan.instruments.assessment.reckoning import known
from bihuan.instruments.documents import services as documents
from bihuan.instruments.documents.selectors import papers_visible_to
from bihuan.instruments.letters import papers, rules, services
from bihuan.instruments.letters.catalogue import Template, templates
from bihuan.instruments.letters.models import Letter
from bihuan.instruments.letters.selectors import (
    audience,
    batches_visible_to,
    before,
    letters_visible_to,
    phase,
    to_sign,
    tree,
)
from bihuan.kernel.access.viewer import ACTING, Viewer
from bihuan.kernel.ledger.selectors import stream
from bihuan.kernel.orgs.models import Person, Post, Unit
from bihuan.kernel.orgs.selectors import carriers, posts_on

from ..surface import exports
from ..surface.formpage import form_page, saying
from ..surface.history import history
from ..surface.middleware import acting, viewer
from .letter_forms import BatchForm
from .words import PHASES, figure_name


def year_of(request: HttpRequest) -> int:
    """The year that a page speaks of, this one unless asked otherwise."""
    text = request.GET.get("year", "")
    return int(text) if text.isdigit() and 2000 <= int(text) <= 2100 else timezone.localdate().year


def letter_or_404(request: HttpRequest, pk: int) -> Letter:
    """A letter that the viewer may see."""
    rows = letters_visible_to(viewer(request)).select_related(
        "batch__issuer", "batch__subject", "party", "issuer_signer", "party_signer", "scan"
    )
    return get_object_or_404(rows, pk=pk)


def figures() -> list[tuple[str, str]]:
    """Ids and names of the figures that a target can name."""
    return [(m, figure_name(m)) for m in sorted(metrics())]


def offered_templates(who: Viewer) -> list[Template]:
    """Templates that the viewer's units may issue: the mechanism's office to townships and departments, townships one level down."""
    units = list(Unit.objects.filter(code__in=who.acting))
    found = []
    for t in templates().values():
        office = bool(carriers(f"coordinate.{t.mechanism}") & who.acting)
        if (t.audience != "unit" and office) or (
            t.audience == "unit" and any(u.kind == Unit.Kind.TOWNSHIP for u in units)
        ):
            found.append(t)
    return found


@require_GET
def letters(request: HttpRequest) -> HttpResponseBase:
    """The tree of a year: who has signed with whom, and where it stops."""
    who, year, today = viewer(request), year_of(request), timezone.localdate()
    nodes = [node for m in sorted({t.mechanism for t in templates().values()}) for node in tree(who, m, year)]
    rows = letters_visible_to(who).filter(batch__year=year).exclude(state=Letter.State.WITHDRAWN)
    if exports.asked(request):
        columns = [
            Column(_("Title"), width=40),
            Column(_("Issuing unit"), width=24),
            Column(_("Accepting side"), width=24),
            Column(_("State")),
            Column(_("Signed on"), "day"),
            Column("SHA-256", width=66),
        ]
        data = [
            [x.batch.title, x.batch.issuer.name, x.party_name, str(PHASES[phase(x, today)]), x.signed_at, x.digest]
            for x in rows.select_related("batch__issuer")
        ]
        return exports.exported(request, _("Responsibility letters"), columns, data)
    batches = batches_visible_to(who).filter(year=year).select_related("issuer")
    context = {
        "tab": "letters", "year": year, "nodes": nodes, "all": rows.count(), "signed": rows.filter(state=Letter.State.SIGNED).count(),
        "stops": [n for n in _flat(nodes) if n.ends], "templates": offered_templates(who), "today": today,
        "batches": [{"batch": b, "mine": b.issuer.code in who.acting, "drafts": b.letters.filter(state="draft").count()} for b in batches],
        "to_sign": to_sign(who).select_related("batch"),
    }  # fmt: skip
    return render(request, "responsibility/letters.html", context)


def _flat(nodes: Any) -> list[Any]:
    return [x for n in nodes for x in (n, *_flat(n.below))]


def signers(unit: Unit | None, leaders: bool) -> Any:
    posts = posts_on(timezone.localdate()).filter(person__isnull=False)
    found = posts.filter(unit=unit, role__in=ACTING).values("person")
    rows = Person.objects.filter(pk__in=found)
    return (
        rows | Person.objects.filter(pk__in=posts.filter(role=Post.Role.LEADER).values("person")) if leaders else rows
    )


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, name: str) -> HttpResponse:
    """Draft a batch, prefilled from last year's or from the template."""
    who, year = acting(request), year_of(request)
    template = templates().get(name)
    if template is None or template not in offered_templates(who):
        raise Http404
    units = Unit.objects.filter(code__in=who.acting)
    issuer = units.first()
    assert issuer is not None
    old = before(template.mechanism, template.audience, issuer, year)
    begins, ends = template.days(year)
    body = rules.moved(old.body, year - old.year) if old else template.wording(year)
    group = audience(template)
    had = (
        [x.party for x in old.letters.exclude(state="withdrawn").select_related("party") if x.party]
        if old
        else list(group if template.audience != "unit" else [])
    )
    initial = {
        **rules.lines_of(body), "title": template.title.replace("{year}", str(year)), "issuer": issuer, "begins": begins, "ends": ends, "copies": old.copies if old else template.copies,
        "work": f"{year}年度全区消防工作", "parties": had, "issuer_signer": services.signer_of(issuer, timezone.localdate()),
        "names": "\n".join(old.letters.filter(party=None).values_list("party_name", flat=True)) if old else "",
    }  # fmt: skip
    form = BatchForm(request.POST or None, initial=initial)
    form.fields["issuer"].queryset = units  # type: ignore[attr-defined]
    form.fields["issuer_signer"].queryset = signers(issuer, leaders=True)  # type: ignore[attr-defined]
    form.fields["parties"].queryset = group  # type: ignore[attr-defined]

    def act(d: dict[str, Any]) -> HttpResponse:
        batch = services.draft(
            viewer=who, template=name, year=year, title=d["title"], issuer=d["issuer"], body=form.wording(), begins=d["begins"], ends=d["ends"], copies=d["copies"],
            parties=list(d["parties"]), names=d["names"].splitlines(), work=d["work"], issuer_signer=d["issuer_signer"], at=timezone.now(),
        )  # fmt: skip
        messages.success(
            request,
            _("%(n)s letters are drafted; look at them, then send them to be signed.") % {"n": batch.letters.count()},
        )
        return redirect(f"{reverse('letters')}?year={year}")

    why = (
        _("Prefilled from the letters of %(year)s.") % {"year": old.year}
        if old
        else _("Prefilled from the template; its values are to be checked.")
    )
    return form_page(
        request,
        form,
        act,
        title=f"{_('New letters')} · {template.name}",
        button=_("Draft"),
        back=f"{reverse('letters')}?year={year}",
        template="responsibility/letter_form.html",
        why=why,
        year=year,
        figures=figures(),
    )


@require_POST
def batch(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Send all drafts of a batch to be signed, or write all its letters as Word files."""
    who = acting(request)
    row = get_object_or_404(batches_visible_to(who), pk=pk, issuer__code__in=who.acting)
    now = timezone.now()
    with saying(request):
        if name == "offer":
            n = services.offer(viewer=who, letters=list(row.letters.filter(state="draft")), at=now)
            messages.success(request, _("%(n)s letters were sent to be signed.") % {"n": n})
        elif name == "papers":
            rows = list(row.letters.exclude(state="withdrawn").select_related("batch__issuer", "party"))
            for letter in rows:
                paper(who, letter, now)
            messages.success(request, _("%(n)s papers are being written.") % {"n": len(rows)})
        elif name == "handover":
            title = f"{row.year}年度责任书递交名单"
            told = papers.handover(
                title, row.letters.exclude(state="withdrawn").select_related("batch"), timezone.localdate()
            )
            documents.ask(
                viewer=who,
                at=now,
                unit=row.issuer,
                kind_id="handover",
                title=title,
                context=told,
                about=f"letters:{row.pk}",
            )
            messages.success(request, _("%(n)s papers are being written.") % {"n": 1})
        else:
            raise Http404
    return redirect(f"{reverse('letters')}?year={row.year}")


def paper(who: Viewer, letter: Letter, now: Any) -> None:
    documents.ask(
        viewer=who, at=now, unit=letter.batch.issuer, kind_id="letter", title=f"{letter.batch.title}-{letter.party_name}", context=papers.context(letter),
        about=f"letter:{letter.pk}", readers=[letter.party] if letter.party else [],
    )  # fmt: skip


@require_GET
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """One letter: wording, targets as they stand, tasks, signatures, what to do next."""
    who, row = viewer(request), letter_or_404(request, pk)
    told = stream(f"letter:{pk}")
    facts = known(row.batch.year, [row.party_id]).get(row.party_id, {}) if row.party_id else {}
    targets = []
    for t in row.body["targets"]:
        fact = fact_of(t["metric"], facts) if t["metric"] in metrics() and row.party_id else None
        targets.append({"target": t, "fact": fact, "met": rules.met(t, fact)})
    sides = {s.side: s for s in row.signatures.filter(version=row.version).select_related("person")}
    mine = services.issues(who, row.batch)
    person = who.person.pk
    waits = row.state == Letter.State.OFFERED and (
        (row.issuer_signer_id == person and "issuer" not in sides)
        or (row.party_signer_id == person and "party" not in sides)
    )
    suggested = rules.lines_of(row.suggestion["body"]) if row.suggestion else {}
    changed = [(k, a, suggested[k]) for k, a in rules.lines_of(row.body).items() if suggested and a != suggested[k]]
    context = {
        "tab": "letters", "letter": row, "year": row.batch.year, "targets": targets, "tasks": row.tasks.select_related("matter__territory", "matter__lead"), "sides": sides,
        "mine": mine, "accepts": services.accepts(who, row), "may_sign": waits, "changed": changed, "phase": phase(row, timezone.localdate()),
        "steps": ("draft", "offered", "signed", "running", "midyear", "review", "ended"), "story": history(told.events, told.entered),
        "papers": papers_visible_to(who).filter(about=f"letter:{pk}").exclude(state="dropped"), "below": letters_visible_to(who).filter(batch__issuer=row.party, batch__year=row.batch.year).count() if row.party else 0,
    }  # fmt: skip
    return render(request, "responsibility/letter.html", context)


def acting_or_leader(request: HttpRequest) -> Viewer:
    """Leaders act for no unit, but may be named to sign."""
    who = viewer(request)
    return who if any(s.superior for s in who.scopes) else acting(request)
