"""Writing papers: ask for drafts, write them in the background, replace one by the file edited in Word, issue, drop."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F, Q, QuerySet
from jinja2 import TemplateError

from bihuan.adapters import word
from bihuan.adapters.word.templates import opened, paragraphs
from bihuan.instruments.jobs.job import job
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.refusal import N_, Refused, must
from bihuan.kernel.domain.state import Event
from bihuan.kernel.evidence.services import path_of, store
from bihuan.kernel.ledger.services import note
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.orgs.models import Post, Territory, Unit

from .catalogue import Kind, kinds, own_template, sample
from .models import Paper, Reader, Series, Template
from .selectors import may_issue, offices

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
NUMBER, DAY = "〔编号待定〕", "〔印发日期待定〕"
"""Where number and day will stand; a draft shows these words, also after it was edited in Word."""
MOST = 10 * 2**20


def _note(paper: Paper, type_: str, person: str, at: datetime, **data: Any) -> None:
    note(stream=f"paper:{paper.pk}", event=Event(type_, at, person, paper.unit.code, data), at=at)


def ask(
    *, viewer: Viewer, at: datetime, unit: Unit, kind_id: str, title: str, context: Mapping[str, Any], about: str = "",
    matter: Matter | None = None, readers: Sequence[Unit] = (),
) -> Paper:  # fmt: skip
    """Ask for a draft; it is written in the background. Refused in another unit's name."""
    must(unit.code in viewer.acting)
    kind = kinds()[kind_id]
    place = unit.territory or Territory.objects.get(parent=None)
    filled = {**context, "paper": {"unit": unit.name, "number": NUMBER, "day": DAY}}
    with transaction.atomic():
        paper = Paper.objects.create(
            kind=kind.id, title=title[:200], unit=unit, territory=place, sector=unit.sector, about=about, matter=matter,
            context=filled, person=viewer.person.username, at=at,
        )  # fmt: skip
        told = list({u.pk: u for u in readers}.values())
        Reader.objects.bulk_create(Reader(paper=paper, unit=u) for u in told)
        data = {"kind": kind.id, "title": paper.title, "about": about, "readers": [u.code for u in told]}
        _note(paper, "PaperAsked", viewer.person.username, at, **data)
        write.enqueue(paper.pk)
    return paper


def _waiting() -> QuerySet[Paper]:
    return Paper.objects.filter(state=Paper.State.WAITING)


def _given_up(pk: int, why: str, at: datetime) -> None:
    if _waiting().filter(pk=pk).exists():
        failed(paper_id=pk, why=why, at=at)


@job(N_("Writing a paper"), waits=_waiting, given_up=_given_up)
def write(pk: int, at: datetime) -> None:
    """The worker's part: write the file of one paper."""
    written(paper_id=pk, at=at)


def written(*, paper_id: int, at: datetime) -> None:
    """Write the file of a paper that waits; a template that cannot be filled leaves a sentence behind. Twice is once."""
    paper = Paper.objects.select_related("unit").get(pk=paper_id)
    if paper.state not in (Paper.State.WAITING, Paper.State.FAILED):
        return
    used = Template.objects.filter(unit=paper.unit, kind=paper.kind).first()
    data = path_of(used.file_id).read_bytes() if used else own_template(paper.kind)
    try:
        made = word.render(data, paper.context)
    except TemplateError as error:
        failed(paper_id=paper_id, why=str(error), at=at)
        return
    file, template = store(data=made, media_type=DOCX, at=at), used.file_id if used else ""
    with transaction.atomic():
        if _unwritten(paper_id).update(state=Paper.State.DRAFT, file=file, template=template, error=""):
            _note(paper, "PaperWritten", "clock", at, file=file.sha256, template=template)


def _unwritten(paper_id: int) -> QuerySet[Paper]:
    return Paper.objects.filter(pk=paper_id, state__in=[Paper.State.WAITING, Paper.State.FAILED])


@transaction.atomic
def failed(*, paper_id: int, why: str, at: datetime) -> None:
    """A paper that waits could not be written, and says why. Nothing changes in one that is written."""
    if _unwritten(paper_id).update(state=Paper.State.FAILED, error=why[:300]):
        _note(Paper.objects.select_related("unit").get(pk=paper_id), "PaperFailed", "clock", at, error=why[:300])


STUCK = timedelta(minutes=1)
"""A paper that waits longer than this lost its worker."""


def again(*, viewer: Viewer, paper: Paper, at: datetime) -> None:
    """Write a paper once more that could not be written, or whose worker was lost, by the template as it is now."""
    must(offices(viewer, paper))
    with transaction.atomic():
        lost = Q(state=Paper.State.FAILED) | Q(state=Paper.State.WAITING, at__lt=at - STUCK)
        if Paper.objects.filter(lost, pk=paper.pk).update(state=Paper.State.WAITING, error="", at=at):
            _note(paper, "PaperAskedAgain", viewer.person.username, at)
            write.enqueue(paper.pk)


def _taken(upload: UploadedFile[Any]) -> bytes:
    if (upload.size or 0) > MOST:
        raise Refused(N_("%(name)s has %(size)s MB; at most %(max)s MB can be taken."), field="file", name=upload.name, size=(upload.size or 0) // 2**20, max=MOST // 2**20)  # fmt: skip
    data: bytes = upload.read()
    return data


def replace(*, viewer: Viewer, paper: Paper, upload: UploadedFile[Any], at: datetime) -> None:
    """Take the draft as it was edited in Word. Refused when it is no draft, no document, or has no place for the number."""
    must(offices(viewer, paper))
    if paper.state != Paper.State.DRAFT:
        raise Refused(N_("Only a draft can be replaced."))
    data = _taken(upload)
    text = "\n".join(p.text for p in paragraphs(opened(data)))
    before = "\n".join(p.text for p in paragraphs(opened(path_of(paper.file_id or "").read_bytes())))
    for mark in (NUMBER, DAY):
        if mark in before and mark not in text:
            raise Refused(N_("The words %(mark)s are no longer in the file; put them back where number or date belong."), field="file", mark=mark)  # fmt: skip
    file = store(data=data, media_type=DOCX, at=at, person=viewer.person.username)
    with transaction.atomic():
        if not Paper.objects.filter(pk=paper.pk, state=Paper.State.DRAFT).update(file=file, edited=True):
            raise Refused(N_("Only a draft can be replaced."))
        _note(paper, "PaperEdited", viewer.person.username, at, file=file.sha256, title=paper.title)


@transaction.atomic
def issue(*, viewer: Viewer, paper: Paper, at: datetime) -> Paper:
    """Issue a draft: it gets its number and date, and an event keeps its file's hash. Once; a second time changes nothing.

    Refused for whoever holds no post high enough for this kind of paper, and for anything but a draft.
    """
    paper = Paper.objects.select_for_update(of=("self",)).select_related("unit", "matter").get(pk=paper.pk)
    kind = kinds()[paper.kind]
    if not may_issue(viewer, paper, kind):
        raise Refused(N_("Only a %(post)s may issue this paper."), allowed=False, post=Post.Role(kind.issuer).label)
    if paper.state == Paper.State.ISSUED:
        return paper
    if paper.state != Paper.State.DRAFT or paper.file_id is None:
        raise Refused(N_("Only a draft can be issued."))
    day = local_day(at)
    paper.number = _number(paper, kind, day.year, viewer.person.username, at)
    marks = {NUMBER: paper.number, DAY: f"{day.year}年{day.month}月{day.day}日"}
    paper.file = store(data=_stamped(path_of(paper.file_id).read_bytes(), marks), media_type=DOCX, at=at)
    paper.state, paper.issued_by, paper.issued_at = Paper.State.ISSUED, viewer.person.username, at
    paper.save(update_fields=["number", "file", "state", "issued_by", "issued_at"])
    data = {
        "kind": paper.kind, "title": paper.title, "number": paper.number, "file": paper.file_id, "template": paper.template,
        "edited": paper.edited, "about": paper.about,
        "tell": sorted(Reader.objects.filter(paper=paper).values_list("unit__code", flat=True)),
        "confidential": bool(paper.matter and paper.matter.confidential),
    }  # fmt: skip
    _note(paper, "PaperIssued", viewer.person.username, at, **data)
    return paper


def _number(paper: Paper, kind: Kind, year: int, person: str, at: datetime) -> str:
    """The next number of a unit's series, such as 经济发展局纪要〔2024〕10号; empty for papers that have none."""
    unit = paper.unit
    if not kind.series:
        return ""
    series, made = Series.objects.select_for_update().get_or_create(
        unit=unit, kind=kind.id, year=year, defaults={"last": 1}
    )
    if not made:
        Series.objects.filter(pk=series.pk).update(last=F("last") + 1)
        series.refresh_from_db()
    number = f"{unit.name}{kind.series}〔{year}〕{series.last}号"
    given = Event("NumberGiven", at, person, unit.code, {"paper": paper.pk, "number": number})
    note(stream=f"series:{series.pk}", event=given, at=at)
    return number


def _stamped(data: bytes, marks: Mapping[str, str]) -> bytes:
    """The document with number and date where their marks stand, in whatever runs Word has cut the words into."""
    document = opened(data)
    for paragraph in paragraphs(document):
        for mark, text in marks.items():
            while mark in paragraph.text:
                _swap(paragraph, mark, text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _swap(paragraph: Any, mark: str, text: str) -> None:
    start = paragraph.text.index(mark)
    end, at = start + len(mark), 0
    for run in paragraph.runs:
        length, begin = len(run.text), at
        at += length
        if begin + length <= start or begin >= end:
            continue
        keep_before, keep_after = run.text[: max(start - begin, 0)], run.text[max(end - begin, 0) :]
        run.text = keep_before + (text if begin <= start else "") + keep_after


def drop(*, viewer: Viewer, paper: Paper, at: datetime) -> None:
    """Drop a draft that is not wanted."""
    must(offices(viewer, paper))
    open_ = [Paper.State.WAITING, Paper.State.FAILED, Paper.State.DRAFT]
    with transaction.atomic():
        if Paper.objects.filter(pk=paper.pk, state__in=open_).update(state=Paper.State.DROPPED):
            _note(paper, "PaperDropped", viewer.person.username, at)
        elif not Paper.objects.filter(pk=paper.pk, state=Paper.State.DROPPED).exists():
            raise Refused(N_("An issued paper stays."))


def stream_of_template(template: Template) -> str:
    """The name of the stream of a unit's templates for one kind of paper."""
    return f"template:{template.unit.code}:{template.kind}"[:60]


@transaction.atomic
def template_take(*, viewer: Viewer, unit: Unit, kind_id: str, upload: UploadedFile[Any], at: datetime) -> Template:
    """Take in a template edited in Word. Refused with the first wrong tags, each with its paragraph."""
    must(unit.code in viewer.acting)
    data = _taken(upload)
    wrong = word.wrong_tags(data, sample(kinds()[kind_id]))
    if wrong:
        raise WrongTemplate(wrong)
    file = store(data=data, media_type=DOCX, at=at, person=viewer.person.username)
    made = Template.objects.create(
        unit=unit, kind=kind_id, file=file, name=(upload.name or "")[:200], person=viewer.person.username, at=at
    )
    told = {"kind": kind_id, "name": made.name, "file": file.sha256}
    happened = Event("TemplateTaken", at, viewer.person.username, unit.code, told)
    note(stream=stream_of_template(made), event=happened, at=at)
    return made


class WrongTemplate(Refused):
    """A template whose tags cannot be filled; `tags` says which and where."""

    def __init__(self, tags: Sequence[word.BadTag]) -> None:
        super().__init__(N_("The template has %(n)s wrong tags."), field="file", n=len(tags))
        self.tags = tags
