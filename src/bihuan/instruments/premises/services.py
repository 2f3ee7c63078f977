"""Writing premises files: facts and the labels they give, tenants, facilities, posts, declarations, tables of rules."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from bihuan.instruments.lateness.services import sensible_day
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.kinds import BadCatalogue
from bihuan.kernel.domain.refusal import N_, Refused, need
from bihuan.kernel.domain.state import Event
from bihuan.kernel.files.filing import Entry, file_entries, subject_change
from bihuan.kernel.ledger.services import note
from bihuan.kernel.matters.services import not_future
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.orgs.selectors import function_unit
from bihuan.kernel.registry.registry import Registry
from bihuan.kernel.subjects.models import Subject

from . import catalogue, rules
from .models import RuleTable
from .selectors import keeps, premises_of, reasons, words

Values = Mapping[str, Any] | None


def in_name_of(viewer: Viewer, subject: Subject) -> str:
    """The unit in whose name the viewer keeps this file. Refused when none of the viewer's does."""
    unit = keeps(viewer, subject, premises_of(subject))
    if not unit:
        raise Refused(N_("Your unit does not keep this premises' file."), allowed=False)
    return unit


def facts_sound(facts: Mapping[str, Any]) -> None:
    """Refused for a fact that cannot be: unknown, negative, beyond reason, hours that are none."""
    known = words()
    for name, value in facts.items():
        if name == "use":
            if value not in known.uses:
                raise Refused(N_("Choose the use."), field="use")
            continue
        word = known.facts.get(name)
        if word is None:
            raise Refused(N_("“%(name)s” is no fact of a premises."), name=name)
        if word.type == "number" and not (isinstance(value, int) and 0 <= value <= 10_000_000):
            raise Refused(N_("A number lies between 0 and 10,000,000."), field=name)
        if word.type == "hours" and value and rules.opening(value) is None:
            raise Refused(N_("Write opening hours as 09:00-22:00."), field=name)


@transaction.atomic
def file(*, viewer: Viewer, subject: Subject, at: datetime, entries: Sequence[tuple[str, str, Values]]) -> int:
    """Write entries (part, key, values) into a premises' file and bring its labels up to what the facts now give; how many
    entries changed something."""
    unit = in_name_of(viewer, subject)
    not_future(at)
    return written(subject=subject, person=viewer.person.username, unit=unit, at=at, entries=entries)


@transaction.atomic
def written(
    *, subject: Subject, person: str, unit: str, at: datetime, entries: Sequence[tuple[str, str, Values]]
) -> int:
    """As `file`, for callers that have checked who writes."""
    for part, _key, values in entries:
        if part == "facts" and values:
            facts_sound({k: v for k, v in values.items() if v is not None})
        for name in ("since", "seen", "left", "out", "vacant"):
            if values and values.get(name):
                sensible_day(date.fromisoformat(values[name]), at=at, field=name)
    real = [Entry(subject, part, key, dict(values) if values is not None else None) for part, key, values in entries]
    changed = file_entries(entries=real, person=person, unit=unit, at=at)
    if any(e.part in ("facts", "declared") for e in changed):
        relabel(Subject.objects.select_related("file", "unit").get(pk=subject.pk), person, unit, at)
    return len(changed)


def relabel(subject: Subject, person: str, unit: str, at: datetime) -> bool:
    """Bring the labels of a premises up to its facts by the tables of the day; labels set by hand stay. Whether it changed."""
    known = {w.name for w in words().labels.values()}
    given = {words().labels[x].name for x in reasons(premises_of(subject), local_day(at))}
    have = set(subject.labels.values_list("label", flat=True))
    return subject_change(
        subject=subject, person=person, unit=unit, at=at, entered_at=at, changes={}, labels=(have - known) | given,
    )  # fmt: skip


def declare(*, viewer: Viewer, subject: Subject, label: str, on: bool, reason: str, at: datetime) -> None:
    """Give a label beyond the table or take it away, with the reason: a key unit is filed on its own application."""
    if label not in words().labels:
        raise Refused(N_("Choose one of those offered."), field="label")
    need(reason, "reason")
    file(viewer=viewer, subject=subject, at=at, entries=[("declared", label, {"on": on, "reason": reason.strip()})])


def tenant_set(
    *, viewer: Viewer, subject: Subject, at: datetime, key: str, name: str, use: str, since: date, floor: str = "", area: int | None = None,
    left: date | None = None,
) -> None:  # fmt: skip
    """A tenant that moved in, changed its business or moved out. A new name or use asks for verification anew."""
    need(name, "name")
    if left and left < since:
        raise Refused(N_("It left before it came."), field="left")
    values = {
        "name": name.strip()[:80], "use": use, "floor": floor.strip()[:20], "area": area, "since": since.isoformat(),
        "left": left.isoformat() if left else None,
    }  # fmt: skip
    file(viewer=viewer, subject=subject, at=at, entries=[("tenant", key, values)])


def tenant_seen(*, viewer: Viewer, subject: Subject, key: str, at: datetime) -> None:
    """A tenant was verified on site."""
    if key not in {t.key for t in premises_of(subject).tenants}:
        raise Refused(N_("There is no such tenant."))
    file(viewer=viewer, subject=subject, at=at, entries=[("tenant", key, {"seen": local_day(at).isoformat()})])


def stream_of_rules(name: str) -> str:
    """The stream of the tables of this name."""
    return f"rules:{name}"


@transaction.atomic
def table_load(*, viewer: Viewer, name: str, title: str, text: str, at: datetime) -> RuleTable:
    """Load a table of rules (TOML) in the name of the fire brigade or the fire office. Refused when it cannot be read; nothing
    shipped is overwritten, the newest edition valid on a day counts."""
    units = viewer.acting & {function_unit("coordinate.fire"), function_unit("fire_inspection")}
    if not units:
        raise Refused(N_("Only the fire brigade and the fire office load tables of rules."), allowed=False)
    try:
        body = tomllib.loads(text)
        check_table(name, body, title)
    except (tomllib.TOMLDecodeError, BadCatalogue) as error:
        raise Refused(N_("The table cannot be read: %(why)s"), field="file", why=str(error)) from None
    row = RuleTable.objects.create(
        name=name,
        title=title,
        body=_plain(body),
        person=viewer.person.username,
        unit=Unit.objects.get(code=min(units)),
        at=at,
    )
    told = {"table": row.pk, "name": name, "title": title, "body": row.body}
    note(stream=stream_of_rules(name), event=Event("RulesLoaded", at, viewer.person.username, min(units), told), at=at)
    return row


checks: Registry[Callable[[Mapping[str, Any], str], None]] = Registry("check of a table of rules")
"""How a table of rules is checked (its body and title; BadCatalogue when it cannot be used), by its name: a mechanism says its own."""


def check_table(name: str, body: Mapping[str, Any], title: str) -> None:
    """BadCatalogue when a table cannot be used."""
    if name == RuleTable.Name.LABELS:
        if not body.get("table"):
            raise BadCatalogue(f"{title}: no table")
        catalogue.tables(body["table"], words(), title)
    elif (check := checks.get(name)) is not None:
        check(body, title)
    else:
        raise BadCatalogue(f"{title}: no such table as {name!r}")


def _plain(value: Any) -> Any:
    """TOML values as JSON holds them: days as ISO text, no floats."""
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    if isinstance(value, float):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value
