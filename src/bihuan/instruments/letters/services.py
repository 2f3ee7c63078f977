"""Writing letters: draft a batch, offer, suggest, reword, sign, take the scanned paper, amend, withdraw. Each act is an event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from bihuan.kernel.access.viewer import ACTING, Viewer
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import Limit, local_day
from bihuan.kernel.domain.refusal import N_, Refused, must, need
from bihuan.kernel.domain.state import Event, stamp
from bihuan.kernel.evidence.models import Staged
from bihuan.kernel.files.filing import subject_add
from bihuan.kernel.ledger.services import entry_time, note
from bihuan.kernel.matters.services import promise
from bihuan.kernel.orgs.models import Person, Post, Territory, Unit
from bihuan.kernel.orgs.selectors import posts_on
from bihuan.kernel.subjects.models import Subject

from . import rules
from .catalogue import templates
from .models import Batch, Letter, LetterTask, Signature

State, Side = Letter.State, Signature.Side


def _tell(letter: Letter, type_: str, person: str, unit: str, at: datetime, **data: Any) -> None:
    told = {"title": f"{letter.batch.title}({letter.party_name})", "version": letter.version, **data}
    note(stream=f"letter:{letter.pk}", event=Event(type_, at, person, unit, told), at=at)


def issues(viewer: Viewer, batch: Batch) -> bool:
    """Whether the viewer works for the unit that issues."""
    return batch.issuer.code in viewer.acting


def accepts(viewer: Viewer, letter: Letter) -> bool:
    """Whether the viewer works for the unit that accepts the letter."""
    return letter.party is not None and letter.party.code in viewer.acting


def head_of(letter: Letter) -> dict[str, Any]:
    """What of the head is signed along with the wording."""
    b = letter.batch
    return {
        "title": b.title, "year": b.year, "issuer": b.issuer_name, "party": letter.party_name, "begins": b.begins.isoformat(), "ends": b.ends.isoformat(),
        "copies": b.copies,
    }  # fmt: skip


def signer_of(unit: Unit | None, day: date) -> Person | None:
    """Who signs for a unit: whoever is its head that day."""
    post = (
        posts_on(day).filter(unit=unit, role=Post.Role.HEAD, person__isnull=False).order_by("pk").first()
        if unit
        else None
    )
    return post.person if post else None


WORK = "专项工作"
"""The label of a file that stands for a year's work. Only such a file is found by its name: naming another project opens
nothing of it."""


def work_of(name: str, issuer: Unit, person: str, at: datetime) -> Subject:
    """The file of the year's work, opened when there is none; tasks hang on it."""
    found = Subject.objects.filter(type=Subject.Type.PROJECT, name=name, labels__label=WORK).first()
    place = issuer.territory or Territory.objects.get(parent=None)
    return found or subject_add(
        person=person,
        unit=issuer.code,
        at=at,
        entered_at=entry_time(at),
        type="project",
        name=name,
        territory=place,
        owner=issuer,
        labels=[WORK],
    )


@transaction.atomic
def draft(
    *, viewer: Viewer, template: str, year: int, title: str, issuer: Unit, body: dict[str, Any], begins: date, ends: date, copies: int,
    parties: Sequence[Unit], names: Sequence[str] = (), work: str, issuer_signer: Person | None = None, at: datetime,
) -> Batch:  # fmt: skip
    """Draft the letters of a year to an audience; `names` are parties that are no unit here. Refused in another unit's name, without
    parties, to oneself, to whom has one of that year, and where the validity ends before it begins."""
    must(issuer.code in viewer.acting)
    kind = templates()[template]
    outside = list(dict.fromkeys(n.strip() for n in names if n.strip()))
    if not parties and not outside:
        raise Refused(N_("Name at least one unit that is to sign."), field="parties")
    if any(p.pk == issuer.pk for p in parties):
        raise Refused(N_("Nobody signs a letter with itself."), field="parties")
    if ends < begins:
        raise Refused(N_("It ends before it begins."), field="ends")
    live = Letter.objects.filter(
        batch__issuer=issuer, batch__mechanism=kind.mechanism, batch__audience=kind.audience, batch__year=year
    )
    twice = live.exclude(state=State.WITHDRAWN).filter(party_name__in=[*(p.name for p in parties), *outside]).first()
    if twice is not None:
        raise Refused(
            N_("%(unit)s has a letter of this year already; withdraw or amend that one."),
            field="parties",
            unit=twice.party_name,
        )
    subject = work_of(work, issuer, viewer.person.username, at)
    batch = Batch.objects.create(
        mechanism=kind.mechanism, audience=kind.audience, year=year, title=title, issuer=issuer, issuer_name=issuer.name, subject=subject, body=body,
        begins=begins, ends=ends, copies=copies, person=viewer.person.username, at=at,
    )  # fmt: skip
    note(
        stream=f"letters:{batch.pk}", at=at,
        event=Event("LettersDrafted", at, viewer.person.username, issuer.code, {"title": title, "year": year, "template": template, "subject": subject.code, "n": len(parties) + len(outside)}),
    )  # fmt: skip
    signs = issuer_signer or signer_of(issuer, local_day(at))
    named = [(p.name, p) for p in {p.pk: p for p in parties}.values()] + [(n[:80], None) for n in outside]
    for name, party in named:
        letter = Letter(
            batch=batch,
            party=party,
            party_name=name,
            body=body,
            issuer_signer=signs,
            party_signer=signer_of(party, local_day(at)),
        )
        letter.digest = rules.digest(head_of(letter), body)
        letter.save()
        _tell(letter, "LetterDrafted", viewer.person.username, issuer.code, at, digest=letter.digest)
    return batch


def _locked(letter: Letter, *states: str) -> Letter:
    row: Letter = (
        Letter.objects.select_for_update(of=("self",))
        .select_related("batch__issuer", "batch__subject__territory", "party")
        .get(pk=letter.pk)
    )
    if row.state not in states:
        raise Refused(N_("The letter stands at “%(state)s”: this can no longer be done."), state=State(row.state).label)
    return row


@transaction.atomic
def offer(*, viewer: Viewer, letters: Sequence[Letter], at: datetime) -> int:
    """Send drafts to their parties, who may suggest another wording or have it signed; how many."""
    for letter in letters:
        row = _locked(letter, State.DRAFT)
        must(issues(viewer, row.batch))
        row.state = State.OFFERED
        row.save(update_fields=["state"])
        tell = [row.party.code] if row.party else []
        _tell(row, "LetterOffered", viewer.person.username, row.batch.issuer.code, at, tell=tell, digest=row.digest)
    return len(letters)


@transaction.atomic
def suggest(*, viewer: Viewer, letter: Letter, text: str, body: dict[str, Any], at: datetime) -> None:
    """The party asks for another wording; the issuer takes it over or answers. A later suggestion replaces an earlier one."""
    row = _locked(letter, State.OFFERED)
    must(accepts(viewer, row))
    need(text, "text")
    row.suggestion = {"text": text.strip(), "body": body, "person": viewer.person.username, "at": stamp(at)}
    row.save(update_fields=["suggestion"])
    assert row.party is not None
    _tell(
        row,
        "LetterSuggested",
        viewer.person.username,
        row.party.code,
        at,
        text=text.strip(),
        body=body,
        tell=[row.batch.issuer.code],
    )


@transaction.atomic
def answer(*, viewer: Viewer, letter: Letter, take: bool, text: str, at: datetime) -> None:
    """The issuer takes a suggestion over, or declines it with words."""
    row = _locked(letter, State.OFFERED)
    must(issues(viewer, row.batch))
    if row.suggestion is None:
        raise Refused(N_("No suggestion waits for an answer."))
    if not take and not text.strip():
        raise Refused(N_("Please write it down: this field is empty."), field="text")
    body, row.suggestion = row.suggestion["body"], None
    row.save(update_fields=["suggestion"])
    tell = [row.party.code] if row.party else []
    _tell(
        row,
        "SuggestionAnswered",
        viewer.person.username,
        row.batch.issuer.code,
        at,
        taken=take,
        text=text.strip(),
        tell=tell,
    )
    if take:
        _worded(row, body, viewer, at, "")


def _worded(row: Letter, body: dict[str, Any], viewer: Viewer, at: datetime, reason: str) -> None:
    """Another wording: a new version, for which no signature counts."""
    row.body, row.version = body, row.version + 1
    row.digest = rules.digest(head_of(row), body)
    row.signed_at = None
    row.save()
    tell = [row.party.code] if row.party and row.state != State.DRAFT else []
    _tell(
        row,
        "LetterReworded",
        viewer.person.username,
        row.batch.issuer.code,
        at,
        body=body,
        digest=row.digest,
        reason=reason,
        tell=tell,
    )


@transaction.atomic
def reword(*, viewer: Viewer, letter: Letter, body: dict[str, Any], reason: str, at: datetime) -> None:
    """Change the wording of one letter. A signed one is amended: with a reason, and both sides sign again."""
    row = _locked(letter, State.DRAFT, State.OFFERED, State.SIGNED)
    must(issues(viewer, row.batch))
    if row.state != State.DRAFT and not reason.strip():
        raise Refused(N_("Please write it down: this field is empty."), field="reason")
    if body == row.body:
        return
    if row.state == State.SIGNED:
        row.state = State.OFFERED
    row.suggestion = None
    _worded(row, body, viewer, at, reason.strip())


@transaction.atomic
def name_signer(*, viewer: Viewer, letter: Letter, side: str, person: Person, at: datetime) -> None:
    """Name who signs for a side: somebody with a post in that unit, or for the issuer a leader who oversees it."""
    row = _locked(letter, State.DRAFT, State.OFFERED)
    unit = row.batch.issuer if side == Side.ISSUER else row.party
    must(unit is not None and unit.code in viewer.acting)
    posts = posts_on(local_day(at)).filter(person=person)
    if not posts.filter(unit=unit, role__in=ACTING).exists() and not (
        side == Side.ISSUER and posts.filter(role=Post.Role.LEADER).exists()
    ):
        raise Refused(N_("This person holds no post in the unit."), field="person")
    if side == Side.ISSUER:
        row.issuer_signer = person
    else:
        row.party_signer = person
    row.save(update_fields=["issuer_signer", "party_signer"])
    assert unit is not None
    _tell(row, "SignerNamed", viewer.person.username, unit.code, at, side=side, signer=person.username)


@transaction.atomic
def sign(*, viewer: Viewer, letter: Letter, digest: str, at: datetime) -> Letter:
    """Sign on the screen. Only the named person of a side may, and only the wording that was shown: `digest` is its hash.

    With the second signature the letter holds and its tasks become matters. Signed twice by one side is once.
    """
    row = _locked(letter, State.OFFERED)
    side = (
        Side.ISSUER
        if row.issuer_signer_id == viewer.person.pk
        else Side.PARTY
        if row.party_signer_id == viewer.person.pk
        else None
    )
    if side is None:
        raise Refused(N_("Another person is named to sign this letter."), allowed=False)
    if digest != row.digest:
        raise Refused(N_("The wording was changed meanwhile; read it once more."))
    unit = row.batch.issuer if side == Side.ISSUER else row.party
    assert unit is not None
    mine = Q(unit=unit) | (Q(role=Post.Role.LEADER) if side == Side.ISSUER else Q(pk__in=[]))
    held = posts_on(local_day(at)).filter(mine, person=viewer.person).select_related("unit").first()
    if held is None:
        raise Refused(N_("This person holds no post in the unit."), allowed=False)
    made, fresh = Signature.objects.get_or_create(
        letter=row,
        side=side,
        version=row.version,
        defaults={"person": viewer.person, "post": f"{held.unit.name} {held.title}", "digest": digest, "at": at},
    )
    if fresh:
        _tell(row, "LetterSigned", viewer.person.username, unit.code, at, side=str(side), post=made.post, digest=digest)
        if row.signatures.filter(version=row.version).count() == len(Side.values):
            _hold(row, viewer.person.username, at)
    return row


@transaction.atomic
def scanned(*, viewer: Viewer, letter: Letter, file: Staged, names: str, at: datetime) -> Letter:
    """Take the scanned paper that both sides signed; its hash goes to the ledger and the letter holds. `names` are the posts that
    signed. Refused for other units than the two sides."""
    row = _locked(letter, State.DRAFT, State.OFFERED)
    must(issues(viewer, row.batch) or (accepts(viewer, row) and row.state == State.OFFERED))
    need(names, "names")
    row.scan, row.scan_name = file.file, file.name
    row.save(update_fields=["scan", "scan_name"])
    unit = row.batch.issuer.code if issues(viewer, row.batch) else (row.party.code if row.party else "")
    _tell(
        row,
        "LetterScanned",
        viewer.person.username,
        unit,
        at,
        file=file.file_id,
        name=file.name,
        names=names.strip(),
        digest=row.digest,
    )
    file.delete()
    _hold(row, viewer.person.username, at)
    return row


def _hold(row: Letter, person: str, at: datetime) -> None:
    """Both sides have signed: the letter holds, and each task that is none yet becomes a matter of the party."""
    row.state, row.signed_at, row.suggestion = State.SIGNED, at, None
    row.save(update_fields=["state", "signed_at", "suggestion"])
    made = _tasks(row, at) if row.party else []
    tell = [row.batch.issuer.code, *([row.party.code] if row.party else [])]
    _tell(row, "LetterHolds", person, row.batch.issuer.code, at, digest=row.digest, matters=made, tell=tell)


def _tasks(row: Letter, at: datetime) -> list[int]:
    batch, party, made = row.batch, row.party, []
    assert party is not None
    template = next(t for t in templates().values() if (t.mechanism, t.audience) == (batch.mechanism, batch.audience))
    actor = c.Actor(batch.person, frozenset({batch.issuer.code}))
    have = set(row.tasks.values_list("text", "due"))
    for task in row.body["tasks"]:
        for word in task["due"]:
            due = date.fromisoformat(word)
            if (task["text"], due) in have:
                continue
            late = due <= local_day(at)
            matter = promise(
                actor=actor, at=at, kind_id=template.kind, title=task["text"], description=f"{batch.title} {row.digest[:12]}", subject=batch.subject,
                raiser=batch.issuer, lead=party.code, limit=None if late else Limit("date", until=due),
                reason=f"{batch.title}: {word}" if late else batch.title,
            )  # fmt: skip
            LetterTask.objects.create(letter=row, text=task["text"], due=due, matter=matter)
            made.append(matter.number)
    return made


@transaction.atomic
def withdraw(*, viewer: Viewer, letter: Letter, reason: str, at: datetime) -> None:
    """Take back a letter that is not signed, with a reason."""
    row = _locked(letter, State.DRAFT, State.OFFERED)
    must(issues(viewer, row.batch))
    need(reason, "reason")
    row.state = State.WITHDRAWN
    row.save(update_fields=["state"])
    tell = [row.party.code] if row.party else []
    _tell(row, "LetterWithdrawn", viewer.person.username, row.batch.issuer.code, at, reason=reason.strip(), tell=tell)
