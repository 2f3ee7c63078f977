"""What the pages say of themselves: the menu, and which entry of it each page belongs to."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as N

from bihuan.kernel.registry import pages, streams
from bihuan.kernel.registry.pages import Menu

from .models import SavedView

MENU = (
    Menu("desk", "work", N("Desk"), "desk", "desk", order=10),
    Menu("matters", "work", N("Matters"), "list", "matters", order=20),
    Menu("subjects", "work", N("Projects and premises"), "file", "subjects", order=30),
    Menu("registers", "work", N("Registers"), "table", "registers", order=40),
    Menu("plans", "work", N("Recurring plans"), "days", "plans", order=50),
    Menu("meetings", "work", N("Meetings"), "talk", "meetings", order=60),
    Menu("year", "work", N("Responsibility and assessment"), "rise", "year", order=70),
    Menu("papers", "work", N("Official papers"), "file", "papers", order=80),
    Menu("objections", "work", N("Objections and second looks"), "search", "objections", order=90),
    Menu("ledger", "record", N("Ledger"), "chain", "ledger", order=10),
    Menu("orgs", "record", N("Units and posts"), "people", "orgs", order=20),
    Menu("territories", "record", N("Territories"), "table", "territories", order=30),
    Menu("kinds", "record", N("Kinds and time limits"), "list", "kinds", order=40),
    Menu("calendars", "record", N("Working days"), "days", "calendars", order=50),
    Menu("channels", "system", N("Undelivered notices"), "bell", "channels", order=10),
    Menu("people", "security", N("Accounts and posts"), "me", "people", order=10),
    Menu("audit", "audit", N("Audit"), "chain", "audit", order=10),
)


def register() -> None:
    """Menu and pages, and the one table of theirs, which no stream decides."""
    streams.leave_out(N("a list that one person keeps under a name for their own use"), SavedView)
    pages.register(*MENU)
    pages.claim(
        "matters",
        "matter",
        "act",
        "matter_new",
        "procedure",
        "step",
        "object_to",
    )
    pages.claim(
        "subjects",
        "subject",
        "subject_new",
        "project_edit",
        "project_report",
        "project_entry",
        "project_excuse",
        "demand_link",
        "premises_edit",
        "premises_entry",
        "record_new",
        "record",
        "late_record",
    )
    pages.claim(
        "registers",
        "register",
    )
    pages.claim(
        "orgs",
        "handover",
        "unit",
        "unit_new",
        "person_new",
    )
    pages.claim(
        "calendars",
        "notice",
        "closure",
    )
    pages.claim("ledger", "receipt", "proven")
    pages.claim(
        "territories",
        "territory",
        "territory_new",
    )
    pages.claim(
        "kinds",
        "kind_new",
    )
    pages.claim(
        "people",
        "post_new",
        "post_fill",
        "account_act",
    )
    pages.claim(
        "me",
        "channel",
        "keys",
    )
    pages.claim(
        "plans",
        "plan_new",
        "plan_stop",
    )
    pages.claim(
        "promotion",
        "promotion",
        "reports",
        "figures",
        "figure_list",
        "lights",
    )
    pages.claim(
        "meetings",
        "meeting",
        "meeting_new",
        "invite",
        "screen",
        "meeting_cancel",
        "late_meeting",
        "session",
        "session_projects",
    )
    pages.claim(
        "papers",
        "paper",
        "templates",
        "template",
    )
    pages.claim(
        "fire",
        "fire",
        "blind",
        "late",
        "signals",
        "steps",
        "complaints",
        "visit_plans",
        "visit_plan",
        "visit",
        "centres",
        "centre",
        "campaigns",
        "campaign",
        "campaign_new",
        "campaign_edit",
        "campaign_report",
        "fire_tables",
        "table_load",
        "premises_imports",
        "premises_import",
        "incidents",
        "incident",
        "incident_new",
        "incident_edit",
        "incident_act",
        "situation",
        "past_figures",
    )
    pages.claim(
        "year",
        "letters",
        "letter",
        "letter_new",
        "letter_act",
        "assessments",
        "assessment",
        "assessment_open",
        "assessment_rows",
        "assessment_mark",
        "assessment_appeal",
        "assessment_act",
        "appeal_decide",
        "schemes",
        "scheme",
        "scheme_load",
        "measures",
        "measure",
        "measure_new",
        "measure_act",
        "commendations",
        "commendation",
        "commendation_new",
        "nominate",
        "nominee_act",
        "voice_answer",
        "annual",
    )
    pages.claim(
        "counselling",
        "path",
        "path_facts",
        "path_item",
        "path_suppose",
        "path_record",
        "path_record_own",
        "knowledge",
        "revisits",
        "revisit",
        "counselling_waits",
        "counselling_queues",
        "together",
        "search_state",
        "counselling_catalogue",
        "counselling_exchange",
        "question_answer",
        "question_keep",
    )
    pages.claim(
        "financing",
        "financing_files",
        "financing_file",
        "financing_new",
        "financing_figures",
        "financing_check",
        "financing_act",
        "financing_explain",
        "financing_lists",
        "financing_warnings",
        "financing_conditions",
        "financing_condition",
        "financing_match",
        "financing_appetite",
        "financing_search",
        "financing_exchange",
        "push",
        "push_act",
        "statement",
        "statement_new",
        "signing_new",
        "signing",
    )
    pages.claim(
        "objections",
        "objection",
        "second_looks",
        "second_look",
    )
