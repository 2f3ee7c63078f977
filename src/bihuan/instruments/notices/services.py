"""Writing notices: gather them from the ledger, send what is due, each once."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q

from bihuan.adapters import notify
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.domain.state import State, evolve, moment
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.ledger.selectors import happened, stream
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.orgs.models import Person, Post
from bihuan.kernel.orgs.selectors import posts_on
from bihuan.kernel.registry.events import types

from . import rules
from .models import Channel, Cursor, Delivery, Notice
from .texts import message

log = structlog.get_logger()
BATCH = 400
FIRST = timedelta(days=3)
"""How far back the first look goes."""
HOLES_FOR = timedelta(hours=1)
"""How long an event id that was skipped may still turn up: as long as a transaction may last."""


@transaction.atomic
def gather(*, at: datetime) -> int:
    """Read events that were not read yet and write notices; how many events were read.

    1. one reader at a time (row lock; SQLite has one writer anyway);
    2. ids are given before transactions end, so ids that were skipped are looked for again for an hour;
    3. a notice exists once for an event and a person, however often this runs.
    """
    cursor = Cursor.objects.select_for_update().first()
    if cursor is None:
        recent = Event.objects.filter(entered_at__gte=at - FIRST).order_by("id").values_list("id", flat=True).first()
        top = Event.objects.aggregate(top=Max("id"))["top"] or 0
        cursor = Cursor.objects.create(pk=1, position=recent - 1 if recent else top, since=at - FIRST)
    waiting = {int(i): moment(since) for i, since in cursor.holes if moment(since) > at - HOLES_FOR}
    rows = list(
        Event.objects.filter(Q(id__gt=cursor.position) | Q(id__in=list(waiting))).order_by("id")[: BATCH + len(waiting)]
    )
    read = {row.id for row in rows}
    top = max(read, default=cursor.position)
    skipped = set(range(cursor.position + 1, top)) - read if top - cursor.position < 10 * BATCH else set()
    holes = {**{i: t for i, t in waiting.items() if i not in read}, **dict.fromkeys(sorted(skipped), at)}
    fresh = [row for row in rows if row.entered_at >= cursor.since]
    _notices([row for row in fresh if row.stream.startswith("matter:")], at)
    _beside([row for row in fresh if (kind := types.get(row.type)) and kind.why], at)
    position = max(top, cursor.position)
    Cursor.objects.filter(pk=cursor.pk).update(position=position, holes=[[i, t.isoformat()] for i, t in holes.items()])
    return len(rows)


def _notices(rows: list[Event], at: datetime) -> None:
    if not rows:
        return
    by_stream = _by_stream(rows)
    matters = Matter.objects.select_related("territory").in_bulk([int(s.partition(":")[2]) for s in by_stream])
    people = _People(at)
    made: list[Notice] = []
    for name, wanted in by_stream.items():
        matter = matters.get(int(name.partition(":")[2]))
        if matter is None:
            continue  # a stream without its row: `rebuild --check` names it, and nobody else waits for that
        state: State | None = None
        for seq, event in enumerate(stream(name).events, 1):
            state = evolve(state, event)
            if seq in wanted:
                made += _of_event(name, seq, event, state, matter, people)
    Notice.objects.bulk_create(made, ignore_conflicts=True)
    _outbox(by_stream, at)


def _by_stream(rows: list[Event]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        found[row.stream].append(row.seq)
    return found


def _beside(rows: list[Event], at: datetime) -> None:
    """Notices of what happened beside matters: meetings, papers, objections, lots."""
    if not rows:
        return
    people = _People(at)
    made = []
    for row in rows:
        event = happened(row.body)
        kind = types[row.type]
        told = {p.person_id for code in event.data.get("tell", ()) for p in people.by_unit[code] if p.person_id}
        detail = {k: event.data[k] for k in ("title", "confidential") if event.data.get(k)}
        for person in told - {people.ids.get(event.by, 0)}:
            made.append(
                Notice(
                    stream=row.stream,
                    seq=row.seq,
                    person_id=person,
                    matter=0,
                    type=row.type,
                    why=kind.why,
                    detail=detail,
                    urgent=kind.urgent,
                    at=event.at,
                )
            )
    Notice.objects.bulk_create(made, ignore_conflicts=True)
    _outbox(_by_stream(rows), at)


def _of_event(name: str, seq: int, event: Any, state: State, matter: Matter, people: _People) -> Iterable[Notice]:
    tells = rules.told(event.type, event.data, state)
    late = (local_day(event.at) - local_day(state.due)).days + 1 if state.due else None
    detail = rules.detail(event.type, event.data, late)
    chosen: dict[int, rules.Tell] = {}
    for tell in tells:
        for person in people.of(tell, state, matter, event.type):
            first = chosen.setdefault(person, tell)
            if tell.urgent and not first.urgent:
                chosen[person] = rules.Tell(first.unit, first.why, urgent=True)
    chosen.pop(people.ids.get(event.by, 0), None)
    for person, tell in chosen.items():
        yield Notice(
            stream=name, seq=seq, person_id=person, matter=matter.number, type=event.type, why=tell.why, detail=detail,
            urgent=tell.urgent, at=event.at,
        )  # fmt: skip


class _People:
    """Who holds which post today, read once a batch."""

    def __init__(self, at: datetime) -> None:
        self.ids = dict(Person.objects.filter(is_active=True).values_list("username", "id"))
        held = posts_on(local_day(at)).filter(person__is_active=True).select_related("unit", "scope_territory")
        self.by_unit: dict[str, list[Post]] = defaultdict(list)
        self.leaders: list[Post] = []
        for post in held:
            if post.role in (Post.Role.OFFICER, Post.Role.HEAD):
                self.by_unit[post.unit.code].append(post)
            elif post.role == Post.Role.LEADER:
                self.leaders.append(post)

    def of(self, tell: rules.Tell, state: State, matter: Matter, type_: str) -> Iterable[int]:
        """The people of a unit who are told; the officer who holds the matter and the heads, where one holds it."""
        if tell.why == rules.SUPERIOR:
            return [p.person_id for p in self.leaders if p.person_id and _oversees(p, matter)]
        posts = self.by_unit[tell.unit]
        holder = self.ids.get(state.officer) if tell.unit == state.lead else None
        if holder is not None and any(p.person_id == holder for p in posts):
            heads = [p for p in posts if p.role == Post.Role.HEAD and type_ != "HandedOver"]
            return [holder, *(p.person_id for p in heads if p.person_id)]
        return [p.person_id for p in posts if p.person_id]


def _oversees(post: Post, matter: Matter) -> bool:
    place = post.scope_territory is not None and matter.territory.path.startswith(post.scope_territory.path)
    sector = not post.scope_sector or post.scope_sector == matter.sector
    return place and sector and (post.clearance or not matter.confidential)


def _outbox(by_stream: dict[str, list[int]], at: datetime) -> None:
    """Deliveries for the notices of these events whose people chose a way out of the house."""
    told = Notice.objects.filter(stream__in=by_stream, deliveries=None, person__channel__isnull=False)
    digest = rules.digest_due(at, calendar_for())
    Delivery.objects.bulk_create(
        (
            Delivery(notice=n, channel=n.person.channel, due_at=at if n.urgent else digest)
            for n in told.select_related("person__channel")
            if n.seq in by_stream[n.stream]
        ),
        ignore_conflicts=True,
    )


Send = Callable[..., None]


def send_due(*, at: datetime, send: Send = notify.send) -> int:
    """Send what is due, one message a channel; how many messages left.

    A claim is one conditional update, committed before anything leaves. A worker that dies after it leaves the claim
    standing, and what it claimed is shown as perhaps sent: it is not sent again.
    """
    Delivery.objects.filter(state="sending", claimed_at__lt=at - rules.LOST_AFTER).update(state="unknown")
    due = Delivery.objects.filter(state="waiting", due_at__lte=at)
    sent = 0
    for channel_id in list(due.order_by().values_list("channel", flat=True).distinct()):
        batch = uuid.uuid4().hex
        if due.filter(channel=channel_id).update(state="sending", batch=batch, claimed_at=at):
            sent += _send_batch(batch, at, send)
    return sent


def _send_batch(batch: str, at: datetime, send: Send) -> bool:
    mine = list(Delivery.objects.filter(batch=batch).select_related("notice", "channel__person").order_by("notice_id"))
    channel = mine[0].channel
    notices = [d.notice for d in mine]
    title, text = message(notices, Matter.objects.in_bulk([n.matter for n in notices]), channel.person.language)
    try:
        send(
            kind=channel.kind,
            address=channel.address,
            secret=channel.secret,
            mail_url=settings.MAIL_URL,
            into=settings.NOTIFY_SPOOL,
            title=title,
            text=text,
        )
    except notify.Undelivered as error:
        _put_back(mine, channel, str(error), at)
        return False
    Delivery.objects.filter(batch=batch).update(state="sent", sent_at=at, error="")
    Channel.objects.filter(pk=channel.pk).exclude(broken_since=None).update(broken_since=None, error="")
    return True


def _put_back(mine: list[Delivery], channel: Channel, error: str, at: datetime) -> None:
    for delivery in mine:
        tries = delivery.tries + 1
        dead = tries > len(rules.RETRY_AFTER)
        Delivery.objects.filter(pk=delivery.pk).update(
            state="dead" if dead else "waiting", tries=tries, batch="", claimed_at=None, error=error[:300],
            due_at=at if dead else at + rules.RETRY_AFTER[tries - 1],
        )  # fmt: skip
        if dead:
            Channel.objects.filter(pk=channel.pk, broken_since=None).update(broken_since=at)
    Channel.objects.filter(pk=channel.pk).update(error=error[:300])
    log.warning("notice not delivered", channel=channel.kind, person=channel.person.username, error=error)


@transaction.atomic
def choose(*, person: Person, kind: str, address: str = "", secret: str = "") -> Channel | None:
    """A person's way out of the house, `kind` empty for the page alone. Refused for an address that is none.

    What still waits goes the new way.
    """
    if not kind:
        Channel.objects.filter(person=person).delete()
        return None
    try:
        notify.target(kind, address, secret, settings.MAIL_URL)
    except ValueError:
        message_ = (
            N_("E-mail is not set up here.") if kind == notify.EMAIL else N_("This is no address of such a robot.")
        )
        raise Refused(message_, field="address") from None
    channel, _ = Channel.objects.update_or_create(
        person=person, defaults={"kind": kind, "address": address, "secret": secret, "broken_since": None, "error": ""}
    )
    return channel


def try_again(*, channel: Channel, at: datetime) -> int:
    """Send a broken channel's given-up and perhaps-sent deliveries once more, as somebody decided; how many."""
    Channel.objects.filter(pk=channel.pk).update(broken_since=None)
    again = Delivery.objects.filter(channel=channel, state__in=["dead", "unknown"])
    return again.update(state="waiting", tries=0, due_at=at, batch="", claimed_at=None)


def seen(*, person: Person, at: datetime, notice: int | None = None) -> int:
    """Mark one notice, or all, of a person as seen."""
    mine = Notice.objects.filter(person=person, seen_at=None)
    return (mine if notice is None else mine.filter(pk=notice)).update(seen_at=at)
