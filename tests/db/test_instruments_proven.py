"""What instruments write is decided by their streams: nothing differs, forgeries are named, emptied tables come back."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.utils import timezone
from django.utils.translation import override

from bihuan.adapters.word import Line, build
from bihuan.instruments.documents import services as documents
from bihuan.instruments.documents.catalogue import kinds as papers
from bihuan.instruments.documents.catalogue import sample
from bihuan.instruments.documents.models import Paper, Series
from bihuan.instruments.keys import services as keys
from bihuan.instruments.keys.models import Key
from bihuan.instruments.meetings import services as meetings
from bihuan.instruments.meetings.models import Decision, Item, Meeting
from bihuan.instruments.plans import services as plans
from bihuan.instruments.registers import services as registers
from bihuan.instruments.registers.models import RegisterEntry
from bihuan.instruments.supervision import services as supervision
from bihuan.instruments.supervision.models import Objection
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.ledger.selectors import happened
from bihuan.kernel.matters.services import GUARDS
from bihuan.kernel.registry.streams import kinds
from bihuan.web.surface.history import history

from ..forging import proven
from ..support import District, differences, local, upload, work_off
from .test_imports import bring, corrected, edited, taken
from .test_meetings import called, decided
from .test_papers import asked, head
from .test_plans import plan
from .test_supervision import late, month_ago

pytestmark = pytest.mark.django_db


def told_and_proven(*prefixes: str, **only: Any) -> None:
    """Kinds of streams are proven, and each of their events reads as a sentence in both languages."""
    proven(*prefixes, **only)
    for prefix in prefixes:
        found = [happened(e.body) for e in Event.objects.filter(stream__startswith=f"{prefix}:")]
        with override("en"):
            english = [(str(x.verb), x.notes) for x in history(found)]
        with override("zh-hans"):
            chinese = [(str(x.verb), x.notes) for x in history(found)]
        assert len(english) == len(chinese) > 0
        for (verb, notes), (said, noted) in zip(english, chinese, strict=True):
            assert verb.isascii(), verb
            assert re.search("[一-鿿]", said), said
            assert all(notes), notes
            assert len(notes) == len(noted)


def seeing(d: District, prefix: str, rest: object) -> set[str]:
    """Which of the personas may see a stream and take its events along."""
    seen = kinds[prefix].seen
    assert seen is not None
    return {who for who in d.people if seen(d.viewer(who), str(rest))}


def test_keys(d: District) -> None:
    row, secret = keys.make(viewer=d.viewer("zgyh1"), unit=d.units["zgyh"], name="核心系统", at=d.now)
    events = Event.objects.count()
    assert keys.viewer_by(secret, d.now + timedelta(minutes=5))
    assert Event.objects.count() == events, "using a key is no event"
    told_and_proven("key")
    assert secret not in "".join(f"{e.body}{e.effect}" for e in Event.objects.all())
    for _ in range(2):
        keys.end(viewer=d.viewer("zgyh1"), row=Key.objects.get(pk=row.pk), at=d.now)
        keys.end(viewer=d.viewer("zgyh1"), row=row, at=d.now)
    assert Event.objects.filter(type="KeyEnded").count() == 1
    assert differences("key") == []
    assert seeing(d, "key", row.pk) == {"zgyh1"}
    assert [seeing(d, "key", n) for n in ("", "²", "x", "999999")] == [set()] * 4


def test_plans(d: District) -> None:
    with time_machine.travel(local(2027, 1, 10)):
        made = plan(d)
    with time_machine.travel(local(2027, 3, 1)):
        assert plans.run(at=timezone.now()) == 2
        plans.plan_stop(viewer=d.viewer("jfj1"), plan=made, reason="项目竣工", at=timezone.now())
    told_and_proven("plan")
    told = Event.objects.filter(stream=f"plan:{made.pk}").order_by("seq").values_list("type", flat=True)
    assert list(told) == ["PlanMade", "PeriodMade", "PeriodMade", "PlanStopped"]
    assert seeing(d, "plan", made.pk) == {"jfj1", "jfj2", "cgj1", "cgj2"}


def test_objections_of_two_units_to_one_matter_are_taken_along_by_whoever_sees_both(d: District) -> None:
    matter = late(d)
    mine = {"person": "cgj1", "units": d.viewer("cgj1").acting, "matter": matter, "reason": "上游迟延"}
    for against in ("interview", "circular"):
        supervision.object_to(**mine, against=against, at=timezone.now())
    first = Objection.objects.get(against="interview")
    supervision.decide(viewer=d.viewer("dcs1"), objection=first, upheld=True, answer="属实", at=timezone.now())
    assert {"cgj1", "jfj1", "dcs1", "leader"} <= seeing(d, "objection", matter.number)
    assert not {"jsj1", "jcl1", "zgyh1", "admin"} & seeing(d, "objection", matter.number)
    Objection.objects.filter(against="interview").update(unit=d.units["jsyh"])
    assert not {"jsyh1", "jsyh2"} & seeing(d, "objection", matter.number), "one of two is not all"
    Objection.objects.filter(against="interview").update(unit=d.units["cgj"])
    told_and_proven("objection")


def test_an_upheld_decline_tells_of_the_demand_raised_anew(d: District) -> None:
    matter = d.raised("demand", by="qy1", title="门前停车位不足")
    d.do("jfj1", matter, c.Withdraw, "不属于本区职责", at=timezone.now())
    made = supervision.object_to(
        units=frozenset({"qy"}), person="qy1", matter=matter, against="declined", reason="属于", at=timezone.now()
    )
    supervision.decide(viewer=d.viewer("dcs1"), objection=made, upheld=True, answer="属实", at=timezone.now())
    assert differences("objection") == []


def test_lots_and_second_looks(d: District) -> None:
    month, _ = month_ago(d)
    made = supervision.draw(viewer=d.viewer("dcs1"), mechanism="promotion", month=month, percent=50, at=timezone.now())
    for n, look in enumerate(made.looks.all()[:2]):
        who = d.viewer(f"{look.unit.code}1")
        supervision.look(viewer=who, second=look, good=bool(n), findings="现场道路仍未贯通", at=timezone.now())
    told_and_proven("draw")
    assert {"dcs1", "jfj1", "leader"} <= seeing(d, "draw", made.pk)
    assert not {"jsj1", "zgyh1", "qy1", "admin"} & seeing(d, "draw", made.pk)
    other = made.looks.last()
    other.matter = d.raised("hazard_general", by="jcl1", subject=d.far)
    other.unit = d.units["jsj"]
    other.save()
    assert not {"jsj1", "cgj1"} & seeing(d, "draw", made.pk), "who sees one look does not see what the others found"


def test_meetings_with_all_that_can_be_done_to_them(d: District) -> None:
    made, who = called(d), d.viewer("jfj1")
    points = [meetings.Point(t, Item.Why.ADDED) for t in ("乙", "丙")]
    meetings.agenda_set(viewer=who, meeting=made, at=d.now, points=points)
    meetings.invite(viewer=who, meeting=made, at=d.now, units=[d.units["yslj"]])
    meetings.uninvite(viewer=who, meeting=made, at=d.now, unit=d.units["jsj"])
    struck, kept = decided(d, made), decided(d, made, lead="jsj")
    for _ in range(2):
        meetings.undecide(viewer=who, decision=struck, at=d.now)
    first, *rest = made.items.values_list("pk", flat=True)
    meetings.agenda_order(viewer=who, meeting=made, at=d.now, order=rest[::-1])
    kept.refresh_from_db()
    assert (kept.item_id, first in rest) == (None, False), "the point that it was taken under has left the agenda"
    more = meetings.decide(
        viewer=who, meeting=made, at=d.now, subject=d.project, lead=d.units["cgj"], task="打通园区北路", due=kept.due,
        supporting=[d.units[u] for u in ("jsj", "cgj", "yslj", "jsj")], item=made.items.first(),
    )  # fmt: skip
    assert sorted(u.code for u in more.supporting.all()) == ["jsj", "yslj"]
    meetings.confirm(viewer=who, decision=more, at=d.now)
    meetings.sign_in(meeting=made, at=d.now, unit=d.units["cgj"], name="示例甲")
    meetings.sign_in(meeting=made, at=d.now, unit=d.units["jfj"], name="示例乙", person="jfj1")
    assert meetings.close(viewer=who, meeting=made, at=d.now) == 1 + Decision.objects.filter(pk=kept.pk).count()
    own = apps.get_app_config("meetings").get_models()
    told_and_proven("meeting", only=tuple(own))
    told = set(Event.objects.filter(stream=f"meeting:{made.pk}").values_list("type", flat=True))
    meetings.cancel(viewer=who, meeting=called(d), at=d.now, reason="改期")
    assert differences("meeting") == []
    assert told == {
        "MeetingPrepared", "AgendaSet", "AgendaOrdered", "Invited", "Uninvited", "MeetingCalled", "Decided", "DecisionStruck",
        "DecisionConfirmed", "SignedIn", "MeetingHeld",
    }  # fmt: skip


def test_the_record_of_a_guarded_meeting_is_its_host_s(d: District) -> None:
    made = called(d)
    assert {"jfj1", "cgj1", "jsj2", "leader"} <= seeing(d, "meeting", made.pk)
    assert not {"zgyh1", "jcl1", "qy1", "admin"} & seeing(d, "meeting", made.pk)
    Meeting.objects.filter(pk=made.pk).update(kind="financing", sector="housing")
    assert {"jfj1", "leader"} <= seeing(d, "meeting", made.pk)
    assert not {"cgj1", "jsj1", "zgyh1"} & seeing(d, "meeting", made.pk)


def test_papers_from_asking_to_the_number(d: District) -> None:
    head(d)
    now, who = timezone.now(), {"viewer": d.viewer("jfj1")}
    mine = build([Line("公文正文", "本区格式:{{ meeting.title }} {{ paper.number }}")])
    documents.template_take(**who, unit=d.units["jfj"], kind_id="minutes", upload=upload("我的.docx", mine), at=now)
    first, second = (asked(d, readers=[d.units["cgj"], d.units["jsj"]]) for _ in range(2))
    edited = build([Line("公文正文", f"由办公室改写 {documents.NUMBER}")])
    documents.replace(**who, paper=first, upload=upload("改.docx", edited), at=now)
    for paper in (first, second, first):
        documents.issue(viewer=d.viewer("head"), paper=paper, at=now)
    context = sample(papers()["meeting_notice"])
    del context["meeting"]
    broken = documents.ask(
        **who, unit=d.units["jfj"], kind_id="meeting_notice", title="通知", context=context, about="meeting:1", at=now
    )
    work_off()
    documents.again(**who, paper=broken, at=now)
    work_off()
    for _ in range(2):
        documents.drop(**who, paper=broken, at=now)
    told_and_proven("paper", "series", "template")
    told = list(Event.objects.filter(stream=f"paper:{broken.pk}").order_by("seq").values_list("type", flat=True))
    assert told == ["PaperAsked", "PaperFailed", "PaperAskedAgain", "PaperFailed", "PaperDropped"]
    series = Series.objects.get()
    assert (series.last, Event.objects.filter(stream=f"series:{series.pk}", type="NumberGiven").count()) == (2, 2)
    assert seeing(d, "series", series.pk) == seeing(d, "template", "jfj:minutes") == {"jfj1", "jfj2", "head"}
    assert seeing(d, "template", "jfj:agenda") == seeing(d, "template", "cgj:minutes") == set()
    assert {"jfj1", "cgj1", "leader"} <= seeing(d, "paper", first.pk)
    assert not {"jcl1", "zgyh1", "admin"} & seeing(d, "paper", first.pk)
    assert seeing(d, "paper", broken.pk) == {"jfj1", "jfj2", "head"}


def test_a_paper_that_was_dropped_meanwhile_is_not_written(d: District) -> None:
    made = documents.ask(
        viewer=d.viewer("jfj1"), unit=d.units["jfj"], kind_id="minutes", title="x", context=sample(papers()["minutes"]), at=timezone.now()
    )  # fmt: skip
    documents.drop(viewer=d.viewer("jfj1"), paper=made, at=timezone.now())
    work_off()
    documents.failed(paper_id=made.pk, why="x", at=timezone.now())
    assert Paper.objects.get().state == "dropped"
    assert differences("paper") == []


def test_registers_their_previews_and_what_they_said_of_each_matter(d: District) -> None:
    name = "promotion-problems.xlsx"
    first = taken(d, "jfj1", name)
    told_and_proven("register", "entry")
    second = bring(d, "jfj1", name, edited(name, lambda ws: ws.__setitem__("G5", "完成80%")))
    for _ in range(2):  # the same again is no event
        corrected(d, second, "jfj1", corrections={"5:due": "2024-05-10"}, left_out=[8])
    registers.confirm(imported=second, viewer=d.viewer("jfj1"), at=timezone.now())
    dropped = bring(d, "jfj1", name)
    registers.drop(imported=dropped, viewer=d.viewer("jfj2"), at=timezone.now())
    for act in (registers.drop, registers.confirm):
        with pytest.raises(Refused, match="ended already"):
            act(imported=dropped, viewer=d.viewer("jfj1"), at=timezone.now())
    told_and_proven("register", "entry")
    told = {pk: [*Event.objects.filter(stream=f"register:{pk}").order_by("seq").values_list("type", flat=True)] for pk in (second.pk, dropped.pk)}  # fmt: skip
    assert told == {
        second.pk: ["RegisterBrought", "RegisterCorrected", "RegisterImported"],
        dropped.pk: ["RegisterBrought", "RegisterDropped"],
    }
    changed = {e.matter_id for e in RegisterEntry.objects.filter(imported=second)}
    assert len(changed) == 1
    rows = {
        e.matter_id: Event.objects.filter(stream=f"entry:{e.matter_id}").count() for e in RegisterEntry.objects.all()
    }
    assert {n for n, count in rows.items() if count == 2} == changed
    assert set(rows.values()) == {1, 2}
    assert seeing(d, "register", first.pk) == {"jfj1", "jfj2"}
    assert {"jfj1", "leader"} <= seeing(d, "entry", min(changed))
    assert not {"zgyh1", "qy1", "admin"} & seeing(d, "entry", min(changed))


def test_a_stale_preview_changes_nothing_of_an_import_that_was_confirmed(d: District) -> None:
    stale = bring(d, "jfj1", "promotion-problems.xlsx")
    confirmed = taken(d, "jfj1", "promotion-problems.xlsx")
    stale.pk = confirmed.pk
    with pytest.raises(Refused, match="ended already"):
        corrected(d, stale, "jfj1", left_out=[5])
    confirmed.refresh_from_db()
    assert confirmed.left_out == []


def test_nobody_takes_the_place_of_a_guard_or_of_what_an_objection_takes_back() -> None:
    for registry, name in ((GUARDS, "procedures"), (supervision.UPHELD, "measure")):
        assert name in registry
        with pytest.raises(ValueError, match="twice"):
            registry.add(name, lambda *_: None)


def test_somebody_who_came_by_the_code_is_called_so(d: District) -> None:
    made = called(d)
    meetings.sign_in(meeting=made, at=d.now, unit=d.units["cgj"], name="示例甲")
    last = Event.objects.filter(stream=f"meeting:{made.pk}").latest("seq")
    assert [x.who for x in history([happened(last.body)])] == ["现场签到人员"]
