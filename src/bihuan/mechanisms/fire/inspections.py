"""Entering what was done at a premises. The same entry sent again is the same record; nothing is kept half."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid5

from django.db import IntegrityError, transaction
from django.utils import timezone

from bihuan.instruments.lateness.services import judge
from bihuan.instruments.premises.rules import Premises
from bihuan.instruments.premises.selectors import premises_of
from bihuan.instruments.premises.services import written
from bihuan.instruments.procedures.services import start
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.domain.state import OPEN, Event, stamp
from bihuan.kernel.evidence.models import Staged
from bihuan.kernel.ledger.selectors import end
from bihuan.kernel.ledger.services import StaleStream, append, entry_time
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.services import act, raise_matter
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.orgs.selectors import function_unit
from bihuan.kernel.subjects.models import Subject

from .entered import GRADES, Entered, Found, check, look_of
from .models import Finding, Record, RecordFile
from .periods import is_night
from .selectors import items
from .standing import refresh

GOVERNMENT = ("bureau", "township", "brigade", "centre")


def by_of(unit: Unit) -> str:
    """Whose duty a record of this unit meets: the brigade's, the township's (any other office's), or the premises' own."""
    if unit.code == function_unit("fire_inspection") or unit.kind == "brigade":
        return "brigade"
    return "township" if unit.kind in GOVERNMENT else "unit"


def unit_for(viewer: Viewer, subject: Subject) -> Unit:
    """The unit in whose name the viewer enters records here. Refused for people who act for none."""
    units: list[Unit] = list(Unit.objects.filter(code__in=viewer.acting).order_by("code"))
    if not units:
        raise Refused(N_("Your unit has no part in this step."), allowed=False)
    own = [u for u in units if subject.unit_id == u.pk]
    return own[0] if own else units[0]


def enter(*, viewer: Viewer, subject: Subject, entered: Entered) -> Record:
    """Enter a record; the caller has checked that the viewer may see the premises.

    1. one that was entered already is returned as it is;
    2. every photo named must have arrived, else Refused and nothing is kept;
    3. record, findings, hazards, tenants verified and the event are written together;
    4. a hazard that is open there under the same item is not raised twice: the finding joins it, and its photos too.
    """
    try:
        with transaction.atomic():
            earlier = Record.objects.filter(client=entered.client).first()
            if earlier is not None:
                return _same(earlier, viewer)
            made = _enter(viewer, subject, entered)
    except (IntegrityError, StaleStream):
        earlier = Record.objects.filter(client=entered.client).first()
        if earlier is None:
            raise
        return _same(earlier, viewer)
    refresh([subject.pk], timezone.now())
    return made


def _same(record: Record, viewer: Viewer) -> Record:
    if record.person != viewer.person.username:
        raise Refused(N_("Somebody else entered this record."), allowed=False)
    return record


def _enter(viewer: Viewer, subject: Subject, e: Entered) -> Record:
    unit = unit_for(viewer, subject)
    check(e, unit)
    entered_at = entry_time(min(e.at, timezone.now()))
    judged = judge(at=e.at, entered=entered_at, reason=e.reason, opened=subject.created)
    at = judged.at
    staged = _photos(viewer, e)
    person = viewer.person.username
    record = Record.objects.create(
        client=e.client, subject=subject, what=e.what, kind=e.kind, by=by_of(unit), unit=unit, person=person, people=list(e.people), at=at,
        night=e.kind == "night" or is_night(at), device_at=e.device_at, entered_at=entered_at, items=dict(e.items), note=e.note.strip(),
        lon=e.place[0] if e.place else None, lat=e.place[1] if e.place else None, look=look_of(e), late=judged.late, late_reason=judged.reason,
    )  # fmt: skip
    findings = [_finding(record, n, f, subject, viewer, staged) for n, f in enumerate(e.findings)]
    RecordFile.objects.bulk_create(
        RecordFile(record=record, file=staged[s].file, name=staged[s].name) for s in e.photos
    )
    known = {t.key for t in _file(subject).tenants} if e.tenants else set()
    seen = [k for k in e.tenants if k in known]
    if not record.late:
        tenants_seen(record, seen)
    data = {
        "record": str(e.client), "what": e.what, "kind": e.kind, "by": record.by, "people": list(e.people), "items": dict(e.items),
        "findings": findings, "note": record.note, "night": record.night, "device": stamp(e.device_at) if e.device_at else None,
        "place": [f"{x:.6f}" for x in e.place] if e.place else None, "files": sorted(staged), "tenants": seen,
        "late": bool(record.late), "reason": record.late_reason,
    }  # fmt: skip
    stream = f"premises:{subject.code}"
    happened = Event("RecordEntered", at, person, unit.code, data)
    append(stream=stream, events=[happened], after=end(stream), entered_at=record.entered_at, token=str(e.client))
    Staged.objects.filter(pk__in=[s.pk for s in staged.values()]).delete()
    return record


def _file(subject: Subject) -> Premises:
    """The file as it stands now, whenever the caller read it."""
    return premises_of(Subject.objects.select_related("file").get(pk=subject.pk))


def tenants_seen(record: Record, keys: Sequence[str]) -> None:
    """Write that these tenants were verified on the record's day, unless one was later; a premises' own people verify none."""
    if not keys or record.by == "unit":
        return
    day = local_day(record.at)
    earlier = {t.key for t in _file(record.subject).tenants if t.seen is None or t.seen < day}
    if entries := [("tenant", k, {"seen": day.isoformat()}) for k in keys if k in earlier]:
        written(subject=record.subject, person=record.person, unit=record.unit.code, at=record.at, entries=entries)


def _photos(viewer: Viewer, e: Entered) -> dict[str, Staged]:
    """The uploads that the record names, by hash. Refused while one has not arrived."""
    named = {*e.photos, *(p for f in e.findings for p in f.photos)}
    rows = Staged.objects.filter(owner=viewer.person, file_id__in=named).select_related("file").order_by("pk")
    found = {s.file_id: s for s in rows}
    if lacking := named - set(found):
        raise Refused(N_("%(n)s photo(s) of this record have not arrived yet."), field="photos", n=len(lacking))
    return found


def _finding(
    record: Record, n: int, f: Found, subject: Subject, viewer: Viewer, staged: Mapping[str, Staged]
) -> dict[str, Any]:
    item = items().items[f.item]
    text = f.text.strip() or item.text
    row = Finding(
        record=record, item=f.item, group=item.group, text=text, place=f.place.strip()[:100], basis=item.basis, measured=f.measured.strip()[:60],
        spot=f.spot,
    )  # fmt: skip
    if not f.spot:
        row.matter, row.again = _hazard(record, n, f, row, subject, viewer)
        files = tuple({"sha256": p, "name": staged[p].name, "type": staged[p].file.media_type} for p in f.photos)
        if files and not row.again:
            act(number=row.matter.pk, command=c.Attach(_actor(record), record.at, files))
    row.save()
    RecordFile.objects.bulk_create(
        RecordFile(record=record, finding=row, file=staged[p].file, name=staged[p].name) for p in f.photos
    )
    return {
        "item": f.item, "text": text, "place": row.place, "measured": row.measured, "spot": f.spot, "grade": "" if f.spot else f.grade,
        "matter": row.matter_id, "again": row.again, "files": list(f.photos),
    }  # fmt: skip


def _actor(record: Record) -> c.Actor:
    return c.Actor(record.person, frozenset({record.unit.code}))


def _hazard(record: Record, n: int, f: Found, row: Finding, subject: Subject, viewer: Viewer) -> tuple[Matter, bool]:
    """The hazard matter of a finding, and whether it was open already."""
    known = Finding.objects.filter(
        record__subject=subject, item=f.item, place=row.place, matter__state__in=OPEN
    ).select_related("matter")
    earlier = known.order_by("id").first()
    if earlier is not None and earlier.matter is not None:
        return earlier.matter, True
    where = f"({row.place})" if row.place else ""
    matter = raise_matter(
        actor=_actor(record), at=record.at, kind_id=GRADES[f.grade], title=f"{row.text}{where}"[:200],
        description="\n".join(x for x in (row.text, row.place, row.measured, row.basis) if x), subject=subject, raiser=record.unit,
        token=str(uuid5(record.client, f"finding:{n}")),
    )  # fmt: skip
    if f.grade == "major":
        start(person=record.person, unit=record.unit.code, matter=matter, procedure="major", at=record.at)
    elif record.by == "brigade":
        start(person=record.person, unit=record.unit.code, matter=matter, procedure="timed", at=record.at)
    return matter, False
