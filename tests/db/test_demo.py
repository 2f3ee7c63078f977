"""The demonstration district: true to its facts, sound, invented where it says so, and without a real person."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.utils import timezone

from bihuan.demo import district
from bihuan.instruments.assessment.told import scored
from bihuan.instruments.meetings.models import Meeting
from bihuan.kernel.files import filing
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.ledger.verifying import Broken, verify
from bihuan.kernel.matters.clockwork import tick
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.orgs.models import Person, Territory, Unit
from bihuan.kernel.subjects.models import Subject
from bihuan.mechanisms.financing import lists
from bihuan.mechanisms.financing.catalogue import figures

from ..support import differences

pytestmark = pytest.mark.django_db


def test_the_district_is_loaded_whole_and_sound() -> None:
    assert not district.loaded()
    district.load(progress=lambda what, done, of: None, matters=60)
    assert district.loaded()
    assert Territory.objects.filter(level="township").count() == 10
    assert Unit.objects.count() >= 60
    assert Subject.objects.filter(type="premises").count() == 400
    assert Subject.objects.filter(type="project").count() >= 60
    for name in ("东微电子", "客属文化中心纪念馆改扩建工程", "均和云谷·郑东先进智造港", "住宅项目十"):
        assert Subject.objects.filter(name=name).exists(), name
    assert Subject.objects.filter(labels__label="“白名单”签约项目").count() == 10
    assert Matter.objects.filter(title="消灭监管盲区和空白").exists()
    assert not [b for b in verify() if isinstance(b, Broken)]
    assert differences() == [], "every row is what its stream says"
    before = Event.objects.count()
    tick(at=timezone.now())
    assert Event.objects.count() == before, "the clock has nothing left to do"
    everything = " ".join(Event.objects.values_list("body", flat=True)) + " ".join(
        Person.objects.values_list("name", flat=True)
    )
    everything = re.sub(r"[0-9a-f]{40,64}", "", everything)  # digests and what begins with them
    everything = re.sub(
        r'"(total|plan|actual|amount|capacity|least|top)":\d+', "", everything
    )  # amounts in fen, numbers and no text
    money = "|".join(f.id for f in figures().values() if f.type == "money")
    everything = re.sub(rf'\["({money})","[^"]*","\d+"\]', "", everything)  # figures of financing files, in fen
    assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)\d{17}[\dX](?!\d)", everything), (
        "no phone or identity number"
    )
    accounts = district.accounts_file()
    assert accounts.stat().st_mode & 0o777 == 0o600
    assert "jfj01" in accounts.read_text("utf-8")
    invented_subjects_say_so()
    responsibility_is_whole()
    white_list_is_whole()


def white_list_is_whole() -> None:
    """Ten projects signed, one moved out, one waits; rows, statements and figures are what the ledger says."""
    today = timezone.localdate()
    found = lists.whole(today, today).figures
    assert (found.listed, found.credited, found.drawn, found.out) == (10, 10, 9, 1)
    assert lists.by_ledger(today) == found
    assert Meeting.objects.get(kind="signing").state == "held"


def invented_subjects_say_so() -> None:
    facts = json.loads((Path(__file__).parents[1] / "data/facts.json").read_text("utf-8"))
    named = set(facts["promotion_meeting"]["projects"] + facts["counselling"]["named_projects"])
    assert set(Subject.objects.values_list("name", flat=True)) >= named
    assert set(Territory.objects.filter(level="township").values_list("name", flat=True)) == set(facts["townships"])
    invented = Subject.objects.filter(name__contains="示例")
    assert invented.count() == invented.filter(labels__label="虚构示例").count()


def responsibility_is_whole() -> None:
    """2024 from its letters to its results, for ten townships and thirty departments, as the record has it."""
    told = scored(2024, "", timezone.now())
    assert told["by_scheme"] == {"fire.department": 30, "fire.township": 10}
    assert {u["state"] for u in told["units"]} == {"final"}
    assert len({u["total"] for u in told["units"]}) > 12


def test_a_changed_subject_is_told_from_its_events(d) -> None:
    filing.subject_change(
        subject=d.project,
        person="x",
        unit="jfj",
        at=d.now,
        entered_at=d.now,
        changes={"address": "平安大道1号"},
        labels=["重点项目"],
    )
    assert not filing.subject_change(
        subject=d.project, person="x", unit="jfj", at=d.now, entered_at=d.now, changes={"address": "平安大道1号"}
    )
    assert differences("subject") == []
    Subject.objects.filter(pk=d.project.pk).update(name="改名")
    assert "name" in differences("subject")[0]
