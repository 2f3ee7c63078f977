"""What each command checks beyond the table, and the event it yields."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from . import commands as c
from .clocks import Limit, due, last_day, local_day, start_of
from .kinds import AUTOMATIC, Kind
from .refusal import N_, Refused, need
from .rules import event
from .running import as_data, clock
from .state import AMENDABLE, Event, State, stamp
from .workdays import Workdays


def raised(cmd: c.Raise, kind: Kind) -> Event:
    title = need(cmd.title, "title")
    if len(title) > 200:
        raise Refused(N_("The title has %(n)s characters; at most 200 fit."), field="title", n=len(title))
    if len(cmd.description) > 10_000:
        need(cmd.description, "description")
    data: dict[str, Any] = {
        "kind": kind.id, "edition": kind.edition, "title": title, "description": cmd.description.strip(),
        "subject": cmd.subject, "territory": cmd.territory, "raiser": cmd.raiser, "assigner": cmd.assigner,
    }  # fmt: skip
    if cmd.register is not None:
        data["register"] = cmd.register
    return Event("Raised", cmd.at, cmd.actor.person, cmd.raiser, data)


def _apart(verifier: str, lead: str, supporting: tuple[str, ...]) -> None:
    """The handler can never verify."""
    if not verifier:
        raise Refused(N_("Another unit must verify; name it."), field="verifier")
    if verifier == lead or verifier in supporting:
        raise Refused(N_("The verifying unit must be neither lead nor supporting unit."), field="verifier")


def _assign(s: State, cmd: c.Assign, kind: Kind, cal: Workdays, mine: frozenset[str]) -> list[Event]:
    if "assigner" not in mine and not s.returned:
        raise Refused(N_("Your unit has no part in this step."), allowed=False)
    if not cmd.lead:
        raise Refused(N_("Name the lead unit."), field="lead")
    if cmd.active is not None and cmd.lead not in cmd.active:
        raise Refused(N_("This unit is no longer active."), field="lead")
    supporting = tuple(dict.fromkeys(u for u in cmd.supporting if u != cmd.lead))
    _apart(cmd.verifier, cmd.lead, supporting)
    limit = cmd.limit or kind.limit
    if limit != kind.limit and not cmd.reason.strip():
        raise Refused(N_("A limit other than the kind's needs a reason."), field="reason")
    if limit.until and limit.until < local_day(s.raised_at):
        raise Refused(N_("The due date lies before the matter was raised."), field="limit")
    again = cmd.lead in s.returned
    if again and not cmd.actor.superior:
        raise Refused(N_("This unit returned the matter; only a superior can assign it there again."), field="lead")
    start = {"raised": s.raised_at, "assigned": cmd.at, "accepted": None}[kind.clock_start]
    return [
        event(
            "Assigned", cmd, s, mine, lead=cmd.lead, supporting=list(supporting), verifier=cmd.verifier,
            revisitor=cmd.revisitor, limit=limit.data(), reason=cmd.reason.strip(), final=again,
            start=stamp(start) if start else None,
        )
    ]  # fmt: skip


def _return(s: State, cmd: c.Return, kind: Kind, cal: Workdays, mine: frozenset[str]) -> list[Event]:
    if s.final:
        raise Refused(N_("A superior assigned this; it cannot be returned again."))
    assert s.assigned_at is not None
    end = due(s.assigned_at, Limit("workdays", kind.return_within), cal).moment
    assert end is not None  # a limit in working days ends
    if cmd.at >= end:
        raise Refused(N_("The time for returning it, %(n)s working days, is over."), n=kind.return_within)
    return [event("Returned", cmd, s, mine, reason=need(cmd.reason, "reason"))]


def _accept(s: State, cmd: c.Accept, kind: Kind, cal: Workdays, mine: frozenset[str]) -> list[Event]:
    start = stamp(cmd.at) if s.clock_start is None else None
    return [event("Accepted", cmd, s, mine, start=start)]


def _report(s: State, cmd: c.Report, kind: Kind, cal: Workdays, mine: frozenset[str]) -> list[Event]:
    text = need(cmd.text, "text")
    if cmd.percent is not None and not 0 <= cmd.percent <= 100:
        raise Refused(N_("Progress is between 0 and 100 percent."), field="percent")
    return [event("Progressed", cmd, s, mine, text=text, percent=cmd.percent)]


def _attach(s: State, cmd: c.Attach, kind: Kind, cal: Workdays, mine: frozenset[str]) -> list[Event]:
    if not cmd.files:
        raise Refused(N_("Choose at least one file."), field="files")
    return [event("Attached", cmd, s, mine, files=[dict(f) for f in cmd.files])]


def _pause(s: State, cmd: c.Pause, kind: Kind, cal: Workdays, mine: frozenset[str]) -> list[Event]:
    if s.paused:
        raise Refused(N_("It is paused already."))
    asked = s.pause_asked or {}
    reason, notice = cmd.reason or asked.get("reason", ""), cmd.notice or asked.get("notice", "")
    until = cmd.until or (date.fromisoformat(asked["until"]) if asked else None)
    if reason not in kind.pause_reasons:
        raise Refused(N_("A pause needs one of the reasons that this kind allows."), field="reason")
    if until is None or until <= local_day(cmd.at):
        raise Refused(N_("The planned end must lie ahead."), field="until")
    data = {"reason": reason, "until": until.isoformat(), "notice": notice.strip()}
    consent = "assigner" in mine or not kind.pause_needs_consent
    return [event("Paused" if consent else "PauseAsked", cmd, s, mine, **data)]


def _refuse_pause(s: State, cmd: c.RefusePause, kind: Kind, cal: Workdays, mine: frozenset[str]) -> list[Event]:
    if s.pause_asked is None:
        raise Refused(N_("Nobody asked for a pause."))
    return [event("PauseRefused", cmd, s, mine, reason=need(cmd.reason, "reason"))]


def _resume(s: State, cmd: c.Resume, kind: Kind, cal: Workdays, mine: frozenset[str]) -> list[Event]:
    if s.paused_from is None or s.paused_until is None:
        raise Refused(N_("It is not paused."))
    if cmd.at < s.paused_from:
        raise Refused(N_("The end of a pause cannot lie before its start."), field="at")
    if cmd.actor.clock and cmd.at < start_of(s.paused_until):
        raise Refused(N_("The planned end of the pause has not come."))
    return [event("Resumed", cmd, s, mine)]


def _late(s: State, done: datetime) -> int:
    """Whole calendar days past the due day; 0 in time."""
    day = last_day(s.due)
    if day is None or s.due is None or done < s.due:
        return 0
    return max(1, (local_day(done) - day).days)


def _ask_extension(s: State, cmd: c.AskExtension, kind: Kind, cal: Workdays, mine: frozenset[str]) -> list[Event]:
    if s.limit is None or s.limit.unit == "open":
        raise Refused(N_("There is no due date to extend."))
    if s.extension_asked:
        raise Refused(N_("An extension has been asked for already."))
    _possible(s, cmd.n, kind)
    if s.due and cmd.at >= s.due and not cmd.why_late.strip():
        raise Refused(N_("The due date is past; say why the extension comes late."), field="why_late")
    return [
        event("ExtensionAsked", cmd, s, mine, n=cmd.n, reason=need(cmd.reason, "reason"), why_late=cmd.why_late.strip())
    ]


def _possible(s: State, n: int, kind: Kind) -> None:
    if n < 1:
        raise Refused(N_("An extension is at least 1."), field="n")
    if s.extra + n > kind.max_extension:
        raise Refused(
            N_("At most %(max)s in all can be granted; %(used)s are used."),
            field="n",
            max=kind.max_extension,
            used=s.extra,
        )


def _grant(s: State, cmd: c.GrantExtension, kind: Kind, cal: Workdays, mine: frozenset[str]) -> list[Event]:
    if not s.extension_asked:
        raise Refused(N_("Nobody asked for an extension."))
    n = cmd.n or s.extension_asked
    _possible(s, n, kind)
    return [event("ExtensionGranted", cmd, s, mine, n=n)]


def _refuse(s: State, cmd: c.RefuseExtension, kind: Kind, cal: Workdays, mine: frozenset[str]) -> list[Event]:
    if not s.extension_asked:
        raise Refused(N_("Nobody asked for an extension."))
    return [event("ExtensionRefused", cmd, s, mine, reason=need(cmd.reason, "reason"))]


def _transfer(s: State, cmd: c.Transfer, kind: Kind, cal: Workdays, mine: frozenset[str]) -> list[Event]:
    if "assigner" not in mine and not kind.lead_hands_over:
        raise Refused(N_("Your unit has no part in this step."), allowed=False)
    if not cmd.lead or cmd.lead == s.lead:
        raise Refused(N_("Name another lead unit."), field="lead")
    _apart(s.verifier, cmd.lead, s.supporting)
    if s.paused:
        raise Refused(N_("It is paused; resume it first."))
    start = stamp(cmd.at) if kind.restart_on_transfer else None
    return [
        event("Transferred", cmd, s, mine, lead=cmd.lead, before=s.lead, reason=need(cmd.reason, "reason"), start=start)
    ]


def _regrade(s: State, cmd: c.Regrade, kind: Kind, cal: Workdays, mine: frozenset[str]) -> list[Event]:
    if cmd.kind.family != kind.family or cmd.kind.id == kind.id:
        raise Refused(N_("Choose another kind of the same family."), field="kind")
    limit = s.limit if s.limit is not None and s.limit != kind.limit else cmd.kind.limit
    return [
        event(
            "Regraded", cmd, s, mine, kind=cmd.kind.id, edition=cmd.kind.edition, before=kind.id, limit=limit.data(),
            reason=need(cmd.reason, "reason"),
        )
    ]  # fmt: skip


def _submit(s: State, cmd: c.Submit, kind: Kind, cal: Workdays, mine: frozenset[str]) -> list[Event]:
    if s.paused:
        raise Refused(N_("It is paused; resume it first."))
    mine_now = [e for e in s.evidence if e[2] == s.round and (e[3] == s.lead or e[3] in s.supporting)]
    photos = sum(e[1].startswith("image/") for e in mine_now)
    if cmd.by_register:
        # the register is the ground; the verifier sees that there is no other evidence and decides
        return [event("Submitted", cmd, s, mine, text=cmd.text, waived={}, late=_late(s, cmd.done or cmd.at))]
    if photos < kind.photos:
        raise Refused(N_("This kind asks for %(n)s photo(s) as evidence."), field="files", n=kind.photos)
    if len(mine_now) < kind.files:
        raise Refused(N_("This kind asks for %(n)s file(s) as evidence."), field="files", n=kind.files)
    for unit in s.supporting:
        if unit not in s.answered and not cmd.waived.get(unit, "").strip():
            raise Refused(N_("A supporting unit has not answered; wait for it or say why it need not."), field="waived")
    waived = {u: r.strip() for u, r in cmd.waived.items() if u in s.supporting and r.strip()}
    return [event("Submitted", cmd, s, mine, text=need(cmd.text, "text"), waived=waived, late=_late(s, cmd.at))]


def _verify(s: State, cmd: c.Verify, kind: Kind, cal: Workdays, mine: frozenset[str]) -> list[Event]:
    if cmd.actor.person in s.handlers:
        raise Refused(N_("You handled this matter; somebody else must verify it."), allowed=False)
    _apart(s.verifier, s.lead, s.supporting)
    revisit = local_day(cmd.at) + timedelta(days=kind.revisit_after) if kind.revisits and s.revisitor else None
    findings = need(cmd.findings, "findings")
    return [
        event(
            "Verified", cmd, s, mine, findings=findings, revisit=revisit.isoformat() if revisit else None, late=s.late
        )
    ]


def _send_back(s: State, cmd: c.SendBack, kind: Kind, cal: Workdays, mine: frozenset[str]) -> list[Event]:
    return [event("SentBack", cmd, s, mine, reason=need(cmd.reason, "reason"))]


def _again(type_: str, s: State, cmd: c.Command, kind: Kind, mine: frozenset[str], **data: Any) -> Event:
    limit = kind.limit if kind.limit.unit != "open" else Limit("workdays", 15)
    return event(type_, cmd, s, mine, limit=limit.data(), **data)


def _next_revisit(s: State, kind: Kind) -> str | None:
    """The day of the first further revisit that lies behind the one that was due, ISO."""
    assert s.closed_at is not None
    assert s.revisit_due is not None
    days = (local_day(s.closed_at) + timedelta(days=n) for n in kind.revisit_then)
    return next((d.isoformat() for d in days if d > s.revisit_due), None)


def _revisit(s: State, cmd: c.Revisit, kind: Kind, cal: Workdays, mine: frozenset[str]) -> list[Event]:
    if s.revisit_due is None:
        raise Refused(N_("No revisit is due."))
    answers = need(cmd.answers, "answers")
    if cmd.good:
        return [event("Revisited", cmd, s, mine, answers=answers, good=True, next=_next_revisit(s, kind))]
    return [_again("Reopened", s, cmd, kind, mine, reason=answers, good=False)]


def _reopen(s: State, cmd: c.Reopen, kind: Kind, cal: Workdays, mine: frozenset[str]) -> list[Event]:
    return [_again("Reopened", s, cmd, kind, mine, reason=need(cmd.reason, "reason"))]


def _merge(s: State, cmd: c.Merge, kind: Kind, cal: Workdays, mine: frozenset[str]) -> list[Event]:
    if not cmd.target_open:
        raise Refused(N_("The other matter is no longer open."), field="into")
    if not cmd.same_subject and not cmd.explicit:
        raise Refused(N_("The other matter has another subject; confirm that they are the same thing."), field="into")
    return [event("Merged", cmd, s, mine, into=cmd.into, reason=cmd.reason.strip())]


def _absorb(s: State, cmd: c.Absorb, kind: Kind, cal: Workdays, mine: frozenset[str]) -> list[Event]:
    have = {e[0] for e in s.evidence}
    files = [dict(f) for f in cmd.files if f["sha256"] not in have]
    return [event("Absorbed", cmd, s, mine, source=cmd.source, files=files)]


def _withdraw(s: State, cmd: c.Withdraw, kind: Kind, cal: Workdays, mine: frozenset[str]) -> list[Event]:
    return [event("Withdrawn", cmd, s, mine, reason=need(cmd.reason, "reason"))]


def _escalate(s: State, cmd: c.Escalate, kind: Kind, cal: Workdays, mine: frozenset[str]) -> list[Event]:
    steps = {step.name: step for step in kind.ladder}
    if cmd.step not in steps:
        raise Refused(N_("This kind has no such step."), field="step")
    if cmd.step in s.escalated:
        raise Refused(N_("This step was taken in this round already."), field="step")
    if s.due is None or cmd.at < s.due:
        raise Refused(N_("It is not late."))
    if cmd.actor.clock:
        day = last_day(s.due)
        assert day is not None
        if cmd.step not in AUTOMATIC or cal.count(day, local_day(cmd.at)) < steps[cmd.step].after:
            raise Refused(N_("The time for this step has not come."), field="step")
    basis = cmd.basis.strip() if cmd.step in AUTOMATIC else need(cmd.basis, "basis")
    objection = cmd.step not in AUTOMATIC
    return [event("Escalated", cmd, s, mine, step=cmd.step, basis=basis, owed_by=s.owed_by, objection=objection)]


def _amend(s: State, cmd: c.Amend, kind: Kind, cal: Workdays, mine: frozenset[str]) -> list[Event]:
    changes = dict(cmd.changes)
    if not mine & {"assigner", "raiser"} and set(changes) != {"limit"}:
        # whoever verifies may set the last day that a served notice names, and nothing else (ADR 0008)
        raise Refused(N_("Your unit has no part in this step."), allowed=False)
    if not changes or set(changes) - set(AMENDABLE):
        raise Refused(N_("Nothing to change."))
    supporting = tuple(u for u in changes.get("supporting", s.supporting) if u != s.lead)
    if "supporting" in changes:
        changes["supporting"] = list(supporting)
    if s.lead and ("supporting" in changes or "verifier" in changes):
        _apart(changes.get("verifier", s.verifier), s.lead, supporting)
    if "limit" in changes:
        changes["limit"] = changes["limit"].data()
    if "title" in changes:
        changes["title"] = need(changes["title"], "title")[:200]
    data: dict[str, Any] = {"changes": changes, "reason": need(cmd.reason, "reason")}
    return [event("Amended", cmd, s, mine, **data)]


def _hand_over(s: State, cmd: c.HandOver, kind: Kind, cal: Workdays, mine: frozenset[str]) -> list[Event]:
    if cmd.to == s.officer:
        raise Refused(N_("This officer holds the matter already."), field="to")
    return [event("HandedOver", cmd, s, mine, to=cmd.to, before=s.officer, reason=need(cmd.reason, "reason"))]


def _reclock(s: State, cmd: c.Reclock, kind: Kind, cal: Workdays, mine: frozenset[str]) -> list[Event]:
    if clock(s, kind, cal) == as_data(s):
        return []
    before = as_data(s)
    return [event("Reclocked", cmd, s, mine, notice=cmd.notice, before=before["due"])]


Step = Callable[[State, Any, Kind, Workdays, frozenset[str]], list[Event]]
STEPS: dict[type[c.Command], Step] = {
    c.Assign: _assign, c.Return: _return, c.Accept: _accept, c.Report: _report, c.Attach: _attach, c.Pause: _pause,
    c.RefusePause: _refuse_pause, c.Resume: _resume, c.AskExtension: _ask_extension, c.GrantExtension: _grant,
    c.RefuseExtension: _refuse, c.Transfer: _transfer, c.Regrade: _regrade, c.Submit: _submit, c.Verify: _verify,
    c.SendBack: _send_back, c.Revisit: _revisit, c.Reopen: _reopen, c.Merge: _merge, c.Absorb: _absorb,
    c.Withdraw: _withdraw,
    c.Escalate: _escalate, c.Amend: _amend, c.HandOver: _hand_over,
    c.Reclock: _reclock,
}  # fmt: skip
