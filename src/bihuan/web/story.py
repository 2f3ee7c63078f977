"""Events as people read them: who did what, in whose name, when, and with which words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.instruments.notices.texts import STEPS
from bihuan.kernel.domain.clocks import Limit, last_day
from bihuan.kernel.domain.money import spoken
from bihuan.kernel.domain.state import Event, moment
from bihuan.kernel.orgs.models import Person, Unit
from bihuan.kernel.registry.words import day
from bihuan.mechanisms.promotion.words import word_name

from .templatetags.fire import ROLES, facility_name, fact_name, label_word, use_name
from .templatetags.pieces import kind_name

VERBS = {
    "Raised": gettext_lazy("raised"),
    "Assigned": gettext_lazy("assigned"),
    "Returned": gettext_lazy("returned"),
    "Accepted": gettext_lazy("accepted"),
    "Progressed": gettext_lazy("reported progress"),
    "Attached": gettext_lazy("added evidence"),
    "Absorbed": gettext_lazy("took over a duplicate"),
    "PauseAsked": gettext_lazy("asked for a pause"),
    "PauseRefused": gettext_lazy("refused the pause"),
    "Paused": gettext_lazy("paused the clock"),
    "Resumed": gettext_lazy("resumed the clock"),
    "ExtensionAsked": gettext_lazy("asked for an extension"),
    "ExtensionGranted": gettext_lazy("granted the extension"),
    "ExtensionRefused": gettext_lazy("refused the extension"),
    "Transferred": gettext_lazy("transferred it"),
    "Regraded": gettext_lazy("regraded it"),
    "Submitted": gettext_lazy("submitted it for verification"),
    "Verified": gettext_lazy("verified and closed it"),
    "SentBack": gettext_lazy("sent it back"),
    "Revisited": gettext_lazy("revisited: good"),
    "Reopened": gettext_lazy("reopened it"),
    "Merged": gettext_lazy("merged it"),
    "Withdrawn": gettext_lazy("withdrew it"),
    "Escalated": gettext_lazy("escalated"),
    "Amended": gettext_lazy("corrected it"),
    "HandedOver": gettext_lazy("handed it over"),
    "Reclocked": gettext_lazy("recomputed the due date"),
    "SubjectRegistered": gettext_lazy("opened the file"),
    "SubjectChanged": gettext_lazy("changed the file"),
    "RegisterImported": gettext_lazy("imported a register"),
    "ApprovalStep": gettext_lazy("recorded a step of an approval"),
    "ApprovalWarned": gettext_lazy("warned of a clock"),
    "Asked": gettext_lazy("put a question"),
    "Answered": gettext_lazy("answered a question"),
    "CalledBack": gettext_lazy("called the enterprise back"),
    "CallBackDue": gettext_lazy("reminded of a call-back"),
    "LapseWarned": gettext_lazy("warned that a permit lapses"),
    "Published": gettext_lazy("kept an answer for everybody"),
    "Outdated": gettext_lazy("marked an answer as no longer true"),
    "SessionBegun": gettext_lazy("prepared a session"),
    "SessionChosen": gettext_lazy("chose the projects of a session"),
    "TimetableMade": gettext_lazy("made the timetable"),
    "OfficersSet": gettext_lazy("laid down how many officers decide"),
    "FileSeen": gettext_lazy("opened a confidential file"),
    "TerritoryAdded": gettext_lazy("entered a territory"),
    "TerritoryChanged": gettext_lazy("changed a territory"),
    "UnitAdded": gettext_lazy("entered a unit"),
    "UnitChanged": gettext_lazy("changed a unit"),
    "PersonAdded": gettext_lazy("entered a person"),
    "KindRevised": gettext_lazy("entered an edition of a kind"),
    "PostGranted": gettext_lazy("granted a post"),
    "PostEnded": gettext_lazy("ended a post"),
    "AccountLocked": gettext_lazy("locked an account"),
    "AccountUnlocked": gettext_lazy("unlocked an account"),
    "PasswordReset": gettext_lazy("gave a new password"),
    "FactorsReset": gettext_lazy("took away second factors"),
    "PlanMade": gettext_lazy("made a recurring plan"),
    "PlanStopped": gettext_lazy("stopped a recurring plan"),
    "Denied": gettext_lazy("was refused"),
    "SubjectFiled": gettext_lazy("entered into the file"),
    "LinkMade": gettext_lazy("made a link for demands"),
    "LinkEnded": gettext_lazy("ended a link for demands"),
    "FiguresImported": gettext_lazy("brought a sheet of figures"),
    "SchemeChosen": gettext_lazy("chose a scheme of lights"),
    "MeetingPrepared": gettext_lazy("prepared a meeting"),
    "AgendaSet": gettext_lazy("set the agenda"),
    "AgendaOrdered": gettext_lazy("ordered the agenda"),
    "Invited": gettext_lazy("invited units"),
    "Uninvited": gettext_lazy("took an invitation back"),
    "MeetingCalled": gettext_lazy("called the meeting"),
    "MeetingCancelled": gettext_lazy("cancelled the meeting"),
    "SignedIn": gettext_lazy("came to the meeting"),
    "Decided": gettext_lazy("took a decision down"),
    "DecisionStruck": gettext_lazy("struck a decision"),
    "DecisionConfirmed": gettext_lazy("confirmed a decision"),
    "MeetingHeld": gettext_lazy("ended the meeting"),
    "PaperEdited": gettext_lazy("replaced the draft"),
    "PaperIssued": gettext_lazy("issued the paper"),
    "TemplateTaken": gettext_lazy("brought a template"),
    "Objected": gettext_lazy("objected"),
    "ObjectionDecided": gettext_lazy("decided an objection"),
    "LotDrawn": gettext_lazy("drew a lot"),
    "LookedAgain": gettext_lazy("looked again"),
    "RecordEntered": gettext_lazy("entered what was done"),
    "ProcedureStarted": gettext_lazy("started a procedure"),
    "StepRecorded": gettext_lazy("recorded a step"),
    "StepWarned": gettext_lazy("warned of a legal clock"),
    "RulesLoaded": gettext_lazy("loaded a table of rules"),
    "PremisesImported": gettext_lazy("brought a list of premises"),
    "VisitsAsked": gettext_lazy("asked for a plan of inspections"),
    "VisitsProposed": gettext_lazy("proposed inspections"),
    "VisitsEdited": gettext_lazy("changed a plan of inspections"),
    "CampaignKept": gettext_lazy("kept a campaign"),
    "CampaignReported": gettext_lazy("reported on a campaign"),
    "LettersDrafted": gettext_lazy("drafted letters"),
    "LetterDrafted": gettext_lazy("drafted the letter"),
    "LetterOffered": gettext_lazy("sent the letter to be signed"),
    "LetterSuggested": gettext_lazy("suggested another wording"),
    "SuggestionAnswered": gettext_lazy("answered the suggestion"),
    "LetterReworded": gettext_lazy("changed the wording"),
    "SignerNamed": gettext_lazy("named who signs"),
    "LetterSigned": gettext_lazy("signed the letter"),
    "LetterScanned": gettext_lazy("brought in the signed paper"),
    "LetterHolds": gettext_lazy("the letter holds: both sides have signed"),
    "LetterWithdrawn": gettext_lazy("withdrew the letter"),
    "AssessmentOpened": gettext_lazy("opened the assessment"),
    "ScoreTaken": gettext_lazy("took the score"),
    "ReviewAsked": gettext_lazy("asked for the self-review"),
    "Marked": gettext_lazy("changed an item"),
    "SelfReviewed": gettext_lazy("finished the self-review"),
    "Vetoed": gettext_lazy("used the veto or took it back"),
    "ResultAnnounced": gettext_lazy("announced the result"),
    "ResultFinal": gettext_lazy("made the result final"),
    "Appealed": gettext_lazy("appealed"),
    "AppealDecided": gettext_lazy("decided the appeal"),
    "SchemeKept": gettext_lazy("kept an edition of the scheme"),
    "MeasureProposed": gettext_lazy("proposed the measure"),
    "MeasureDecided": gettext_lazy("decided on the measure"),
    "MeasureHeld": gettext_lazy("recorded that it was held"),
    "MeasureTakenBack": gettext_lazy("took the measure back"),
    "NominationsCalled": gettext_lazy("called for nominations"),
    "Nominated": gettext_lazy("nominated"),
    "NoticePosted": gettext_lazy("put up a public notice"),
    "NomineeReviewed": gettext_lazy("reviewed a nominee"),
    "Spoken": gettext_lazy("spoke against a nominee"),
    "VoiceAnswered": gettext_lazy("answered what was said"),
    "Commended": gettext_lazy("commended"),
    "IncidentRegistered": gettext_lazy("entered the fire"),
    "IncidentChanged": gettext_lazy("put the entry right"),
    "IncidentReviewed": gettext_lazy("reviewed the fire"),
    "IncidentAnnulled": gettext_lazy("annulled the entry"),
    "PastFiguresTaken": gettext_lazy("brought in figures of past years"),
}
TONES = {
    "Escalated": "bad",
    "SentBack": "bad",
    "Reopened": "bad",
    "Returned": "bad",
    "Verified": "good",
    "Revisited": "good",
}


@dataclass(frozen=True)
class Entry:
    """One line of the story."""

    event: Event
    who: str
    unit: str
    verb: Any
    tone: str
    text: str
    notes: list[str] = field(default_factory=list)
    entered: datetime | None = None
    """Set when it was entered a day or more after it happened: a back-dated entry shows itself."""
    seq: int = 0
    """Its place in its stream, where all of a stream is told."""


def story(events: Sequence[Event], entered: Sequence[datetime] = ()) -> list[Entry]:
    """The events, newest first, with names for codes; `entered` are their entry times, where known."""
    people = dict(Person.objects.filter(username__in={e.by for e in events}).values_list("username", "name"))
    codes = {e.unit for e in events} | {
        e.data[k] for e in events for k in ("lead", "before", "verifier") if isinstance(e.data.get(k), str)
    }
    codes |= {u for e in events for u in e.data.get("supporting", ()) or ()}
    units = dict(Unit.objects.filter(code__in=codes).values_list("code", "name"))
    told = [replace(_entry(e, people, units), seq=i) for i, e in enumerate(events, 1)]
    for i, when in enumerate(entered):
        if when - events[i].at >= timedelta(days=1):
            told[i] = replace(told[i], entered=when)
    return told[::-1]


def _entry(e: Event, people: dict[str, str], units: dict[str, str]) -> Entry:
    who = _("the clock") if e.by == "clock" else people.get(e.by, e.by)
    d = e.data
    text = next((str(d[k]) for k in ("text", "findings", "answers", "basis", "reason", "description") if d.get(k)), "")
    if text == "register":
        text = ""
    return Entry(
        e, who, units.get(e.unit, e.unit), VERBS.get(e.type, e.type), TONES.get(e.type, ""), text, _notes(e, units)
    )


def _notes(e: Event, units: dict[str, str]) -> list[str]:
    d, notes = e.data, []
    if e.type == "Assigned":
        notes.append(_("Lead: %(unit)s") % {"unit": units.get(d["lead"], d["lead"])})
        if d["supporting"]:
            notes.append(_("Supporting: %(units)s") % {"units": "、".join(units.get(u, u) for u in d["supporting"])})
        notes.append(_("Verifier: %(unit)s") % {"unit": units.get(d["verifier"], d["verifier"])})
    if e.type == "Transferred":
        notes.append(f"{units.get(d['before'], d['before'])} → {units.get(d['lead'], d['lead'])}")
    if e.type == "Regraded":
        notes.append(f"{kind_name(d['before'])} → {kind_name(d['kind'])}")
    if e.type == "Escalated":
        notes.append(str(STEPS[d["step"]]))
        if d["objection"]:
            notes.append(_("the unit may object"))
    if e.type in ("Attached", "Absorbed"):
        notes += [f["name"] for f in d["files"]]
    if e.type in ("Merged", "Absorbed"):
        notes.append("#" + str(d.get("into") or d.get("source")))
    if e.type == "SubjectFiled":
        notes.append(_filed(d))
    if e.type == "PaperIssued" and d["number"]:
        notes.append(d["number"])
    if "n" in d:
        notes.append(_("by %(n)s days") % {"n": d["n"]})
    if e.type in ("Paused", "PauseAsked"):
        notes.append(_("until %(day)s") % {"day": day(d["until"])})
    if e.type == "Amended":
        notes += [
            str(LABELS.get(k, k)) + (": " + day(Limit.of(v).until) if k == "limit" and v["until"] else "")
            for k, v in d["changes"].items()
        ]
    if d.get("late"):
        notes.append(_("late by %(n)s days") % {"n": d["late"]})
    if d.get("percent") is not None and e.type == "Progressed":
        notes.append(f"{d['percent']}%")
    if d.get("period"):
        notes.append(d["period"])
    if isinstance(d.get("total"), int) and d.get("level"):
        notes.append(_("%(n)s points") % {"n": f"{d['total'] / 100:g}"})
    if isinstance(d.get("points"), int) and d["points"]:
        notes.append(f"{d['points'] / 100:+g}")
    if d.get("by_register"):
        notes.append(_("as the register says"))
    clock = d.get("clock")
    if (
        clock
        and clock["due"]
        and e.type in ("Assigned", "Reclocked", "ExtensionGranted", "Resumed", "Transferred", "Reopened", "Amended")
    ):
        notes.append(_("due %(day)s") % {"day": day(last_day(moment(clock["due"])))})
    return notes


PARTS = {
    "identity": gettext_lazy("identity and money"), "year": gettext_lazy("plan of the year"), "month": gettext_lazy("month"), "node": gettext_lazy("node"),
    "element": gettext_lazy("element"), "permit": gettext_lazy("permit"), "visit": gettext_lazy("visit"), "parties": gettext_lazy("who answers"),
    "excuse": gettext_lazy("excuse"), "facts": gettext_lazy("facts"), "declared": gettext_lazy("label by declaration"),
    "tenant": gettext_lazy("tenant"), "facility": gettext_lazy("facility"), "post": gettext_lazy("post"), "building": gettext_lazy("building"),
    "place": gettext_lazy("place"),
}  # fmt: skip


def _filed(d: dict[str, Any]) -> str:
    """Which entry of a file, and the days or amounts it was given."""
    key = (
        ""
        if d["key"] == "main" or d["part"] in ("visit", "permit")
        else " " + _key_name(d["part"], d["key"], d["values"] or {})
    )
    values = d["values"] or {}
    if d["part"] == "facts":
        return f"{PARTS['facts']}: " + "、".join(
            fact_name(k) if k != "use" else use_name(v) for k, v in values.items() if v is not None
        )
    told = [
        spoken(values[k]) if isinstance(values[k], int) else str(values[k])
        for k in ("plan", "actual", "planned", "forecast", "total")
        if values.get(k)
    ]
    return str(PARTS.get(d["part"], d["part"])) + key + (": " + ", ".join(told) if told else "")


def _key_name(part: str, key: str, values: dict[str, Any]) -> str:
    match part:
        case "tenant" | "building":
            return str(values.get("name", ""))
        case "facility":
            return facility_name(key)
        case "declared":
            return label_word(key)
        case "parties" if key in ROLES:
            return str(ROLES[key])
    return word_name(key, part)


LABELS = {
    "title": gettext_lazy("Title"),
    "description": gettext_lazy("Description"),
    "supporting": gettext_lazy("Supporting units"),
    "verifier": gettext_lazy("Verifying unit"),
    "limit": gettext_lazy("Due date"),
    "territory": gettext_lazy("Territory"),
}
