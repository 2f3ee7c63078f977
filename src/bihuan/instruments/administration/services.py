"""What administrators do. Each act checks who may, changes rows and leaves an event, in one transaction.

The system administrator keeps the structure (territories, units, functions, people, kinds), the security administrator
says who holds which post and who may sign in, the audit administrator only reads. Nobody changes their own post.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from axes.utils import reset as unlock_axes
from django.db import transaction

from bihuan.kernel.access.viewer import ADMINISTRATORS, Viewer
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.kinds import BadCatalogue, parse
from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.matters import catalogue, finding
from bihuan.kernel.matters.handover import hand_over
from bihuan.kernel.matters.models import KindEdition
from bihuan.kernel.orgs import selectors as orgs
from bihuan.kernel.orgs.models import Function, Person, Post, Territory, Unit
from bihuan.kernel.orgs.services import new_code, territory_add, unit_add

from . import structure
from .structure import record

SYSTEM, SECURITY, AUDIT = Post.Role.SYSTEM, Post.Role.SECURITY, Post.Role.AUDIT


def _by(viewer: Viewer, role: str) -> None:
    if viewer.admin != role:
        raise Refused(N_("This is another administrator's work."), allowed=False)


def _changes(row: Any, values: dict[str, Any]) -> dict[str, Any]:
    """What differs, and set it."""
    changed = {k: v for k, v in values.items() if getattr(row, k) != v}
    for name, value in changed.items():
        setattr(row, name, value)
    return changed


def _told(values: dict[str, Any]) -> dict[str, Any]:
    """Values as an event keeps them."""
    return {k: getattr(v, "code", None) or (v.isoformat() if isinstance(v, date) else v) for k, v in values.items()}


@transaction.atomic
def territory_save(
    *, viewer: Viewer, at: datetime, name: str, level: str, parent: Territory | None, row: Territory | None = None
) -> Territory:  # fmt: skip
    """A new territory below `parent`, or another name for one. Refused without a parent, since the district is one."""
    _by(viewer, SYSTEM)
    if row is None:
        if parent is None:
            raise Refused(N_("Choose the territory that it lies in."), field="parent")
        row = territory_add(code=new_code("t"), name=name, level=level, parent=parent)
        structure.territory_told(territory=row, by=viewer.person.username, at=at)
    elif changed := _changes(row, {"name": name}):
        row.save(update_fields=list(changed))
        record(stream=f"territory:{row.code}", type="TerritoryChanged", by=viewer.person.username, at=at, data=changed)
    return row


@transaction.atomic
def unit_save(
    *, viewer: Viewer, at: datetime, name: str, kind: str, sector: str, territory: Territory | None, active: bool = True,
    functions: tuple[str, ...] = (), row: Unit | None = None,
) -> Unit:  # fmt: skip
    """A new unit, or changes to one. Refused for a name that another has, and for closing one that carries functions.

    A function moves to this unit from the one that carried it.
    """
    _by(viewer, SYSTEM)
    name = name.strip()
    twin = Unit.objects.filter(name=name).first()
    if twin is not None and twin != row:
        raise Refused(N_("Another unit has this name."), field="name")
    values = {"name": name, "kind": kind, "sector": sector, "territory": territory, "active": active}
    if row is None:
        row = unit_add(name=name, kind=kind, sector=sector, territory=territory)
        data, type_ = _told(values), "UnitAdded"
    else:
        renamed = row.name != name
        data, type_ = _told(_changes(row, values)), "UnitChanged"
        row.save()
        if renamed:
            orgs.forget()
            finding.unit_renamed(row)
    moved = [f for f in functions if not Function.objects.filter(name=f, unit=row).exists()]
    for function in moved:
        structure.function_give(name=function, unit=row, by=viewer.person.username, at=at)
    if not active and Function.objects.filter(unit=row).exists():
        raise Refused(N_("This unit carries functions; give them to another first."), field="active")
    orgs.forget()
    if moved:
        data["functions"] = moved
    if data:
        record(stream=f"unit:{row.code}", type=type_, by=viewer.person.username, at=at, data=data)
    return row


@transaction.atomic
def person_add(*, viewer: Viewer, at: datetime, username: str, name: str, email: str = "") -> Person:
    """A person who cannot sign in before the security administrator gives a first password."""
    _by(viewer, SYSTEM)
    if Person.objects.filter(username=username).exists():
        raise Refused(N_("This account name is taken."), field="username")
    person = Person(username=username, name=name, email=email)
    person.set_unusable_password()
    person.save()
    structure.person_told(person=person, by=viewer.person.username, at=at)
    return person


@transaction.atomic
def kind_revise(*, viewer: Viewer, at: datetime, kind: str, valid_from: date, body: dict[str, Any]) -> KindEdition:
    """A new edition of a kind. Matters keep the edition they were raised under.

    Refused for a day before today or one that has an edition, and for a body that is no edition.
    """
    _by(viewer, SYSTEM)
    if valid_from < local_day(at):
        raise Refused(N_("An edition cannot begin in the past."), field="valid_from")
    rows = list(KindEdition.objects.filter(kind=kind).values_list("kind", "valid_from", "body"))
    if any(day == valid_from for _, day, _ in rows):
        raise Refused(N_("An edition begins on this day already."), field="valid_from")
    try:
        parse(catalogue.merged(kind, [*rows, (kind, valid_from, body)]), kind)
    except (BadCatalogue, KeyError) as error:
        raise Refused(N_("This is no edition: %(why)s"), why=str(error)) from None
    edition = KindEdition.objects.create(kind=kind, valid_from=valid_from, body=body)
    catalogue.forget()
    data = {"valid_from": valid_from.isoformat(), "body": body}
    record(stream=f"kind:{kind}", type="KindRevised", by=viewer.person.username, at=at, data=data)
    return edition


def _apart(viewer: Viewer, person: Person | None, role: str, today: date) -> None:
    """Nobody grants to themselves, and an administrator holds that one post and no other."""
    if person is None:
        return
    if person.pk == viewer.person.pk:
        raise Refused(N_("Nobody can give a post to themselves."), field="person")
    held = orgs.posts_on(today).filter(person=person)
    if role in ADMINISTRATORS and held.exists():
        raise Refused(
            N_("%(person)s holds another post; an administrator holds no other."), field="person", person=str(person)
        )
    if held.filter(role__in=ADMINISTRATORS).exists():
        raise Refused(
            N_("%(person)s is an administrator and can hold no other post."), field="person", person=str(person)
        )


@transaction.atomic
def post_grant(
    *, viewer: Viewer, at: datetime, unit: Unit, title: str, role: str, person: Person | None, today: date,
    scope_territory: Territory | None = None, scope_sector: str = "", clearance: bool = False, row: Post | None = None,
) -> Post:  # fmt: skip
    """Open a post, or fill a vacant one; what it may see is said here and nowhere else."""
    _by(viewer, SECURITY)
    _apart(viewer, person, role, today)
    if role in ADMINISTRATORS and (scope_territory or scope_sector or clearance):
        raise Refused(N_("An administrator's post has no scope: it sees no matters."), field="scope_territory")
    values = {
        "unit": unit, "title": title, "role": role, "person": person, "scope_territory": scope_territory,
        "scope_sector": scope_sector, "clearance": clearance,
    }  # fmt: skip
    if row is None:
        row = Post(valid_from=today, **values)
    elif row.person is not None:
        raise Refused(N_("This post is held; end it first."), field="person")
    else:
        _changes(row, values)
    row.save()
    structure.post_told(post=row, by=viewer.person.username, at=at)
    return row


@transaction.atomic
def post_end(
    *, viewer: Viewer, at: datetime, post: Post, last_day: date, reason: str, successor: Person | None = None
) -> int:  # fmt: skip
    """End a post and hand its open matters over; how many moved.

    By the security administrator; or, for an officer's post, by its holder or the head of the unit, who can only name
    somebody of the same unit: nobody passes on more than the post itself.
    """
    today = local_day(at)
    if viewer.admin != SECURITY:
        if not may_end(viewer, post):
            raise Refused(
                N_("Only the holder, the head of the unit or the security administrator ends a post."), allowed=False
            )
        colleague = successor is None or orgs.posts_on(today).filter(unit=post.unit, person=successor).exists()
        if not colleague:
            raise Refused(N_("Choose a colleague of the same unit."), field="successor")
    elif successor is not None:
        _apart(viewer, successor, post.role, today)
    following, moved = hand_over(
        actor=viewer.actor(), post=post, last_day=last_day, at=at, reason=reason, successor=successor
    )
    data = {"last_day": last_day.isoformat(), "reason": reason, "following": following.pk, "moved": moved}
    record(stream=f"post:{post.pk}", type="PostEnded", by=viewer.person.username, at=at, data=data)
    structure.post_told(post=following, by=viewer.person.username, at=at)
    return moved


def may_end(viewer: Viewer, post: Post) -> bool:
    """Whether the viewer may end this post: see `post_end`."""
    if viewer.admin == SECURITY:
        return True
    own = post.person_id == viewer.person.pk
    heads = any(p.role == Post.Role.HEAD and p.unit_id == post.unit_id for p in viewer.posts)
    return post.role == Post.Role.OFFICER and (own or heads)


def account_lock(*, viewer: Viewer, at: datetime, person: Person, locked: bool) -> None:
    """Lock or unlock an account; locking ends every session."""
    with transaction.atomic():
        _by(viewer, SECURITY)
        _other(viewer, person)
        person.is_active = not locked
        person.save(update_fields=["is_active"])
        _end_sessions(person) if locked else unlock_axes(username=person.username)
        type_ = "AccountLocked" if locked else "AccountUnlocked"
        record(stream=f"person:{person.username}", type=type_, by=viewer.person.username, at=at, data={})


@transaction.atomic
def password_reset(*, viewer: Viewer, at: datetime, person: Person) -> str:
    """A first or new password, shown once; every session ends and the lock after failures is lifted."""
    _by(viewer, SECURITY)
    _other(viewer, person)
    password = "-".join(secrets.token_hex(2) for _ in range(4))
    person.set_password(password)
    person.save(update_fields=["password"])
    _end_sessions(person)
    unlock_axes(username=person.username)
    record(stream=f"person:{person.username}", type="PasswordReset", by=viewer.person.username, at=at, data={})
    return password


@transaction.atomic
def factors_reset(*, viewer: Viewer, at: datetime, person: Person) -> int:
    """Take away second factors of somebody who lost the phone; how many."""
    _by(viewer, SECURITY)
    _other(viewer, person)
    gone = int(Authenticator.objects.filter(user=person).delete()[0])
    _end_sessions(person)
    record(stream=f"person:{person.username}", type="FactorsReset", by=viewer.person.username, at=at, data={"n": gone})
    return gone


def _other(viewer: Viewer, person: Person) -> None:
    if person.pk == viewer.person.pk:
        raise Refused(N_("Nobody does this to their own account."))


def _end_sessions(person: Person) -> None:
    for session in UserSession.objects.filter(user=person):
        session.end()
        session.delete()
