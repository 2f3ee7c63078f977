"""Every address with every persona: one's own, a stranger's, and another's id inside the body. What is not theirs to see
carries a mark, and the mark must turn up nowhere: pages, counts, filters, exports, receipts, notices, error pages.

The table is generated from the addresses themselves: a new one that is not entered in OBJECTS fails the test.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import uuid4
from zipfile import BadZipFile, ZipFile

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from bihuan.instruments.accountability import services as accountability
from bihuan.instruments.accountability.models import Measure
from bihuan.instruments.assessment import services as assessment
from bihuan.instruments.assessment.models import Appeal, Assessment, Proof
from bihuan.instruments.commendation import services as commendation
from bihuan.instruments.commendation.models import Nominee, Round, Voice
from bihuan.instruments.documents import services as documents
from bihuan.instruments.documents.catalogue import kinds, sample
from bihuan.instruments.documents.models import Paper
from bihuan.instruments.letters import services as letters
from bihuan.instruments.letters.catalogue import templates
from bihuan.instruments.letters.models import Letter
from bihuan.instruments.meetings import services as meetings
from bihuan.instruments.meetings.models import Decision, Item, Meeting
from bihuan.instruments.notices import services as notices
from bihuan.instruments.notices.models import Notice
from bihuan.instruments.plans import services as plans
from bihuan.instruments.premises.models import PremisesImport
from bihuan.instruments.procedures.models import StepFile
from bihuan.instruments.procedures.services import start
from bihuan.instruments.projects.models import Photo
from bihuan.instruments.registers import services as registers
from bihuan.instruments.registers.models import RegisterImport
from bihuan.instruments.supervision.models import Draw, Objection, SecondLook
from bihuan.kernel.domain import commands as c
from bihuan.kernel.files.filing import Entry, file_entries
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.matters.models import Attachment, Matter
from bihuan.kernel.matters.selectors import subjects_visible_to, visible_to
from bihuan.kernel.matters.services import do
from bihuan.kernel.orgs.models import Post
from bihuan.kernel.orgs.services import unit_add
from bihuan.kernel.subjects.models import Subject, SubjectLabel
from bihuan.mechanisms.counselling import followup, sessions
from bihuan.mechanisms.counselling import services as counselling
from bihuan.mechanisms.counselling.models import Application, Knowledge, Question, Reckoning, Session, Sitting, Step
from bihuan.mechanisms.financing import accounts, screening, signing
from bihuan.mechanisms.financing.models import Appetite, Choice, Edition, Figure, File, Proposal, Push, Statement
from bihuan.mechanisms.financing.models import Proof as FinancingProof
from bihuan.mechanisms.financing.models import Step as FinancingStep
from bihuan.mechanisms.fire import complaints, planning
from bihuan.mechanisms.fire.incidents import Told, register
from bihuan.mechanisms.fire.inspections import Entered, enter
from bihuan.mechanisms.fire.models import (
    Campaign,
    CampaignReport,
    Incident,
    PlannedVisit,
    Record,
    RecordFile,
    VisitPlan,
)
from bihuan.mechanisms.fire.standing import refresh
from bihuan.mechanisms.promotion.models import FigureImport
from bihuan.web.loop.command_forms import FORMS
from bihuan.web.models import SavedView
from bihuan.web.surface.files import as_files

from .. import lending
from ..support import DATA, District, upload

pytestmark = pytest.mark.django_db
SEES: dict[str, tuple[set[str], bool]] = {
    "cgj1": ({"own"}, False), "lzh1": ({"own"}, False), "jcl1": ({"far"}, True), "jfj1": ({"own"}, True), "xfdd1": ({"far"}, True),
    "zgyh1": (set(), False), "qy1": (set(), False), "leader": ({"own", "far", "bank"}, True), "audit": ({"own", "far"}, True),
    "admin": (set(), False), "security": (set(), False), "logs": (set(), False),
}  # fmt: skip
"""Which matters each persona may see, and whether the files of the other township: written down here, not asked of the code."""
OVERSEE = ("leader", "audit")
"""Who sees a meeting of an office that has no scope, without being invited."""
PERSONAS = list(SEES)
ALLAUTH = re.compile(r"^(mfa_|account_|socialaccount_|openid_connect_|api-|openapi-|api_)")
"""Addresses of the library: each works on the signed-in person alone and takes no id but that of one's own passkey."""


@dataclass
class World:
    """The district with marked objects: a mark for each matter, subject and register."""

    d: District
    matters: dict[str, Matter]
    marks: dict[str, str]

    def hidden(self, who: str) -> list[str]:
        """The marks that a persona must never see."""
        matters, subjects = SEES[who]
        out = [mark for name, mark in self.marks.items() if name not in matters]
        out += (
            ["马克文件"]
            + (["马克会议"] if who not in OVERSEE else [])
            + (["马克异议"] if "bank" not in matters else [])
            + (["马克报告"] if who not in ("leader", "audit", "xfdd1") else [])
            + (["马克群众"] if who != "jcl1" else [])
            + (["马克责任"] if who not in OVERSEE else [])
            + (["马克融资"] if who != "leader" else [])
            + (["马克火场"] if who not in ("jcl1", "xfdd1", *OVERSEE) else [])
        )
        return out if subjects else [*out, "马克场所", "马克楼盘", "马克进展", "马克辅导"]

    def closed(self, who: str, name: str, kwargs: dict[str, object]) -> bool:
        """Whether an address leads to something that is not this persona's."""
        matters, subjects = SEES[who]
        kept = {self.matters[m].number for m in matters}
        if name in ("matter", "matter_register", "act") or kwargs.get("kind") == "matter":
            return kwargs.get("number", kwargs.get("name")) not in kept
        if name in ("evidence", "evidence_small"):
            return Attachment.objects.get(pk=kwargs["pk"]).matter_id not in kept
        if name in ("subject", "subject_register") or kwargs.get("kind") == "subject":
            code = kwargs.get("code", kwargs.get("name"))
            return not subjects and code in {self.matters["far"].subject.code, self.matters["bank"].subject.code}
        if name == "notice_open":
            return Notice.objects.get(pk=kwargs["pk"]).person.username != who
        if name in ("register", "register_out", "figures", "paper", "paper_file"):
            return True
        if name in ("meeting", "late_meeting", "screen", "session"):
            return who not in OVERSEE
        if name in ("path", "path_item"):
            return not subjects and kwargs["code"] == self.matters["bank"].subject.code
        if name in (
            "project_photo",
            "project_photo_small",
            "record",
            "late_record",
            "record_photo",
            "record_photo_small",
        ):
            return not subjects
        if name in ("letter", "letter_scan", "assessment", "assessment_rows", "measure", "proof"):
            return who not in OVERSEE
        if name in (
            "financing_file",
            "push",
            "financing_proof",
            "statement",
            "financing_figures",
            "financing_check",
            "financing_explain",
        ):
            return who != "leader"
        if name == "incident":
            return who not in ("jcl1", "xfdd1", *OVERSEE)
        if name == "step_file":
            return "far" not in matters and who != "jfj1"
        if name in ("premises_import", "visit_plan", "visit"):
            return True
        return name == "plan_stop"


@pytest.fixture
def world(d: District) -> World:
    far, estate = d.subject("马克场所", "premises", d.b), d.subject("马克楼盘", "project", d.b)
    matters = {
        "own": d.handling(lead="cgj", title="马克甲事项"),
        "far": d.handling("hazard_general", lead="jcl", by="xab1", subject=far, title="马克乙事项"),
        "bank": d.handling("financing", lead="gsyh", by="rzb1", subject=estate, title="马克丙事项"),
    }
    for name, who in (("own", "cgj1"), ("far", "jcl1"), ("bank", "gsyh1")):
        viewer, staged = d.viewer(who), d.photo(who, f"马克图{name}.jpg", 90 if name != "own" else 30)
        do(viewer=viewer, number=matters[name].number, command=c.Attach(viewer.actor(), d.now, as_files([staged])))
        staged.delete()
    SavedView.objects.create(owner=d.people["jsj1"], name="马克视图", query="")
    plans.plan_make(
        viewer=d.viewer("xab1"), at=timezone.now(), unit=d.units["xab"], lead=d.units["jcl"], subject=far, kind="hazard_general",
        title="马克计划", every="month", day=31, start=timezone.localdate(),
    )  # fmt: skip
    registers.upload(
        viewer=d.viewer("rzb1"),
        unit=d.units["rzb"],
        file=upload("马克台账.xlsx", (DATA / "whitelist.xlsx").read_bytes()),
        at=timezone.now(),
    )
    _promotion(d, estate, matters["bank"])
    _fire(d, far, matters["far"])
    _responsibility(d)
    _counselling(d, estate)
    _financing(d, estate)
    while notices.gather(at=timezone.now()):
        pass
    marks = {"own": "马克甲事项", "far": "马克乙事项", "bank": "马克丙事项"}
    return World(d, matters, marks)


def _promotion(d: District, estate: Subject, matter: Matter) -> None:
    """A key project with its file, a meeting, a draft, an objection, a second look: none of them of the personas below."""
    now, office = timezone.now(), d.viewer("rzb1")
    SubjectLabel.objects.create(subject=estate, label="重点项目")
    entries = [
        Entry(estate, "year", f"{now.year}", {"plan": 10**9}),
        Entry(estate, "month", f"{now.year}-01", {"actual": 10**8, "progress": "马克进展", "reported": f"{now.year}-01-05"}),
        Entry(estate, "visit", "1", {"day": f"{now.year}-01-05", "unit": "rzb", "text": "马克进展走访"}),
    ]  # fmt: skip
    file_entries(entries=entries, person="test", unit="rzb", at=now)
    photo = d.photo("rzb1", "马克进展图.jpg", 200)
    Photo.objects.create(
        subject=estate, file=photo.file, name=photo.name, month=f"{now.year}-01", person="rzb1", at=now
    )
    photo.delete()
    meeting = meetings.prepare(
        viewer=office,
        at=now,
        host=d.units["rzb"],
        kind="work",
        title="马克会议",
        chair="负责人",
        starts_at=now,
        place="马克会议室",
    )
    point = meetings.Point("马克会议议题", "added", estate)
    meetings.agenda_set(viewer=office, meeting=meeting, at=now, points=[point])
    meetings.invite(viewer=office, meeting=meeting, at=now, units=[d.units["jsyh"]])
    meetings.call(viewer=office, meeting=meeting, at=now)
    meetings.decide(
        viewer=office,
        meeting=meeting,
        at=now,
        subject=estate,
        lead=d.units["jsyh"],
        task="马克会议任务",
        due=timezone.localdate(),
    )
    paper = documents.ask(
        viewer=office,
        at=now,
        unit=d.units["rzb"],
        kind_id="agenda",
        title="马克文件",
        context=sample(kinds()["agenda"]),
    )
    documents.written(paper_id=paper.pk, at=now)
    FigureImport.objects.create(
        owner=d.people["rzb1"],
        unit=d.units["rzb"],
        file=RegisterImport.objects.get().file,
        name="马克文件月报.xlsx",
        month=f"{now.year}-01",
        at=now,
    )
    Objection.objects.create(
        matter=matter, against="circular", round=1, unit=d.units["gsyh"], decider=d.units["jsyh"], reason="马克异议", person="x", at=now,
        due=timezone.localdate(),
    )  # fmt: skip
    draw = Draw.objects.create(
        mechanism="promotion", month="2024-01", percent=10, seed="0" * 64, closed=1, person="x", at=now
    )
    SecondLook.objects.create(draw=draw, matter=matter, unit=d.units["jsyh"], findings="马克异议复核")


def _fire(d: District, far: Subject, matter: Matter) -> None:
    """A premises' file, a record with a photo, a procedure with evidence, a complaint, a plan, a list on its way in: all in the
    other township or of an office that none of the personas belongs to."""
    now = d.now
    entries = [
        Entry(far, "facts", "main", {"use": "hotel", "rooms": 80, "manager": "马克场所管理人"}),
        Entry(far, "tenant", "t1", {"name": "马克场所租户", "since": "2024-01-01"}),
        Entry(far, "place", "main", {"lon": "113.7", "lat": "34.7"}),
    ]
    file_entries(entries=entries, person="test", unit="jcl", at=now)
    photo = d.photo("jcl2", "马克场所图.jpg", 77)
    enter(
        viewer=d.viewer("jcl2"),
        subject=Subject.objects.get(pk=far.pk),
        entered=Entered(uuid4(), "training", now, note="马克场所记录", photos=(photo.file_id,)),
    )
    enter(
        viewer=d.viewer("jcl2"),
        subject=Subject.objects.get(pk=far.pk),
        entered=Entered(uuid4(), "drill", now - timedelta(days=9), note="马克场所补录", reason="马克场所补录原因"),
    )
    refresh([far.pk, d.premises.pk], now)
    start(person="xab1", unit="xab", matter=matter, procedure="timed", at=now)
    proof = d.photo("xab1", "马克场所证据.jpg", 78)
    StepFile.objects.create(procedure=matter.procedures.get(), seq=1, file=proof.file, name=proof.name)
    complaints.take(
        viewer=d.viewer("jcl2"),
        subject=far,
        about="other",
        title="马克场所投诉",
        text="",
        source="119",
        name="马克群众",
        phone="",
        at=now,
    )
    plan = planning.make(
        viewer=d.viewer("rzb1"),
        unit=d.units["rzb"],
        title="马克文件巡查",
        begins=timezone.localdate(),
        days=1,
        teams=["一组"],
        minutes=360,
        visit=40,
        share=0,
        at=now,
    )
    PlannedVisit.objects.create(plan=plan, subject=far, day=timezone.localdate(), team=0, order=0, why="risk")
    PremisesImport.objects.create(
        owner=d.people["rzb1"],
        unit=d.units["rzb"],
        file=RegisterImport.objects.get().file,
        name="马克文件清单.xlsx",
        at=now,
        state="dropped",
    )
    today = timezone.localdate()
    campaign = Campaign.objects.create(name="专项", begins=today, ends=today, stock_day=today, unit=d.units["xab"])
    CampaignReport.objects.create(
        campaign=campaign, period="2024Q1", figures={}, text="马克报告", person="rzb1", unit=d.units["rzb"], at=now
    )


def _responsibility(d: District) -> None:
    """A letter, its assessment with a proof and an appeal, a measure, a nominee, a fire: of units that are none of the personas'."""
    now, office, year = d.now, d.viewer("xab1"), timezone.localdate().year
    body = {**templates()["fire.department"].wording(year), "basis": "马克责任依据"}
    batch = letters.draft(
        viewer=office, template="fire.department", year=year, title="马克责任书", issuer=d.units["xab"], body=body, begins=date(year, 1, 1), ends=date(year, 12, 31), copies=2,
        parties=[d.units["jsj"]], work="年度工作", at=now,
    )  # fmt: skip
    letters.offer(viewer=office, letters=list(batch.letters.all()), at=now)
    letters.scanned(
        viewer=office, letter=batch.letters.get(), file=d.photo("xab1", "马克责任扫描.jpg", 60), names="局长", at=now
    )
    a = assessment.open_year(viewer=office, key="fire.department", year=year, units=[d.units["jsj"]], at=now)[0]
    assessment.mark(
        viewer=office,
        a=a,
        side="assessor",
        item="posts",
        points=-100,
        text="马克责任扣分",
        files=[d.photo("xab1", "马克责任证据.jpg", 61)],
        at=now,
    )
    Appeal.objects.create(
        assessment=a,
        item="posts",
        text="马克责任申诉",
        person="x",
        at=now,
        decider=d.units["dcs"],
        due=timezone.localdate(),
    )
    accountability.propose(
        viewer=office,
        mechanism="fire",
        kind="interview",
        unit=d.units["jsj"],
        basis="马克责任依据",
        text="马克责任约谈",
        assessment=a,
        at=now,
    )
    round_ = commendation.open_round(
        viewer=office,
        mechanism="fire",
        year=year,
        title="年度表扬",
        units=1,
        people=1,
        level="good",
        notice_days=5,
        at=now,
    )
    nominee = Nominee.objects.create(
        round=round_,
        unit=d.units["jsj"],
        name="",
        reason="马克责任事迹",
        by=d.units["xab"],
        checks=[],
        person="x",
        at=now,
    )
    Voice.objects.create(nominee=nominee, stage="notice1", text="马克责任意见", unit=d.units["dcs"], person="x", at=now)
    register(
        viewer=d.viewer("xfdd1"), told=Told(now, d.b, "马克火场", "city", "building", "dwelling", "010101"), at=now
    )


def _counselling(d: District, estate: Subject) -> None:
    """A path with a permit, a session with a question and its answer, a call-back: of a project and units that are none of the
    personas'."""
    now, office = d.now, d.viewer("zwj1")
    counselling.describe(viewer=office, subject=estate, at=now, told={"type": "CT", "facts": {"listed": False}})
    estate = Subject.objects.select_related("file", "territory", "unit").get(pk=estate.pk)
    a = counselling.receive(
        viewer=office,
        subject=estate,
        item="B07",
        day=timezone.localdate() - timedelta(days=20),
        at=now,
        opinion="马克辅导意见",
    )
    told = counselling.Told(11, timezone.localdate() - timedelta(days=20), opinion="马克辅导许可")
    a = counselling.record(viewer=office, application=a, told=told, at=now)
    followup.revisit(
        viewer=office, application=a, after=7, at=now, answers={}, solved=True, satisfaction=5, said="马克辅导回访"
    )
    counselling.receive(viewer=office, subject=estate, item="A09", day=timezone.localdate(), at=now)
    meeting = meetings.prepare(
        viewer=office,
        at=now,
        host=d.units["zwj"],
        kind="counselling",
        title="马克会议辅导",
        chair="负责人",
        starts_at=now,
        place="马克会议室",
    )
    session = sessions.begin(viewer=office, meeting=meeting, at=now, phase="before", minutes=10)
    Sitting.objects.create(session=session, subject=estate, unit=d.units["jsyh"], items=["A09"], start=0)
    meetings.agenda_set(
        viewer=office, meeting=meeting, at=now, points=[meetings.Point("马克会议议题", "added", estate)]
    )
    meetings.invite(viewer=office, meeting=meeting, at=now, units=[d.units["jsyh"]])
    meetings.call(viewer=office, meeting=meeting, at=now)
    q = sessions.ask(
        viewer=office, subject=estate, unit=d.units["jsyh"], text="马克辅导问题", at=now, item="A09", session=session
    )
    sessions.answer(viewer=office, question=q, kind="now", said="马克辅导答复", at=now)
    Reckoning.objects.create(
        what="together", owner=d.people["zwj1"], state="ready", result={"rows": [{"name": "马克辅导"}]}, at=now
    )


def _financing(d: District, estate: Subject) -> None:
    """A financing file that was pushed, signed, drawn, with a statement, a question, a proposal and a ceremony: of a developer and a bank
    that are none of the personas'."""
    d.units["kfx"] = unit_add(name="示例开发企业丁", kind="company", code="kfx")
    file = lending.passed(d, developer="kfx", subject=estate, account_bank="jsyh")
    lending.told(d, file, closes="马克融资缺口平衡")
    lending.told(d, file, part="jsyh", lent=777 * lending.WAN)
    viewer = d.viewer("rzb1")
    screening.check(
        viewer=viewer,
        file=file,
        condition_id="B1",
        result="fixable",
        reason="马克融资理由",
        day=lending.today(),
        at=d.now,
    )
    Matter.objects.filter(kind="financing", subject=estate, title__startswith="B1").update(open=False)
    push = lending.pushed(d, file, "jsyh")
    lending.credited(d, push)
    signing.prepare(
        viewer=viewer,
        books=signing.ripe(viewer),
        title="马克会议签约",
        chair="负责人",
        starts_at=d.now,
        place="马克会议室",
        at=d.now,
    )
    lending.signed(d, push)
    lending.drawn(d, push, 500)
    text = f"交易日期,流水号,收入,支出,余额,对方户名\n{lending.today()},A1,,7.00,1.00,马克融资对方\n2099-01-01,A2,1.00,,2.00,甲\n"
    accounts.bring(viewer=viewer, file=file, upload=upload("马克融资流水.csv", text.encode()), at=d.now, at_once=True)
    Proposal.objects.create(owner=d.people["rzb1"], state="ready", at=d.now)


def addresses(patterns=None, prefix: str = "") -> Iterator[tuple[str, set[str]]]:
    """The name of every address with the names of what stands in it."""
    for p in patterns or get_resolver().url_patterns:
        if isinstance(p, URLResolver):
            yield from addresses(p.url_patterns)
        elif isinstance(p, URLPattern):
            yield str(p.name), set(p.pattern.converters)


PLAIN = """desk proven notices me channel matters matter_new subjects subject_new registers plans plan_new ledger orgs unit_new territories
territory_new kinds person_new channels people post_new audit calendars notice closure verifier health promotion reports
figure_list lights meetings meeting_new papers templates objections second_looks fire blind signals steps complaints centres
fire_tables table_load premises_imports visit_plans campaigns campaign_new field field_list field_worker field_manifest
late year annual letters assessments schemes measures measure_new commendations commendation_new incidents incident_new situation past_figures
past_sample
keys financing_files financing_new financing_lists financing_warnings financing_conditions financing_match financing_exchange signing_new financing
counselling together counselling_waits counselling_queues counselling_catalogue counselling_exchange knowledge revisits""".split()
POST_ONLY = """clock_right language verify_many save_view notices_seen stage drop_view end_session register_correct register_drop channel_again
agenda decide decision meeting_paper meeting_step paper_report paper_act matter_paper demand_link_end tenant_seen visit_add field_photo field_enter letter_batch letter_sign sign_many
assessment_year bulletin commendation_paper path_paper session_arrange session_better session_ask session_paper knowledge_outdate
counselling_exchange_file financing_inform financing_exchange_file signing_paper""".split()
OPEN = ("demand", "door")
"""Addresses for people without an account: whoever does not know the code finds nothing there."""


def objects(w: World) -> dict[str, list[dict[str, object]]]:
    """For each address what to put into it: everything there is."""
    numbers = [m.number for m in w.matters.values()]
    codes = list(w.d.units["jfj"].__class__.objects.values_list("code", flat=True))
    subjects = [w.d.project.code, w.d.premises.code, *{m.subject.code for m in w.matters.values()}]
    files = list(Attachment.objects.values_list("pk", flat=True))
    posts = list(Post.objects.values_list("pk", flat=True))
    receipts = (
        [{"kind": "matter", "name": n, "seq": 1} for n in numbers]
        + [{"kind": "subject", "name": s, "seq": 1} for s in subjects]
        + [
            {"kind": k, "name": m.objects.get().pk, "seq": 1}
            for k, m in (
                ("letter", Letter),
                ("assessment", Assessment),
                ("measure", Measure),
                ("commendation", Round),
                ("incident", Incident),
            )
        ]
    )
    return {
        "desk_group": [{"name": n} for n in ("todo", "overdue", "soon", "verify", "owed", "revisit", "nonsense")],
        "matter": [{"number": n} for n in numbers], "matter_register": [{"number": n} for n in numbers],
        "act": [{"number": n, "name": name} for n in numbers for name in FORMS],
        "subject": [{"code": s} for s in subjects], "subject_register": [{"code": s, "kind": k} for s in subjects for k in ("obstacle", "hazard", "financing")],
        "register": [{"pk": 1}], "register_out": [{"pk": 1}],
        "evidence": [{"pk": pk} for pk in files], "evidence_small": [{"pk": pk} for pk in files],
        "receipt": receipts, "receipt_file": receipts, "receipt_code": receipts,
        "handover": [{"pk": pk} for pk in posts], "post_fill": [{"pk": pk} for pk in posts],
        "unit": [{"code": k} for k in codes[:3]], "territory": [{"code": "lzh"}], "kind_new": [{"name": "obstacle"}],
        "plan_stop": [{"pk": 1}], "account_act": [{"username": "cgj1", "name": n} for n in ("lock", "unlock", "password", "factors")],
        "notice_open": [{"pk": pk} for pk in Notice.objects.values_list("pk", flat=True)], "mechanism": [{"name": n} for n in ("fire", "financing", "promotion", "counselling")],
        **{name: [{"code": s} for s in subjects] for name in ("project_edit", "project_report", "project_excuse", "demand_link")},
        "project_entry": [{"code": s, "part": p} for s in subjects for p in ("element", "permit", "visit", "party")],
        **{name: [{"code": p.subject.code, "pk": p.pk} for p in Photo.objects.select_related("subject")] for name in ("project_photo", "project_photo_small")},
        **{name: [{"code": "nobody-knows-it"}] for name in OPEN},
        **{name: [{"code": s} for s in subjects] for name in ("premises_edit", "record_new")},
        "premises_entry": [{"code": s, "part": p} for s in subjects for p in ("tenant", "facility", "post", "building", "party", "declare")],
        **{name: [{"pk": r.pk} for r in Record.objects.all()] for name in ("record", "late_record")}, **{name: [{"pk": f.pk} for f in RecordFile.objects.all()] for name in ("record_photo", "record_photo_small")},
        "step_file": [{"pk": f.pk} for f in StepFile.objects.all()], "centre": [{"code": c} for c in ("lzh", "jcl")],
        "procedure": [{"number": n, "name": p} for n in numbers for p in ("timed", "seal", "handover")],
        "step": [{"number": n, "run": 1, "name": s} for n in numbers for s in ("notice", "recheck")],
        "premises_import": [{"pk": i.pk} for i in PremisesImport.objects.all()], "visit_plan": [{"pk": p.pk} for p in VisitPlan.objects.all()],
        "visit": [{"pk": v.plan_id, "visit": v.pk} for v in PlannedVisit.objects.all()],
        **{name: [{"pk": c.pk} for c in Campaign.objects.all()] for name in ("campaign", "campaign_edit", "campaign_report")},
        **{name: [{"pk": m.pk} for m in Meeting.objects.all()] for name in ("meeting", "screen", "invite", "meeting_cancel", "meeting_code", "late_meeting")},
        "paper": [{"pk": p.pk} for p in Paper.objects.all()], "paper_file": [{"pk": p.pk} for p in Paper.objects.all()],
        "template": [{"name": "minutes"}], "template_file": [{"name": "minutes"}], "figures": [{"pk": f.pk} for f in FigureImport.objects.all()],
        "object_to": [{"number": n, "against": a} for n in numbers for a in ("circular", "declined")],
        "objection": [{"pk": o.pk} for o in Objection.objects.all()], "second_look": [{"pk": s.pk} for s in SecondLook.objects.all()],
        "letter_new": [{"name": t} for t in templates()], **{name: [{"pk": x.pk} for x in Letter.objects.all()] for name in ("letter", "letter_scan")},
        "letter_act": [{"pk": x.pk, "name": n} for x in Letter.objects.all() for n in ("reword", "suggest", "scan", "withdraw", "signer-issuer", "signer-party")],
        "assessment_open": [{"key": "fire.department"}], **{n: [{"key": "fire.township", "year": 2026}] for n in ("scheme", "scheme_sheet", "scheme_load")}, "proof": [{"pk": x.pk} for x in Proof.objects.all()],
        "assessment": [{"pk": x.pk} for x in Assessment.objects.all()], "assessment_rows": [{"pk": x.pk, "metric": m} for x in Assessment.objects.all() for m in ("fire.covered", "fire.hazards_kept", "fire.deaths", "fire.letter_signed")],
        "assessment_mark": [{"pk": x.pk, "item": "posts", "side": s} for x in Assessment.objects.all() for s in ("self", "assessor")],
        "assessment_appeal": [{"pk": x.pk, "item": "posts"} for x in Assessment.objects.all()], "assessment_act": [{"pk": x.pk, "name": "veto"} for x in Assessment.objects.all()],
        "appeal_decide": [{"pk": x.pk} for x in Appeal.objects.all()], "measure": [{"pk": x.pk} for x in Measure.objects.all()],
        "measure_act": [{"pk": x.pk, "name": n} for x in Measure.objects.all() for n in ("decide", "hold", "object")],
        "commendation": [{"pk": x.pk} for x in Round.objects.all()], "nominate": [{"pk": x.pk} for x in Round.objects.all()],
        "nominee_act": [{"pk": x.round_id, "nominee": x.pk, "name": n} for x in Nominee.objects.all() for n in ("review", "speak")],
        "voice_answer": [{"pk": x.nominee.round_id, "voice": x.pk} for x in Voice.objects.select_related("nominee")],
        **{name: [{"pk": x.pk} for x in Incident.objects.all()] for name in ("incident", "incident_edit")},
        "incident_act": [{"pk": x.pk, "name": n} for x in Incident.objects.all() for n in ("review", "annul")],
        **{name: [{"code": s} for s in subjects] for name in ("path", "path_facts")},
        **{name: [{"code": s, "name": i} for s in subjects for i in ("B07", "A09", "Z99")] for name in ("path_item", "path_suppose")},
        "path_record": [{"code": s, "name": "A09", "step": n} for s in subjects for n in (1, 3, 9, 99)],
        "path_record_own": [{"code": s, "name": "A09", "step": 0, "what": "extended"} for s in subjects],
        "search_state": [{"pk": x.pk} for x in Reckoning.objects.all()],
        **{name: [{"pk": x.meeting_id} for x in Session.objects.all()] for name in ("session", "session_projects")},
        **{name: [{"pk": q.pk} for q in Question.objects.all()] for name in ("question_answer", "question_keep")},
        "revisit": [{"pk": a.pk, "after": n} for a in Application.objects.all() for n in (7, 30, 5)],
        **{name: [{"code": x.code} for x in File.objects.all()] for name in ("financing_file", "statement_new")},
        "financing_figures": [{"code": x.code, "group": g} for x in File.objects.all() for g in ("gap", "building", "loan")],
        "financing_check": [{"code": x.code, "condition": "W1"} for x in File.objects.all()], "financing_explain": [{"code": x.code} for x in File.objects.all()],
        "financing_act": [{"code": x.code, "what": w} for x in File.objects.all() for w in ("pushed", "out", "handed", "nonsense")],
        "push": [{"code": p.code} for p in Push.objects.all()], "push_act": [{"code": p.code, "what": w} for p in Push.objects.all() for w in ("drawn", "duty", "nonsense")],
        "statement": [{"pk": x.pk} for x in Statement.objects.all()], "financing_proof": [{"pk": x.pk} for x in FinancingProof.objects.all()],
        "financing_search": [{"pk": x.pk} for x in Proposal.objects.all()], "financing_appetite": [{"code": c} for c in ("jsyh", "cgj")],
        "financing_condition": [{"side": "B"}, {"side": "X"}], "signing": [{"pk": m.pk} for m in Meeting.objects.all()],
        **{name: [{}] for name in PLAIN},
    }  # fmt: skip


def words_of(response) -> str:
    """Everything a response says, also inside a workbook."""
    data = b"".join(response.streaming_content) if response.streaming else response.content
    for close in response._resource_closers:  # response.close() would close the test's database connection too
        close()
    try:
        book = ZipFile(io.BytesIO(data))
        return "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    except BadZipFile:
        return data.decode("utf-8", "replace")


def test_every_address_is_in_the_table(world: World) -> None:
    known = set(objects(world)) | set(POST_ONLY)
    missing = {name for name, _ in addresses() if name not in known and not ALLAUTH.match(name)}
    assert not missing, f"enter these into objects(): {missing}"


QUERIES = {
    "matters": ["text=马克", "text=马克乙", "text=马克丙事项", "unit=1", "export=csv", "export=xlsx&text=马克", "group=owed", "order=due", "kind=financing", "light=green"],
    "blind": ["spot=night", "spot=tenant", "spot=own", "place=jcl", "export=csv", "spot=unmanaged&export=xlsx"], "field_list": ["find=马克"], "steps": ["mine=1"],
    "subjects": ["text=马克", "export=csv", "export=xlsx"], "ledger": ["export=csv", "export=xlsx"], "notices": ["export=csv"],
    "orgs": ["export=csv"], "plans": [""], "registers": [""], "letters": ["export=csv", "export=xlsx", "year=2025"], "assessments": ["export=csv", "export=xlsx"],
    "incidents": ["export=csv", "period=2026", "by=cause&key=010000"], "situation": ["period=2026Q4", "export=xlsx"], "assessment_rows": ["export=csv"],
    "counselling_waits": ["export=csv", "export=xlsx"], "counselling_catalogue": ["export=csv"], "knowledge": ["q=马克", "export=csv", "item=A09"], "counselling_queues": ["n-zwj=3"],
    "financing_files": ["export=csv", "state=drawing", "q=马克"], "financing_lists": ["export=csv&list=undrawn", "as_of=2020-01-01"], "financing_match": ["export=csv"],
    "path": ["goal=C14&by=law&mock=B01", "late=A09&until=2030-01-01", "by=history"],
}  # fmt: skip


@pytest.mark.parametrize("who", PERSONAS)
def test_nobody_sees_what_is_not_theirs(world: World, at, who: str) -> None:
    client: Client = at(who)
    hidden = world.hidden(who)
    asked = closed = 0
    for name, kwargs_list in objects(world).items():
        for kwargs in kwargs_list:
            for query in ("", *QUERIES.get(name, [])):
                response = client.get(reverse(name, kwargs=kwargs) + ("?" + query if query else ""))
                asked += 1
                where = f"{who} {name} {kwargs} {query}"
                assert response.status_code in (200, 302, 403, 404, 405), where
                if world.closed(who, name, kwargs):
                    closed += 1
                    assert response.status_code in (
                        (404,)
                        if name not in ("register", "register_out", "plan_stop", "figures", "premises_import", "visit")
                        else (403, 404)
                    ), where
                text = words_of(response)
                if query.startswith("text="):
                    text = text.replace(f'value="{query[5:]}"', "")
                for mark in hidden:
                    assert mark not in text, f"{where} shows {mark}"
    assert asked > 150
    assert closed > 10


def test_strangers_pages_are_the_same_for_what_is_hidden_and_what_is_not_there(world: World, at) -> None:
    client = at("cgj1")
    hidden = client.get(f"/matters/{world.matters['far'].number}/")
    nothing = client.get("/matters/999999/")
    assert hidden.status_code == nothing.status_code == 404
    assert re.sub(rb"csrf\S+ value=\"[^\"]+\"|/matters/\d+/", b"", hidden.content) == re.sub(
        rb"csrf\S+ value=\"[^\"]+\"|/matters/\d+/", b"", nothing.content
    )


def fingerprint() -> tuple[int, ...]:
    """What must not change: every event but refusals, matters, posts, plans."""
    return (
        Event.objects.exclude(stream__startswith="denied:").count(), Matter.objects.count(), Post.objects.count(),
        Attachment.objects.count(), SavedView.objects.count(), Decision.objects.count(), Item.objects.count(), Paper.objects.count(),
        tuple(Letter.objects.values_list("state", "version")), tuple(Assessment.objects.values_list("state", "veto")), tuple(Measure.objects.values_list("state")),
        tuple(Nominee.objects.values_list("stage", "state")), tuple(Incident.objects.values_list("state", "address")), Appeal.objects.filter(upheld=None).count(),
        Step.objects.count(), tuple(Question.objects.values_list("answer", flat=True)), Sitting.objects.count(), Knowledge.objects.count(),
        FinancingStep.objects.count(), Figure.objects.count(), Choice.objects.count(), Statement.objects.count(), Edition.objects.count(), Appetite.objects.count(),
        Record.objects.count(), PlannedVisit.objects.count(), Campaign.objects.count(),
        tuple(Objection.objects.values_list("upheld", flat=True)), tuple(SecondLook.objects.values_list("good", flat=True)),
    )  # fmt: skip


def foreign(w: World, who: str) -> dict[str, object]:
    """Ids of things that exist and are not this persona's, by the names that forms give them."""
    d, viewer = w.d, w.d.viewer(who)
    matter = next(m for m in w.matters.values() if not visible_to(viewer).filter(pk=m.pk).exists())
    unit = next(u for u in d.units.values() if u.code not in viewer.codes and u.kind != "bank")
    subject = next(
        m.subject for m in w.matters.values() if not subjects_visible_to(viewer).filter(pk=m.subject_id).exists()
    )
    photo = d.photo("jsj1")
    return {
        "subject": subject.code, "unit": unit.code, "chosen": matter.number, "into": matter.number, "staged": photo.pk,
        "number": matter.number, "plan": 1, "register": 1, "view": SavedView.objects.get().pk,
    }  # fmt: skip


def _promotion_tries(f: dict[str, object], base: dict[str, object]) -> list[tuple[str, dict[str, object]]]:
    """Posts to meetings, papers, figures, objections and looks that are another office's, and to files that are not kept."""
    meeting, paper = Meeting.objects.get(kind="work"), Paper.objects.get()
    item, decision = Item.objects.get(meeting=meeting), Decision.objects.get()
    root = f"/meetings/{meeting.pk}"
    return [
        (f"{root}/agenda/", {"build": "1"}), (f"{root}/agenda/", {"order": [item.pk], f"out-{item.pk}": ""}), (f"{root}/invite/", {"units": ["cgj"]}),
        (f"{root}/call/", {}), (f"{root}/close/", {}), (f"{root}/cancel/", base), (f"{root}/papers/", {"kind": ["minutes"]}),
        (f"{root}/decide/", {"subject": f["subject"], "lead": "城市管理局", "task": "越权", "due": "10个工作日", "confirm": "1"}),
        (f"{root}/decisions/{decision.pk}/confirm/", {}), (f"{root}/decisions/{decision.pk}/strike/", {}),
        ("/meetings/new/", {"host": "rzb", "kind": "work", "title": "越权", "chair": "x", "starts_at": "2030-01-01T09:00", "place": "x"}),
        *((f"/papers/{paper.pk}/{name}/", {}) for name in ("issue", "drop", "again", "replace")),
        ("/papers/report/", {"kind": "monthly"}), (f"/matters/{f['number']}/paper/", {"kind": "assignment"}),
        (f"/matters/{f['number']}/object/circular/", base), (f"/objections/{Objection.objects.get().pk}/", {"upheld": "yes", "answer": "x"}),
        (f"/second-looks/{SecondLook.objects.get().pk}/", {"good": "no", "findings": "x"}), (f"/figures/{FigureImport.objects.get().pk}/", {"confirm": "1"}),
        (f"/subjects/{f['subject']}/file/", {"year": 2026, "plan": "1"}), (f"/subjects/{f['subject']}/report/", {"actual": "1", "progress": "x"}),
        (f"/subjects/{f['subject']}/excuse/", {"reason": "x", "until": "2030-01-01"}), (f"/subjects/{f['subject']}/enter/visit/", {"day": "2024-01-01", "text": "x"}),
        (f"/subjects/{f['subject']}/demands/", {"unit": 1}), ("/lights/", {"scheme": "sanya"}),
    ]  # fmt: skip


def _fire_tries(f: dict[str, object], base: dict[str, object]) -> list[tuple[str, dict[str, object]]]:
    """Posts to premises, procedures, plans and campaigns that are another's."""
    s, plan, visit = f["subject"], VisitPlan.objects.get(), PlannedVisit.objects.get()
    campaign = Campaign.objects.get()
    day = {"served": "2026-01-01", "deadline": "2026-02-01"}
    return [
        (f"/subjects/{s}/premises/", {"use": "hotel"}), (f"/subjects/{s}/premises/tenant/", {"name": "越权", "since": "2024-01-01"}),
        (f"/subjects/{s}/premises/declare/", {"label": "key_unit", "on": "1", "reason": "x"}), (f"/subjects/{s}/tenants/t1/seen/", {}),
        (f"/subjects/{s}/records/", {"what": "patrol", "at": "2026-01-01T09:00"}),
        (f"/matters/{f['number']}/procedures/seal/", {**base, "ground": "exits", "part": "x"}), (f"/matters/{f['number']}/procedures/1/notice/", {**base, "number": "1", **day}),
        (f"/fire/visits/{plan.pk}/", {}), (f"/fire/visits/{plan.pk}/add/", {"subject": s}), (f"/fire/visits/{plan.pk}/{visit.pk}/", {"day": "2026-01-01", "team": "0", "out": "on"}),
        (f"/fire/campaigns/{campaign.pk}/edit/", {"name": "越权"}), ("/fire/campaigns/new/", {"name": "越权"}), ("/fire/rules/load/", {"name": "labels", "title": "x"}),
        (f"/fire/import/{PremisesImport.objects.get().pk}/", {}),
    ]  # fmt: skip


def _responsibility_tries(f: dict[str, object], base: dict[str, object]) -> list[tuple[str, dict[str, object]]]:
    """Posts to letters, assessments, measures, nominees and fires that are another's."""
    letter, a, m, n, i = (
        Letter.objects.get(),
        Assessment.objects.get(),
        Measure.objects.get(),
        Nominee.objects.get(),
        Incident.objects.get(),
    )
    batch, voice, row = letter.batch, Voice.objects.get(), f"/assessments/{a.pk}"
    return [
        *((f"/letters/{letter.pk}/sign/", {"act": x, "digest": letter.digest}) for x in ("sign", "offer", "take", "decline", "paper")),
        *((f"/letters/{letter.pk}/{x}/", {**base, "basis": "x"}) for x in ("reword", "suggest", "scan", "withdraw", "signer-party")),
        *((f"/letters/batches/{batch.pk}/{x}/", {}) for x in ("offer", "papers", "handover")), ("/letters/new/fire.township/", {"parties": ["lzh"]}),
        (f"{row}/items/posts/assessor/", {"points": "-1", "text": "x"}), (f"{row}/items/posts/self/", {"points": "1", "text": "x"}), (f"{row}/items/posts/appeal/", {"text": "x"}),
        (f"{row}/veto/", {"text": "x"}), (f"{row}/reviewed/", {}), (f"/assessments/appeals/{Appeal.objects.get().pk}/", {"upheld": "yes", "points": "1", "answer": "x"}),
        *((f"/assessments/years/fire.department/{a.year}/{x}/", {}) for x in ("review", "announce", "finish")), ("/assessments/open/fire.department/", {"units": ["jsj"]}),
        (f"/schemes/fire.township/{a.year}/", {"adopt": "1"}), ("/measures/new/", {"kind": "interview", "unit": "jsj", "basis": "x", "text": "x"}),
        *((f"/measures/{m.pk}/{x}/", {**base, "approve": "yes", "answer": "x"}) for x in ("decide", "hold", "object")), ("/commendations/new/", {"title": "x"}),
        (f"/commendations/{n.round_id}/paper/", {}), *((f"/commendations/{n.round_id}/{n.pk}/{x}/", {"text": "x", "passed": "yes"}) for x in ("notice", "review", "speak", "commend")),
        (f"/commendations/{n.round_id}/voices/{voice.pk}/", {"text": "x"}), ("/year/meeting/", {"place": "x"}),
        ("/fire/fires/new/", {"address": "x"}), (f"/fire/fires/{i.pk}/edit/", {"address": "x"}), (f"/fire/fires/{i.pk}/review/", {"findings": "x"}), (f"/fire/fires/{i.pk}/annul/", base),
        ("/fire/situation/bulletin/", {}), ("/fire/situation/past/", {}),
    ]  # fmt: skip


def _counselling_tries(w: World) -> list[tuple[str, dict[str, object]]]:
    """Posts to paths, sessions, questions and call-backs that are another office's."""
    code, session, q = w.matters["bank"].subject.code, Session.objects.get(), Question.objects.get()
    a = Application.objects.get(item="B07")
    today, root = timezone.localdate().isoformat(), f"/meetings/{session.meeting_id}/session"
    return [
        (f"/subjects/{code}/path/facts/", {"type": "CT"}), (f"/subjects/{code}/path/paper/", {}), (f"/subjects/{code}/path/B07/suppose/", {"waived": "x"}),
        *((f"/subjects/{code}/path/{i}/record/{n}/", {"day": today, "opinion": "x"}) for i, n in (("A09", 3), ("A09", 6), ("A11", 1), ("B07", 15))),
        (f"/subjects/{code}/path/A09/record/0/extended/", {"day": today, "days": 3, "opinion": "x"}), (f"{root}/projects/", {"phase": "before", "minutes": 10, "subjects": [code]}),
        (f"{root}/arrange/", {}), (f"{root}/better/", {}), (f"/counselling/searches/{Reckoning.objects.get().pk}/", {}), (f"{root}/ask/", {"subject": code, "unit": "jsyh", "text": "x"}), (f"{root}/paper/", {"kind": ["counselling_minutes"]}),
        (f"/counselling/questions/{q.pk}/answer/", {"kind": "now", "said": "越权"}), (f"/counselling/questions/{q.pk}/keep/", {"asked": "x", "said": "x"}),
        (f"/counselling/revisits/{a.pk}/30/", {"solved": "1", "satisfaction": "5"}),
        ("/counselling/queues/", {"n-zwj": "9"}), ("/counselling/exchange/", {"file": upload("a.csv", "工程代码,事项实例编码,事项编码,办理时间,办件状态\nx,x1234,A09,2024-01-01,1\n".encode())}),
    ]  # fmt: skip


def _financing_tries(f: dict[str, object], base: dict[str, object]) -> list[tuple[str, dict[str, object]]]:
    """Posts to financing files, pushes, statements, banks and the ceremony that are another's."""
    file, push, row = File.objects.get(), Push.objects.get(), Statement.objects.get()
    root, day = f"/financing/files/{file.code}", timezone.localdate().isoformat()
    meeting = Meeting.objects.get(kind="signing")
    return [
        ("/financing/files/new/", {"subject": f["subject"], "developer": "qy", "day": day}), (f"{root}/figures/gap/", {"need": "1", "day": day, "source": "x"}),
        (f"{root}/check/W1/", {"result": "pass", "day": day, "staged": f["staged"]}),
        *((f"{root}/{w}/", {**base, "day": day, "bank": "zgyh", "passed": "yes"}) for w in ("pushed", "out", "back", "handed", "district")),
        (f"{root}/explain/?key=x", base), (f"{root}/inform/", {}), (f"{root}/statement/", {"file": upload("a.csv", b"x")}),
        *((f"/financing/pushes/{push.code}/{w}/", {**base, "day": day, "amount": "1", "account": lending.ACCOUNT, "items": "x"}) for w in ("drawn", "paid", "problems", "withdrawn", "duty")),
        (f"/financing/statements/{row.pk}/", {"key": "n:A1", "reason": "x"}), ("/financing/banks/", {"choose": file.code, "bank": "zgyh", "reason": "x"}),
        (f"/financing/banks/searches/{Proposal.objects.get().pk}/", {}), ("/financing/banks/gsyh/", {"capacity": "1", "share": 100}),
        ("/financing/conditions/B/", {"valid_from": "2099-01-01", "source": "x", "lines": "B1|x|y|1"}), ("/financing/signing/", {"projects": [file.code]}),
        (f"/financing/signing/{meeting.pk}/", {f"contract-{push.code}": "x"}), (f"/financing/signing/{meeting.pk}/papers/", {"kind": ["signing_list"]}),
    ]  # fmt: skip


def test_an_inspection_of_a_premises_that_is_not_mine_is_not_taken(world: World, at) -> None:
    client: Client = at("lzh1")
    far = world.matters["far"].subject
    told = {"client": str(uuid4()), "premises": far.code, "at": timezone.now().isoformat(), "people": ["甲某", "乙某"]}
    before = fingerprint()
    assert client.post("/field/enter/", json.dumps(told), content_type="application/json").status_code == 404
    assert fingerprint() == before
    told["premises"] = world.d.premises.code
    assert client.post("/field/enter/", json.dumps(told), content_type="application/json").status_code == 200


@pytest.mark.parametrize("who", ["cgj1", "lzh1", "jcl1", "zgyh1", "qy1"])
def test_another_s_id_inside_the_body_changes_nothing(world: World, at, who: str) -> None:
    client: Client = at(who)
    f = foreign(world, who)
    mine = next((m for m in world.matters.values() if visible_to(world.d.viewer(who)).filter(pk=m.pk).exists()), None)
    token = "00000000-0000-4000-8000-000000000000"
    base = {
        "token": token,
        "version": 9,
        "reason": "x",
        "text": "x",
        "findings": "x",
        "explicit": "on",
        "good": "yes",
        "answers": "x",
    }
    tries: list[tuple[str, dict[str, object]]] = [
        ("/matters/new/", {**base, "subject": f["subject"], "kind": "hazard_general", "title": "越权", "unit": next(iter(world.d.viewer(who).codes))}),
        ("/matters/new/", {**base, "subject": world.d.project.code, "kind": "obstacle", "title": "越权", "unit": f["unit"]}),
        ("/matters/verify/", {**base, "chosen": [f["chosen"]]}),
        (f"/matters/views/{f['view']}/drop/", {}),
        ("/plans/new/", {**base, "unit": f["unit"], "subject": f["subject"], "kind": "obstacle", "title": "x", "lead": 1, "every": "month", "day": 1, "start": "2030-01-01"}),
        (f"/plans/{f['plan']}/stop/", base) if who != "jcl1" else ("/plans/999/stop/", base),
        (f"/registers/{f['register']}/correct/", {"confirm": "1"}),
        (f"/registers/{f['register']}/drop/", {}),
        ("/registers/", {"unit": f["unit"], "file": upload("a.csv", b"x")}),
        ("/subjects/new/", {"type": "premises", "name": "越权", "territory": world.d.root.pk}),
        *_promotion_tries(f, base),
        *_fire_tries(f, base),
        *_responsibility_tries(f, base),
        *_counselling_tries(world),
        *_financing_tries(f, base),
    ]  # fmt: skip
    tries += [
        (f"/matters/{f['number']}/{name}/", {**base, "lead": "cgj", "n": 3, "until": "2030-01-01"}) for name in FORMS
    ]
    if mine is not None:
        tries.append((f"/matters/{mine.number}/attach/", {**base, "staged": f["staged"]}))
        tries.append((f"/matters/{mine.number}/merge/", {**base, "into": f["into"]}))
    before = fingerprint()
    for url, data in tries:
        status = client.post(url, data).status_code
        assert status in (403, 404) or url.endswith("/merge/"), f"{who} {url} {status}"
        assert fingerprint() == before, f"{who} {url}"
    assert Event.objects.filter(stream=f"denied:{who}").exists()


def test_wrong_methods_are_refused(world: World, at) -> None:
    client = at("cgj1")
    for url in (
        "/matters/verify/",
        "/matters/views/",
        "/notices/seen/",
        "/evidence/stage/",
        "/registers/1/correct/",
        "/registers/1/drop/",
    ):
        assert client.get(url).status_code == 405, url
    for url in ("/matters/", "/subjects/", "/ledger/x/", "/notices/"):
        assert client.post(url).status_code in (404, 405), url


def test_nobody_who_is_not_signed_in_sees_anything(world: World) -> None:
    client = Client()
    for name, kwargs_list in objects(world).items():
        for kwargs in kwargs_list[:2]:
            response = client.get(reverse(name, kwargs=kwargs))
            if name in OPEN:
                assert response.status_code == 404
                continue
            if name == "health":
                assert response.json() == {"status": "ok"}
                continue
            assert (response.status_code, response["Location"].startswith("/sign-in/")) == (302, True), name
