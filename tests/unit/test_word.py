"""Word papers: built, filled and checked by GB/T 9704; wrong templates are named by paragraph and tag."""

from __future__ import annotations

import io
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import TemplateError

from bihuan.adapters.word import Column, Form, Line, Rows, build, check, render, tags_of, wrong_tags
from bihuan.instruments.documents import catalogue
from bihuan.instruments.documents.catalogue import kinds, own_template, sample
from bihuan.kernel.domain.kinds import BadCatalogue
from bihuan.kernel.domain.numerals import chinese, numeral
from bihuan.kernel.domain.refusal import Refused

SAMPLE = {"meeting": {"title": "第十次推进会"}, "tasks": [{"unit": "建设局", "task": "打通<北路>&{{ x }}"}]}
BLOCKS = [
    Line("公文标题", "{{ meeting.title }}纪要"), Line("公文一级标题", "一、议定事项"), Line("公文二级标题", "（一）甲项目"),
    Line("公文正文", "{%p for t in tasks %}"), Line("公文正文", "{{ loop.index }}.{{ t.unit }}：{{ t.task }}"), Line("公文正文", "{%p endfor %}"),
    Rows([Column("单位", 60, "{{ t.unit }}"), Column("任务", 90, "{{ t.task }}")], each="t in tasks"),
    Form([("事项", "{{ meeting.title }}")]), Line("公文正文", "甲", lead="出席："),
]  # fmt: skip


def text_of(data: bytes) -> str:
    document = Document(io.BytesIO(data))
    cells = [c.text for t in document.tables for r in t.rows for c in r.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def changed(act) -> list[str]:
    """The rules that a document breaks after somebody worked on it in Word."""
    document = Document(io.BytesIO(render(build(BLOCKS), SAMPLE)))
    act(document)
    out = io.BytesIO()
    document.save(out)
    return [f.rule for f in check(out.getvalue())]


def test_a_filled_paper_says_what_it_was_given_and_nothing_of_it_is_a_tag() -> None:
    text = text_of(render(build(BLOCKS), SAMPLE))
    assert "第十次推进会纪要" in text
    assert "1.建设局：打通<北路>&{{ x }}" in text
    assert text.count("打通<北路>&{{ x }}") == 2
    assert "{%" not in text.replace("{{ x }}", "")


def test_ours_have_no_fault_and_name_an_east_asian_font_in_every_run() -> None:
    data = render(build(BLOCKS), SAMPLE)
    assert check(data) == []
    document = Document(io.BytesIO(data))
    runs = [r for p in document.paragraphs for r in p.runs] + [
        r for t in document.tables for row in t.rows for c in row.cells for p in c.paragraphs for r in p.runs
    ]
    assert runs
    assert all(r._r.rPr.find(qn("w:rFonts")).get(qn("w:eastAsia")) for r in runs if r.text)


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_every_shipped_template_names_known_fields_only_and_keeps_the_layout(kind: str) -> None:
    data = own_template(kind)
    assert wrong_tags(data, sample(kinds()[kind])) == []
    assert tags_of(data)
    made = render(data, sample(kinds()[kind]))
    assert check(made) == []
    assert "built-in" not in text_of(made)


def test_a_field_called_like_a_method_is_refused_when_the_catalogue_is_read() -> None:
    with pytest.raises(BadCatalogue, match="items"):
        catalogue._free({"about": {"meeting": {"items": 3}}}, "fields.toml")


def test_the_check_says_the_same_every_time() -> None:
    rows = Rows([Column("单位", 60, "{{ t.unit }}"), Column("任务", 90, "{{ t.task }}")], each="t in tasks")
    lines = [Line("公文一级标题", f"{chinese(n)}、标题") for n in range(1, 12)]
    data = render(
        build([*lines, rows, *(Line("公文正文", f"{n}.正文") for n in range(1, 30))]), {"tasks": SAMPLE["tasks"] * 300}
    )
    assert {tuple(check(data)) for _ in range(12)} == {()}


def margin(document) -> None:
    document.sections[0].left_margin = Mm(31.8)


def letter(document) -> None:
    document.sections[0].page_width, document.sections[0].page_height = Mm(216), Mm(279)


def latin(document) -> None:
    run = document.paragraphs[3].runs[0]
    run._r.rPr.find(qn("w:rFonts")).set(qn("w:eastAsia"), "宋体")


def small(document) -> None:
    document.paragraphs[3].runs[0].font.size = Pt(14)


def loose(document) -> None:
    document.paragraphs[3].paragraph_format.line_spacing = Pt(32)


def misnumbered(document) -> None:
    document.paragraphs[1].runs[0].text = "二、议定事项"


def half_width(document) -> None:
    document.paragraphs[2].runs[0].text = "(一)甲项目"


def unnumbered(document) -> None:
    document.sections[0].footer.paragraphs[0].clear()


def same_sides(document) -> None:
    document.settings.odd_and_even_pages_header_footer = False


def centred(document) -> None:
    document.sections[0].footer.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER


def gridless(document) -> None:
    document.sections[0]._sectPr.find(qn("w:docGrid")).set(qn("w:linePitch"), "312")


@pytest.mark.parametrize(
    ("act", "rule"),
    [
        (margin, "margin"), (letter, "paper"), (latin, "font"), (small, "size"), (loose, "lines"), (misnumbered, "numbering"),
        (half_width, "numbering"), (unnumbered, "page number"), (same_sides, "page number"), (centred, "page number"), (gridless, "lines"),
    ],
)  # fmt: skip
def test_each_departure_is_named(act, rule: str) -> None:
    assert rule in changed(act)


def test_a_document_of_words_defaults_has_many_faults() -> None:
    document = Document()
    document.add_heading("关于某事的通知", 0)
    document.add_paragraph("各单位：请知悉。")
    out = io.BytesIO()
    document.save(out)
    assert {f.rule for f in check(out.getvalue())} >= {"paper", "margin", "lines", "font", "size", "page number"}


def test_a_bomb_is_refused_before_it_goes_off() -> None:
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as packed:
        packed.writestr("word/document.xml", b"0" * (101 * 2**20))
    with pytest.raises(Refused, match="too large"):
        check(out.getvalue())


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 no zip", b"%PDF-1.7", build([])[:400]])
def test_what_is_no_document_is_refused(data: bytes) -> None:
    with pytest.raises(Refused, match="no Word document"):
        check(data)


@pytest.mark.parametrize(
    ("text", "line", "tag"),
    [
        ("{{ meeting.titel }}", 2, "{{ meeting.titel }}"), ("{{ nobody }}", 2, "{{ nobody }}"),
        ("{% for t in tasks %}{{ t.unit }}{{ t.due }}{% endfor %}", 2, "{{ t.due }}"), ("{{ meeting.title", 2, "{{ meeting.title"),
        ("{% if meeting.title %}", 2, "{% if meeting.title %}"), ("{{ meeting.title|nofilter }}", 2, "{{ meeting.title|nofilter }}"),
        ("{% include 'x' %}", 2, "{% include 'x' %}"),
    ],
)  # fmt: skip
def test_wrong_tags_are_named_with_their_paragraph(text: str, line: int, tag: str) -> None:
    found = wrong_tags(build([Line("公文标题", "标题"), Line("公文正文", text)]), SAMPLE)
    assert [(f.line, f.tag) for f in found][:1] == [(line, tag)]


def test_several_wrong_tags_are_all_named() -> None:
    found = wrong_tags(build([Line("公文正文", "{{ a }}"), Line("公文正文", "{{ b }}{{ meeting.c }}")]), SAMPLE)
    assert [(f.line, f.params["name"]) for f in found] == [(1, "a"), (2, "b"), (2, "c")]


@pytest.mark.parametrize(
    "attack",
    ["{{ meeting.__class__.__mro__ }}", "{{ ''.__class__ }}", "{{ [].append }}", "{{ meeting.update({'a': 1}) }}"],
)
def test_templates_run_in_a_sandbox(attack: str) -> None:
    data = build([Line("公文正文", attack)])
    assert wrong_tags(data, SAMPLE)
    try:
        text = text_of(render(data, SAMPLE))
    except TemplateError:
        return
    assert "class" not in text.replace(attack, "")


@given(st.integers(1, 99))
def test_chinese_numbers_are_read_as_they_are_written(n: int) -> None:
    assert numeral(chinese(n)) == n
