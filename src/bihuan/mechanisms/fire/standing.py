"""Reckoning how premises stand, one or many at once: the cache behind blind spots, signals and the planner."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from bihuan.instruments.premises.rules import days_since
from bihuan.instruments.premises.selectors import premises_of
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.state import OPEN
from bihuan.kernel.ledger.models import Event as Recorded
from bihuan.kernel.ledger.selectors import happened
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.orgs.models import Territory
from bihuan.kernel.subjects.models import Subject

from . import periods, signals
from .models import Finding, Standing
from .selectors import Last, duty_table, label_ids, last_of, scheme

BATCH = 1_000
WEIGHTS = {
    "high_risk": 5, "explosive": 5, "over_100m": 4, "elderly": 4, "hospital": 4, "children": 4, "key_unit": 3, "sleeping": 3,
    "entertainment": 3, "three_in_one": 3, "crowded": 2, "highrise_public": 2, "highrise_residential": 2,
}  # fmt: skip
"""How much depends on a premises with this label; the highest counts. Ours, for the planner's order only."""
FIELDS = [f.name for f in Standing._meta.concrete_fields if not f.primary_key]


def refresh(pks: Collection[int], now: datetime) -> int:
    """Reckon these premises anew; how many."""
    done = 0
    todo = sorted(pks)
    table, shown = duty_table(), scheme()
    for begin in range(0, len(todo), BATCH):
        batch = todo[begin : begin + BATCH]
        rows = list(
            Subject.objects.filter(pk__in=batch, type=Subject.Type.PREMISES)
            .select_related("file", "territory")
            .prefetch_related("labels")
        )
        last, matters = last_of(batch), _matters(batch, now)
        made = [_standing(s, last.get(s.pk, {}), matters[s.pk], table, shown, now) for s in rows]
        with transaction.atomic():
            Standing.objects.bulk_create(
                made, update_conflicts=True, unique_fields=["subject"], update_fields=FIELDS, batch_size=500
            )
        done += len(made)
    return done


def _standing(
    s: Subject, last: Last, about: dict[str, Any], table: Collection[periods.Duty], shown: signals.Scheme, now: datetime
) -> Standing:
    premises, today = premises_of(s), local_day(now)
    calendar = calendar_for(s.territory.path)
    labels = label_ids([x.label for x in s.labels.all()])
    expected = periods.expected(tuple(table), labels, premises.facts, last, s.created, premises.hours, calendar)
    watch = [e.deadline for e in expected if e.duty.by != "unit"]
    own = [e.deadline for e in expected if e.duty.by == "unit"]
    seen = [at for (what, by, _), at in last.items() if what == "inspection" and by != "unit"]
    night = [at for (what, by, dark), at in last.items() if what == "inspection" and by != "unit" and dark]
    tenant = premises.unseen[0].since if premises.unseen else None
    vacant = min((p.vacant for p in premises.vacant if p.vacant), default=None)
    outage = min((f.out for f in premises.out if f.out), default=None)
    facts = signals.Facts(
        today=today, groups=about["groups"], extensions=about["extensions"], sent_back=about["sent_back"], complaints=about["complaints"],
        overdue=about["overdue"], outages=sum(days_since(f.out, today) > 1 for f in premises.out), tenant_days=days_since(tenant, today),
        post_days=calendar.count(vacant, today) if vacant else 0, crowded="crowded" in labels, patrol_gap=_gap(expected, last, now),
        unseen=any(d <= now for d in watch),
    )  # fmt: skip
    why = signals.points(facts, shown)
    return Standing(
        subject=s, territory=s.territory, placed=s.territory.level != Territory.Level.DISTRICT, sector=bool(premises.parties.get("sector")),
        managed=premises.managed, verified=bool(seen), last_seen=max(seen, default=None), last_night=max(night, default=None),
        sleeping="sleeping" in labels, watch_due=min(watch, default=None), own_due=min(own, default=None), tenant_since=tenant,
        vacant_since=vacant, outage_since=outage, lon=premises.place[0] if premises.place else None,
        lat=premises.place[1] if premises.place else None, points=sum(why.values()), why=why,
        weight=max((WEIGHTS[x] for x in labels if x in WEIGHTS), default=1), reckoned=now,
    )  # fmt: skip


def _gap(expected: Iterable[periods.Expectation], last: Last, now: datetime) -> bool:
    """A place that patrols, by its own records, but not at night though it must."""
    patrols = any(what == "patrol" for what, _by, _night in last)
    return patrols and any(e.duty.what == "patrol" and e.duty.night and e.missing(now) for e in expected)


def _matters(pks: Collection[int], now: datetime) -> dict[int, dict[str, Any]]:
    """By premises what its matters say for the signals."""
    spans = {s.id: timedelta(days=s.within) for s in scheme().signals}
    found: dict[int, dict[str, Any]] = defaultdict(
        lambda: {"groups": [], "extensions": 0, "sent_back": 0, "complaints": 0, "overdue": 0}
    )
    groups = Finding.objects.filter(
        record__subject__in=pks, spot=False, again=False, record__at__gte=now - spans["repeat"]
    )
    for subject, group in groups.values_list("record__subject", "group"):
        found[subject]["groups"].append(group)
    subject_of: dict[int, int] = {}
    rows = Matter.objects.filter(subject__in=pks, mechanism="fire")
    for number, subject, kind, state, due, paused, raised in rows.values_list(
        "number", "subject", "kind", "state", "due_at", "paused", "raised_at"
    ):
        about = found[subject]
        if kind.startswith("complaint"):
            about["complaints"] += raised >= now - spans["complaints"]
            continue
        subject_of[number] = subject
        about["overdue"] += state in OPEN and not paused and due is not None and due <= now
    for begin in range(0, len(subject_of), 500):
        streams = [f"matter:{n}" for n in list(subject_of)[begin : begin + 500]]
        told = Recorded.objects.filter(stream__in=streams, type__in=["ExtensionGranted", "SentBack"]).values_list(
            "stream", "type", "body"
        )
        granted: Counter[int] = Counter()
        for stream, type_, body in told:
            number = int(stream.partition(":")[2])
            if type_ == "ExtensionGranted":
                granted[number] += 1
            elif happened(body).at >= now - spans["sent_back"]:
                found[subject_of[number]]["sent_back"] += 1
        for number, n in granted.items():
            about = found[subject_of[number]]
            about["extensions"] = max(about["extensions"], n)
    return found


STALE = timedelta(days=1)


def follow(*, now: datetime, most: int = 5_000) -> int:
    """Reckon premises that have none, whose standing is a day old, or whose fire matters moved since; how many. The worker does
    this."""
    fresh = Subject.objects.filter(type=Subject.Type.PREMISES, standing=None).values_list("pk", flat=True)[:most]
    old = Standing.objects.filter(reckoned__lt=now - STALE).values_list("pk", flat=True)[:most]
    return refresh({*fresh, *old, *_moved(now)}, now)


def _moved(now: datetime) -> set[int]:
    """Premises of which a fire matter has an event entered after their standing was reckoned."""
    # by number, since the ledger has no index of times; what is older than that waits for the daily look
    top = Recorded.objects.order_by("-id").values_list("id", flat=True).first() or 0
    recent = Recorded.objects.filter(
        id__gt=top - 20_000, stream__startswith="matter:", type__in=["Raised", "Verified", "SentBack", "ExtensionGranted", "Reopened", "Withdrawn", "Merged"],
        entered_at__gte=now - timedelta(minutes=10),
    )  # fmt: skip
    numbers = {int(s.partition(":")[2]): e for s, e in recent.values_list("stream", "entered_at")}
    rows = Matter.objects.filter(Q(pk__in=numbers), mechanism="fire").values_list(
        "pk", "subject", "subject__standing__reckoned"
    )
    return {subject for pk, subject, at in rows if at is None or at < numbers[pk]}
