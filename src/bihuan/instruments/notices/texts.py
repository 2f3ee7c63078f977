"""Notices in words, on the page and out of the house."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bihuan.kernel.domain.clocks import last_day
from bihuan.kernel.matters.models import Matter

from .models import Notice

SAID = {
    "Raised": gettext_lazy("raised, waits to be assigned"),
    "Assigned": gettext_lazy("assigned"),
    "Returned": gettext_lazy("returned by the lead unit"),
    "PauseAsked": gettext_lazy("a pause is asked for"),
    "PauseRefused": gettext_lazy("the pause is refused"),
    "Paused": gettext_lazy("the clock is paused"),
    "Resumed": gettext_lazy("the clock runs again"),
    "ExtensionAsked": gettext_lazy("an extension is asked for"),
    "ExtensionGranted": gettext_lazy("the extension is granted"),
    "ExtensionRefused": gettext_lazy("the extension is refused"),
    "Transferred": gettext_lazy("transferred to another lead unit"),
    "Submitted": gettext_lazy("submitted, waits for verification"),
    "SentBack": gettext_lazy("sent back by the verifier"),
    "Verified": gettext_lazy("verified and closed"),
    "Reopened": gettext_lazy("reopened"),
    "Withdrawn": gettext_lazy("withdrawn"),
    "Merged": gettext_lazy("merged into another matter"),
    "Reclocked": gettext_lazy("the due date was recomputed"),
    "HandedOver": gettext_lazy("handed over to you"),
    "Escalated": gettext_lazy("escalated"),
    "MeetingCalled": gettext_lazy("the meeting is called"),
    "MeetingCancelled": gettext_lazy("the meeting is cancelled"),
    "PaperIssued": gettext_lazy("a paper was issued"),
    "Objected": gettext_lazy("an objection waits to be decided"),
    "ObjectionDecided": gettext_lazy("the objection is decided"),
    "LotDrawn": gettext_lazy("second looks fell to your unit"),
    "LetterOffered": gettext_lazy("a letter waits to be signed"),
    "LetterSuggested": gettext_lazy("another wording is suggested"),
    "SuggestionAnswered": gettext_lazy("the suggestion is answered"),
    "LetterReworded": gettext_lazy("the wording was changed"),
    "LetterHolds": gettext_lazy("the letter is signed by both sides"),
    "LetterWithdrawn": gettext_lazy("the letter is withdrawn"),
    "ScoreTaken": gettext_lazy("the score of the period was taken"),
    "ReviewAsked": gettext_lazy("the self-review is due"),
    "Marked": gettext_lazy("the assessor changed an item"),
    "Vetoed": gettext_lazy("the veto was used or taken back"),
    "ResultAnnounced": gettext_lazy("the result is announced; the time to appeal runs"),
    "ResultFinal": gettext_lazy("the result is final"),
    "Appealed": gettext_lazy("an appeal waits to be decided"),
    "AppealDecided": gettext_lazy("the appeal is decided"),
    "MeasureDecided": gettext_lazy("a measure was decided"),
    "MeasureHeld": gettext_lazy("it was held"),
    "MeasureTakenBack": gettext_lazy("the measure is taken back"),
    "NominationsCalled": gettext_lazy("nominations are called for"),
    "Nominated": gettext_lazy("a nomination came in"),
    "NoticePosted": gettext_lazy("a public notice runs"),
    "Spoken": gettext_lazy("somebody spoke against a nominee"),
    "NomineeReviewed": gettext_lazy("a nominee was reviewed"),
    "VoiceAnswered": gettext_lazy("what you said was answered"),
    "Commended": gettext_lazy("commended"),
    "StepWarned": gettext_lazy("a legal clock runs out soon"),
    "StepRecorded": gettext_lazy("a legal step is yours"),
    "ApprovalStep": gettext_lazy("an approval went a step"),
    "ApprovalWarned": gettext_lazy("an approval falls due"),
    "Asked": gettext_lazy("a question waits for your answer"),
    "LapseWarned": gettext_lazy("a permit lapses soon"),
    "Financing.check": gettext_lazy("a condition of the white list was checked"),
    "Financing.handed": gettext_lazy("a self-check was handed in"),
    "Financing.district": gettext_lazy("the district reviewed a financing file"),
    "Financing.city": gettext_lazy("the city reviewed a financing file"),
    "Financing.treated": gettext_lazy("how a financing file is treated was decided"),
    "Financing.out": gettext_lazy("a project was moved out of the white list"),
    "Financing.back": gettext_lazy("a project was brought back"),
    "Financing.delivered": gettext_lazy("all flats are delivered"),
    "Financing.pushed": gettext_lazy("a project was pushed to your bank"),
    "Financing.withdrawn": gettext_lazy("a push was taken back"),
    "Financing.problems": gettext_lazy("the bank fed problems back"),
    "Financing.refused": gettext_lazy("the bank said no"),
    "Financing.accepted": gettext_lazy("the bank said yes"),
    "Financing.credited": gettext_lazy("credit was given"),
    "Financing.declined": gettext_lazy("credit was declined"),
    "Financing.signed": gettext_lazy("the contract is signed"),
    "Financing.planned": gettext_lazy("a plan of drawings was laid down"),
    "Financing.drawn": gettext_lazy("money was drawn"),
    "Financing.paid": gettext_lazy("money was paid from the account"),
    "Financing.repaid": gettext_lazy("the loan is closed"),
    "Financing.party": gettext_lazy("a payee was added"),
    "AnswerDue": gettext_lazy("the bank's answer falls due"),
    "DeliveryWarned": gettext_lazy("a delivery will be late, or money will not last"),
    "LenderInformed": gettext_lazy("a lead bank was found for the project"),
    "CallBackDue": gettext_lazy("a call-back is due"),
}
STEPS = {
    "reminder": gettext_lazy("reminder"),
    "supervision": gettext_lazy("supervision slip"),
    "interview": gettext_lazy("interview"),
    "circular": gettext_lazy("circular"),
}
WHY = {
    "lead": gettext_lazy("your unit leads"),
    "supporting": gettext_lazy("your unit supports"),
    "assigner": gettext_lazy("your unit assigns"),
    "verifier": gettext_lazy("your unit verifies"),
    "raiser": gettext_lazy("your unit raised it"),
    "before": gettext_lazy("your unit led until now"),
    "owes": gettext_lazy("your unit owes the next step"),
    "superior": gettext_lazy("it lies in your scope"),
    "invited": gettext_lazy("your unit is invited"),
    "reader": gettext_lazy("it goes to your unit"),
    "decider": gettext_lazy("your unit decides"),
    "objector": gettext_lazy("your unit objected"),
    "looker": gettext_lazy("your unit looks again"),
    "party": gettext_lazy("your unit signs"),
    "issuer": gettext_lazy("your unit issued it"),
    "assessed": gettext_lazy("your unit is assessed"),
    "concerned": gettext_lazy("it concerns your unit"),
}
SHOWN = 15
"""How many lines a digest has at most; the rest is counted."""


def what(notice: Notice) -> str:
    """What happened; an escalation says which step and why."""
    if notice.type != "Escalated":
        return str(SAID.get(notice.type, notice.type))
    said = str(STEPS.get(notice.detail.get("step", ""), notice.detail.get("step", "")))
    late = notice.detail.get("late")
    if late is None:
        return said
    if late <= 0:
        return _("%(step)s: it falls due soon") % {"step": said}
    return _("%(step)s: overdue by %(n)s days") % {"step": said, "n": late}


def line(notice: Notice, matter: Matter | None) -> str:
    """One line of a message. A confidential matter leaves the house without its title."""
    if notice.matter == 0:
        closed = notice.detail.get("confidential")
        title = _("a confidential matter, sign in to see it") if closed else notice.detail.get("title", "")
        return f"{title}:{what(notice)}({WHY[notice.why]})"
    title = _("a confidential matter, sign in to see it") if matter is None or matter.confidential else matter.title
    due = ""
    day = last_day(matter.due_at) if matter is not None and matter.open else None
    if day is not None:
        due = " · " + _("due %(day)s") % {"day": day.isoformat()}
    return f"#{notice.matter} {title}:{what(notice)}({WHY[notice.why]}){due}"


def message(notices: Sequence[Notice], matters: dict[int, Matter], language: str) -> tuple[str, str]:
    """Title and text of a message of one or more notices, in a person's language."""
    with translation.override(language):
        urgent = [n for n in notices if n.urgent]
        title = (
            _("Bihuan: %(what)s") % {"what": what(notices[0])}
            if len(notices) == 1
            else ngettext("Bihuan: %(n)s notice", "Bihuan: %(n)s notices", len(notices)) % {"n": len(notices)}
        )
        shown = [*urgent, *(n for n in notices if not n.urgent)]
        lines = [line(n, matters.get(n.matter)) for n in shown[:SHOWN]]
        if len(shown) > SHOWN:
            lines.append(_("and %(n)s more") % {"n": len(shown) - SHOWN})
        if settings.SITE_URL:
            lines.append(settings.SITE_URL.rstrip("/") + "/notices/")
        return title, "\n".join(lines)
