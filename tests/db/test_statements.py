"""Statements of supervised accounts: once in, whatever comes again; a changed line is shown and never applied by itself."""

from __future__ import annotations

import pytest
from django.utils import timezone

from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.ledger.models import Event
from bihuan.mechanisms.financing import accounts
from bihuan.mechanisms.financing.models import File, Movement, Statement
from bihuan.mechanisms.financing.selectors import movements_visible_to, statements_visible_to

from ..lending import credited, opened, passed, pushed, signed
from ..support import District, differences, upload, work_off

pytestmark = pytest.mark.django_db
HEAD = "交易日期,流水号,收入,支出,余额,对方户名,摘要\n"
LINES = "2024-04-01,A1,100.00,,100.00,中国银行,放款\n2024-04-02,A2,,40.00,60.00,示例总包公司,工程款\n"


def brought(d: District, file: File, text: str, who: str = "rzb1", name: str = "流水.csv") -> Statement:
    made = accounts.bring(viewer=d.viewer(who), file=file, upload=upload(name, text.encode()), at=timezone.now())
    work_off()
    made.refresh_from_db()
    return made


def test_again_adds_nothing_and_a_changed_line_is_shown(d: District) -> None:
    file = passed(d)
    first = brought(d, file, HEAD + LINES)
    assert (first.state, first.new, first.same, first.changed) == ("ready", 2, 0, [])
    again = brought(d, file, HEAD + LINES)
    assert (again.new, again.same) == (0, 2)
    other = brought(
        d, file, HEAD + LINES.replace("示例总包公司", "陌生公司") + "2024-04-03,A3,5.00,,65.00,购房人,房款\n"
    )
    assert (other.new, other.same, len(other.changed)) == (1, 1, 1)
    assert Movement.objects.get(key="n:A2").payee == "示例总包公司"
    assert other.changed[0]["now"]["payee"] == "陌生公司"
    with pytest.raises(Refused):
        accounts.correct(viewer=d.viewer("rzb1"), row=other, key="n:A2", reason=" ", at=timezone.now())
    with pytest.raises(Refused):
        accounts.correct(viewer=d.viewer("rzb1"), row=other, key="n:A1", reason="x", at=timezone.now())
    accounts.correct(viewer=d.viewer("rzb1"), row=other, key="n:A2", reason="银行更正户名", at=timezone.now())
    assert Movement.objects.get(key="n:A2").payee == "陌生公司"
    event = Event.objects.get(type="MovementCorrected")
    assert "示例总包公司" in event.body
    assert "银行更正户名" in event.body
    with pytest.raises(Refused):
        accounts.correct(
            viewer=d.viewer("rzb1"), row=Statement.objects.get(pk=other.pk), key="n:A2", reason="x", at=timezone.now()
        )
    assert differences("account") == []


def test_what_is_no_statement_is_refused_with_a_sentence_and_leaves_nothing(d: District) -> None:
    file = passed(d)
    made = brought(d, file, "项目,进度\n甲,50\n")
    assert made.state == "refused"
    assert made.failed[0][1].startswith("No sheet has a head")
    assert not Movement.objects.exists()
    for name, text in (("流水.txt", HEAD), ("流水.csv", ""), ("流水.xlsx", "x")):
        with pytest.raises(Refused):
            accounts.bring(viewer=d.viewer("rzb1"), file=file, upload=upload(name, text.encode()), at=timezone.now())


def test_it_can_be_stopped_before_anything_is_written(d: District) -> None:
    file = passed(d)
    made = accounts.bring(
        viewer=d.viewer("rzb1"), file=file, upload=upload("流水.csv", (HEAD + LINES).encode()), at=timezone.now()
    )
    accounts.stop(viewer=d.viewer("rzb1"), row=made, at=timezone.now())
    work_off()
    made.refresh_from_db()
    assert made.state == "stopped"
    assert not Movement.objects.exists()


def test_only_those_of_the_file_bring_and_see_statements(d: District) -> None:
    file = passed(d)
    for who in ("gsyh1", "zgyh1", "cgj1", "leader"):
        with pytest.raises(Refused):
            accounts.bring(viewer=d.viewer(who), file=file, upload=upload("流水.csv", HEAD.encode()), at=timezone.now())
    with pytest.raises(Refused):
        accounts.bring(
            viewer=d.viewer("rzb1"), file=opened(d, "别的"), upload=upload("流水.csv", HEAD.encode()), at=timezone.now()
        )
    push = pushed(d, file)
    brought(d, file, HEAD + LINES, "zgyh1")
    credited(d, push)
    signed(d, push)
    counts = {
        w: (movements_visible_to(d.viewer(w), file).count(), statements_visible_to(d.viewer(w)).count())
        for w in ("rzb1", "qy1", "zgyh1", "gsyh1", "leader", "cgj1")
    }
    assert counts == {"rzb1": (2, 1), "qy1": (2, 1), "zgyh1": (2, 1), "gsyh1": (0, 0), "leader": (2, 1), "cgj1": (0, 0)}
