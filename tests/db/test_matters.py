"""Writing matters: events and rows together, forms posted twice, two people at once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import Limit
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.ledger import proving
from bihuan.kernel.ledger import selectors as ledger
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.matters.models import Attachment, Matter
from bihuan.kernel.matters.services import act, load, merge
from bihuan.kernel.matters.writing import Conflict

from ..support import District, differences

pytestmark = pytest.mark.django_db


def test_rows_equal_their_folds_all_the_way_round(d: District) -> None:
    m = d.assigned(supporting=("jsj",))
    for who, command, args in [
        ("cgj1", c.Accept, ()), ("jsj1", c.Report, ("配合",)), ("cgj1", c.AskExtension, (2, "难")), ("jfj1", c.GrantExtension, ()),
        ("cgj1", c.Pause, ("不可抗力", date.today() + timedelta(days=9))), ("jfj1", c.Pause, ()), ("jfj1", c.Resume, ()),
        ("cgj1", c.Attach, (({"sha256": d.photo().file_id, "name": "p.jpg", "type": "image/jpeg"},),)), ("cgj1", c.Submit, ("办完",)),
        ("jfj2", c.SendBack, ("不清",)), ("cgj2", c.Submit, ("再办",)), ("jfj2", c.Verify, ("属实",)), ("dcs1", c.Revisit, (False, "反弹")),
        ("cgj1", c.Accept, ()),
    ]:  # fmt: skip
        m = d.do(who, m, command, *args)
        assert differences("matter") == [], command
    assert (m.round, m.state) == (2, "handling")
    assert Event.objects.filter(stream=f"matter:{m.number}").count() == m.version


def test_rebuild_writes_rows_anew_from_events_alone(d: District) -> None:
    m = d.submitted(supporting=())
    Matter.objects.filter(number=m.number).update(title="改了", due_at=None)
    found = differences("matter")
    assert len(found) == 2
    assert "title" in " ".join(found)
    assert proving.rebuild()["matters_matter"] == 1
    assert differences("matter") == []


def test_a_row_without_events_and_events_without_a_row_are_found(d: District) -> None:
    m = d.raised()
    other = d.raised(title="另一件")
    Matter.objects.filter(number=other.number).delete()
    m.number += 100
    m.save(force_insert=True)
    found = " ".join(differences("matter"))
    assert "the row is missing" in found
    assert "has no events" in found


def test_a_form_posted_twice_has_one_effect(d: District) -> None:
    first = d.raised(token="7c6c1c9e-0000-4000-8000-000000000001")
    again = d.raised(token="7c6c1c9e-0000-4000-8000-000000000001")
    assert first.number == again.number
    assert Matter.objects.count() == 1
    m = d.handling()
    for _ in range(3):
        d.do("cgj1", m, c.Report, "进展", token="7c6c1c9e-0000-4000-8000-000000000002")
    assert Event.objects.filter(stream=f"matter:{m.number}", type="Progressed").count() == 1


def test_the_second_of_two_people_is_told_what_happened(d: District) -> None:
    m = d.submitted()
    opened = m.version
    d.do("jfj1", m, c.Verify, "属实", version=opened)
    with pytest.raises(Conflict) as conflict:
        d.do("jfj2", m, c.SendBack, "不清楚", version=opened)
    assert [e.type for e in conflict.value.events] == ["Verified"]


def test_comments_and_photos_never_invalidate_an_open_form(d: District) -> None:
    m = d.handling(supporting=("jsj",))
    opened = m.version
    d.do("jsj1", m, c.Report, "配合完成", version=opened)
    files = ({"sha256": d.photo().file_id, "name": "p.jpg", "type": "image/jpeg"},)
    d.do("cgj2", m, c.Attach, files, version=opened)
    done = d.do("cgj1", m, c.Submit, "办完", version=opened)
    assert done.state == "submitted"


def test_files_and_their_command_happen_together_or_not_at_all(d: District) -> None:
    m = d.handling("hazard_general", lead="lzh")
    files = ({"sha256": d.photo("lzh1").file_id, "name": "p.jpg", "type": "image/jpeg"},)
    with pytest.raises(Refused):
        d.do("lzh1", m, c.Submit, " ", files=files)
    assert not Attachment.objects.exists()
    assert d.do("lzh1", m, c.Submit, "办完", files=files).state == "submitted"
    assert Attachment.objects.count() == 1


def test_a_file_that_was_never_stored_cannot_be_evidence(d: District) -> None:
    m = d.handling()
    with pytest.raises(Refused):
        d.do("cgj1", m, c.Attach, ({"sha256": "f" * 64, "name": "x.jpg", "type": "image/jpeg"},))


def test_nothing_is_written_in_the_future(d: District) -> None:
    m = d.handling()
    with pytest.raises(Refused, match="future"):
        act(number=m.number, command=c.Report(d.actor("cgj1"), d.now + timedelta(days=1), "x"))


def test_an_unknown_unit_changes_nothing(d: District) -> None:
    m = d.handling()
    version = m.version
    with pytest.raises(Refused, match="no such unit"):
        d.do("jfj1", m, c.Transfer, "nowhere", "调整")
    assert Event.objects.filter(stream=f"matter:{m.number}").count() == version


def test_merging_takes_the_evidence_along(d: District) -> None:
    target = d.handling()
    double = d.handling(title="道路没通")
    files = ({"sha256": d.photo().file_id, "name": "p.jpg", "type": "image/jpeg"},)
    d.do("cgj1", double, c.Attach, files)
    merge(
        viewer=d.viewer("jfj1"),
        number=double.number,
        into=target,
        at=d.now,
        explicit=False,
        reason="重复",
        version=None,
        token=None,
    )
    double.refresh_from_db()
    assert (double.state, double.merged_into) == ("merged", target.number)
    assert target.attachments.get().unit.code == "cgj"
    assert differences("matter") == []
    with pytest.raises(Refused, match="itself"):
        merge(
            viewer=d.viewer("jfj1"),
            number=target.number,
            into=target,
            at=d.now,
            explicit=False,
            reason="",
            version=None,
            token=None,
        )


def test_a_kind_hangs_on_its_own_type_of_subject(d: District) -> None:
    with pytest.raises(Refused, match="another type"):
        d.raised("hazard_general", by="xab1", subject=d.project)


def test_when_the_coordinating_office_leads_another_office_verifies(d: District) -> None:
    m = d.assigned(lead="jfj")
    assert m.verifier.code == "dcs"


def test_event_time_and_entry_time_are_both_kept(d: District) -> None:
    m = d.raised(at=d.now - timedelta(days=30))
    stream = ledger.stream(f"matter:{m.number}")
    assert stream.entered[0] - stream.events[0].at > timedelta(days=29)


def test_numbers_count_up_without_gaps_in_one_go(d: District) -> None:
    numbers = [d.raised(title=f"第{i}件").number for i in range(3)]
    assert numbers == [numbers[0], numbers[0] + 1, numbers[0] + 2]


def test_a_fixed_date_is_due_at_its_end(d: District) -> None:
    m = d.assigned(limit=Limit("date", until=date.today() + timedelta(days=3)))
    state, _, _ = load(m.number)
    assert state.due == m.due_at
