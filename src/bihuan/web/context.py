"""What every page's frame shows."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from bihuan.instruments.notices.selectors import unseen
from bihuan.mechanisms.promotion.selectors import scheme

NAV = [
    ("desk", "desk", _("Desk"), "desk"),
    ("matters", "matters", _("Matters"), "list"),
    ("subjects", "subjects", _("Projects and premises"), "file"),
    ("registers", "registers", _("Registers"), "table"),
    ("plans", "plans", _("Recurring plans"), "days"),
    ("meetings", "meetings", _("Meetings"), "talk"),
    ("year", "year", _("Responsibility and assessment"), "rise"),
    ("papers", "papers", _("Official papers"), "file"),
    ("objections", "objections", _("Objections and second looks"), "search"),
]
MECHANISMS = [
    ("fire", _("Fire safety"), "flame"),
    ("financing", _("Financing white list"), "coin"),
    ("promotion", _("Key projects"), "rise"),
    ("counselling", _("Approval counselling"), "talk"),
]
RECORD = [
    ("ledger", "ledger", _("Ledger"), "chain"),
    ("orgs", "orgs", _("Units and posts"), "people"),
    ("territories", "territories", _("Territories"), "table"),
    ("kinds", "kinds", _("Kinds and time limits"), "list"),
    ("calendars", "calendars", _("Working days"), "days"),
]
ADMINISTRATION = {
    "system": [("channels", "channels", _("Undelivered notices"), "bell")],
    "security": [("people", "people", _("Accounts and posts"), "me")],
    "audit": [("audit", "audit", _("Audit"), "chain")],
}
"""What each of the three administrators has besides."""

PAGES = {
    "matter": "matters", "act": "matters", "matter_new": "matters", "subject": "subjects", "subject_new": "subjects",
    "register": "registers", "handover": "orgs", "notice": "calendars", "closure": "calendars",
    "receipt": "ledger", "unit": "orgs", "unit_new": "orgs", "person_new": "orgs", "territory": "territories",
    "territory_new": "territories", "kind_new": "kinds", "post_new": "people", "post_fill": "people", "account_act": "people",
    "channel": "me", "keys": "me", "plan_new": "plans", "plan_stop": "plans", "promotion": "promotion", "reports": "promotion",
    "figures": "promotion", "figure_list": "promotion", "lights": "promotion", "project_edit": "subjects", "project_report": "subjects",
    "project_entry": "subjects", "project_excuse": "subjects", "demand_link": "subjects", "meeting": "meetings", "meeting_new": "meetings",
    "invite": "meetings", "screen": "meetings", "meeting_cancel": "meetings", "paper": "papers", "templates": "papers", "template": "papers",
    "fire": "fire", "blind": "fire", "signals": "fire", "steps": "fire", "complaints": "fire", "visit_plans": "fire", "visit_plan": "fire",
    "visit": "fire", "centres": "fire", "centre": "fire", "campaigns": "fire", "campaign": "fire", "campaign_new": "fire", "campaign_edit": "fire",
    "campaign_report": "fire", "fire_tables": "fire", "table_load": "fire", "premises_imports": "fire", "premises_import": "fire",
    "premises_edit": "subjects", "premises_entry": "subjects", "record_new": "subjects", "record": "subjects", "procedure": "matters",
    **dict.fromkeys(
        (
            "letters", "letter", "letter_new", "letter_act", "assessments", "assessment", "assessment_open", "assessment_rows", "assessment_mark", "assessment_appeal", "assessment_act",
            "appeal_decide", "schemes", "scheme", "scheme_load", "measures", "measure", "measure_new", "measure_act", "commendations", "commendation", "commendation_new", "nominate", "nominee_act",
            "voice_answer", "annual",
        ),
        "year",
    ),
    **dict.fromkeys(
        ("path", "path_facts", "path_item", "path_suppose", "path_record", "path_record_own", "knowledge", "revisits", "revisit", "counselling_waits", "counselling_queues", "together", "search_state", "counselling_catalogue", "counselling_exchange", "question_answer", "question_keep"),
        "counselling",
    ),
    **dict.fromkeys(
        ("financing_files", "financing_file", "financing_new", "financing_figures", "financing_check", "financing_act", "financing_explain", "financing_lists", "financing_warnings", "financing_conditions", "financing_condition", "financing_match", "financing_appetite", "financing_search", "financing_exchange", "push", "push_act", "statement", "statement_new", "signing_new", "signing"),
        "financing",
    ),
    **dict.fromkeys(("session", "session_projects"), "meetings"),
    **dict.fromkeys(("incidents", "incident", "incident_new", "incident_edit", "incident_act", "situation", "past_figures"), "fire"),
    "step": "matters", "objection": "objections", "second_looks": "objections", "second_look": "objections", "object_to": "matters",
}  # fmt: skip
"""Which entry of the navigation a page belongs to."""


def shell(request: HttpRequest) -> dict[str, Any]:
    """Navigation, the viewer and the time as of which a page speaks."""
    match = request.resolver_match
    who = getattr(request, "viewer", None)
    name = (match.url_name or "") if match else ""
    return {
        "here": match.kwargs.get("name") if match and name == "mechanism" else PAGES.get(name, name),
        # administrators see no matters, so nothing leads there
        "nav": NAV[:1] if who and who.admin else NAV,
        "mechanisms": [] if who and who.admin else MECHANISMS,
        "record": RECORD + (ADMINISTRATION.get(who.admin, []) if who else []),
        "viewer": who,
        "unseen": unseen(who.person) if who else 0,
        "now": timezone.now(),
        "light_words": SimpleLazyObject(lambda: scheme().words),
    }
