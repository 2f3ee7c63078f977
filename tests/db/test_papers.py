"""Papers: drafts stay drafts until a named person issues them; numbers, hashes, templates, readers."""

from __future__ import annotations

import io

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from docx import Document

from bihuan.adapters.word import Line, build
from bihuan.instruments.documents import of_matter, services
from bihuan.instruments.documents.catalogue import kinds, own_template, sample
from bihuan.instruments.documents.models import Paper
from bihuan.instruments.documents.selectors import papers_visible_to
from bihuan.instruments.meetings import papers as meeting_papers
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.evidence.services import path_of
from bihuan.kernel.ledger.selectors import stream
from bihuan.kernel.orgs.models import Person, Post

from ..support import District, upload, work_off
from .test_meetings import called, decided

pytestmark = pytest.mark.django_db


def asked(d: District, kind: str = "minutes", who: str = "jfj1", **kw) -> Paper:
    unit = d.units[who.rstrip("12")]
    paper = services.ask(
        viewer=d.viewer(who),
        at=timezone.now(),
        unit=unit,
        kind_id=kind,
        title=f"测试{kind}",
        context=sample(kinds()[kind]),
        **kw,
    )
    work_off()
    return Paper.objects.get(pk=paper.pk)


def head(d: District) -> None:
    person = Person.objects.create(username="head", name="负责人")
    Post.objects.create(unit=d.units["jfj"], title="负责人", role="head", person=person, valid_from="2020-01-01")
    d.people["head"] = person


def words(paper: Paper) -> str:
    return "\n".join(p.text for p in Document(path_of(paper.file_id)).paragraphs)


def test_a_draft_is_issued_once_by_a_head_with_number_date_and_hash(d: District) -> None:
    paper = asked(d)
    head(d)
    assert (paper.state, paper.number) == ("draft", "")
    assert services.NUMBER in words(paper)
    for who in ("jfj1", "cgj1", "leader2"):
        if who in d.people:
            with pytest.raises(Refused) as refused:
                services.issue(viewer=d.viewer(who), paper=paper, at=timezone.now())
            assert not refused.value.allowed
    issued = services.issue(viewer=d.viewer("head"), paper=paper, at=timezone.now())
    again = services.issue(viewer=d.viewer("head"), paper=paper, at=timezone.now())
    year = timezone.localdate().year
    assert issued.number == again.number == f"经济发展局纪要〔{year}〕1号"
    assert issued.number in words(issued)
    assert services.DAY not in words(issued)
    events = stream(f"paper:{paper.pk}").events
    assert [e.type for e in events] == ["PaperAsked", "PaperWritten", "PaperIssued"]
    assert (events[-1].data["file"], events[-1].data["number"]) == (issued.file_id, issued.number)
    second = services.issue(viewer=d.viewer("head"), paper=asked(d), at=timezone.now())
    assert second.number.endswith("2号")


def test_an_issued_paper_stays_as_it_is(d: District) -> None:
    head(d)
    paper = services.issue(viewer=d.viewer("head"), paper=asked(d), at=timezone.now())
    with pytest.raises(Refused, match="stays"):
        services.drop(viewer=d.viewer("jfj1"), paper=paper, at=timezone.now())
    with pytest.raises(Refused, match="draft"):
        services.replace(
            viewer=d.viewer("jfj1"), paper=paper, upload=upload("x.docx", own_template("minutes")), at=timezone.now()
        )


def test_a_draft_edited_in_word_is_issued_as_edited(d: District) -> None:
    head(d)
    paper = asked(d)
    document = Document(path_of(paper.file_id))
    document.paragraphs[5].runs[0].text = "由办公室改写的一段。"
    number = next(p for p in document.paragraphs if services.NUMBER in p.text)
    text = number.runs[0].text
    number.runs[0].text = text[:3]
    number.add_run(text[3:])  # Word cuts words into runs as it likes
    out = io.BytesIO()
    document.save(out)
    services.replace(viewer=d.viewer("jfj1"), paper=paper, upload=upload("改.docx", out.getvalue()), at=timezone.now())
    issued = services.issue(viewer=d.viewer("head"), paper=paper, at=timezone.now())
    assert issued.edited
    assert "由办公室改写的一段。" in words(issued)
    assert issued.number in words(issued)
    with pytest.raises(Refused, match="no longer in the file"):
        services.replace(
            viewer=d.viewer("jfj1"),
            paper=asked(d),
            upload=upload("x.docx", build([Line("公文正文", "没有编号处")])),
            at=timezone.now(),
        )


def test_drafts_are_their_unit_s_own_and_issued_ones_their_readers_too(d: District) -> None:
    head(d)
    paper = asked(d, readers=[d.units["cgj"]])

    def seen() -> set[str]:
        return {
            w for w in ("jfj1", "cgj1", "jcl1", "leader", "zgyh1", "admin") if papers_visible_to(d.viewer(w)).exists()
        }

    assert seen() == {"jfj1"}
    services.issue(viewer=d.viewer("head"), paper=paper, at=timezone.now())
    assert seen() == {"jfj1", "cgj1", "leader"}


def test_nobody_asks_in_another_unit_s_name(d: District) -> None:
    with pytest.raises(Refused):
        services.ask(
            viewer=d.viewer("cgj1"),
            at=timezone.now(),
            unit=d.units["jfj"],
            kind_id="minutes",
            title="x",
            context=sample(kinds()["minutes"]),
        )
    assert not Paper.objects.exists()


def test_an_uploaded_template_is_used_and_a_wrong_one_refused_with_its_tags(d: District) -> None:
    mine = build([Line("公文正文", "本区格式:{{ meeting.title }} {{ paper.number }}")])
    take = {"viewer": d.viewer("jfj1"), "unit": d.units["jfj"], "kind_id": "minutes", "at": timezone.now()}
    services.template_take(**take, upload=upload("我的.docx", mine))
    assert words(asked(d)).startswith("本区格式:2024年第十次项目推进会")
    with pytest.raises(services.WrongTemplate) as wrong:
        services.template_take(
            **take, upload=upload("坏.docx", build([Line("公文正文", "好"), Line("公文正文", "{{ meeting.nobody }}")]))
        )
    assert [(t.line, t.tag) for t in wrong.value.tags] == [(2, "{{ meeting.nobody }}")]
    with pytest.raises(Refused, match="no Word"):
        services.template_take(**take, upload=upload("a.docx", b"not a document"))
    with pytest.raises(Refused):
        services.template_take(**{**take, "unit": d.units["cgj"]}, upload=upload("我的.docx", mine))


def test_a_paper_that_cannot_be_written_says_why_and_is_written_again(d: District) -> None:
    context = sample(kinds()["minutes"])
    del context["count"]
    paper = services.ask(
        viewer=d.viewer("jfj1"), at=timezone.now(), unit=d.units["jfj"], kind_id="minutes", title="x", context=context
    )
    work_off()
    paper.refresh_from_db()
    assert (paper.state, "count" in paper.error) == ("failed", True)
    Paper.objects.filter(pk=paper.pk).update(
        context={**context, "count": sample(kinds()["minutes"])["count"], "paper": paper.context["paper"]}
    )
    services.again(viewer=d.viewer("jfj1"), paper=paper, at=timezone.now())
    work_off()
    paper.refresh_from_db()
    assert (paper.state, paper.error) == ("draft", "")


def test_a_paper_whose_worker_was_lost_is_written_again_after_a_minute(d: District) -> None:
    ask = {
        "viewer": d.viewer("jfj1"),
        "unit": d.units["jfj"],
        "kind_id": "agenda",
        "context": sample(kinds()["agenda"]),
    }
    paper = services.ask(**ask, title="x", at=timezone.now())
    DBTaskResult.objects.all().delete()
    services.again(viewer=d.viewer("jfj1"), paper=paper, at=timezone.now())
    assert not DBTaskResult.objects.exists()
    services.again(viewer=d.viewer("jfj1"), paper=paper, at=timezone.now() + services.STUCK * 2)
    work_off()
    paper.refresh_from_db()
    assert paper.state == "draft"


def same(real: object, example: object, where: str = "") -> None:
    """What is filled has every field of the example, whatever lists hold."""
    if isinstance(example, dict):
        assert isinstance(real, dict), where
        assert set(example) <= set(real), f"{where}: {set(example) - set(real)}"
        for key, value in example.items():
            same(real[key], value, f"{where}.{key}")
    elif isinstance(example, list) and isinstance(real, list) and real:
        same(real[0], example[0], f"{where}[]")


def test_real_papers_have_every_field_that_templates_may_name(d: District) -> None:
    from bihuan.mechanisms.promotion.papers import report

    meeting = called(d)
    decided(d, meeting)
    examples = {name: {k: v for k, v in sample(kinds()[name]).items() if k != "paper"} for name in kinds()}
    same(meeting_papers.context(meeting, {}, timezone.now()), examples["minutes"])
    matter = d.assigned(lead="cgj")
    same(of_matter.context(matter, "assignment", timezone.now()), examples["assignment"])
    from .test_projects import file, key

    key(d)
    file(d, ("node", "start", {"planned": "2024-01-01"}))
    for kind in ("weekly", "monthly"):
        same(report(d.viewer("jfj1"), kind, timezone.now())[1], examples[kind])


def test_papers_of_steps_that_were_not_taken_are_refused(d: District) -> None:
    with pytest.raises(Refused, match="Assign"):
        of_matter.context(d.raised(), "assignment", timezone.now())
    for kind in ("supervision", "interview", "circular"):
        with pytest.raises(Refused):
            of_matter.context(d.assigned(lead="cgj"), kind, timezone.now())
