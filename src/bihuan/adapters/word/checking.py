"""Where a document departs from the layout of GB/T 9704: paper, margins, lines, fonts, sizes, numbering, page numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from docx.oxml.ns import qn

from bihuan.kernel.domain.numerals import CHINESE, numeral

from . import standard as std
from .templates import opened, paragraphs

LEVELS = (
    (re.compile(rf"^([{CHINESE}]+)、"), std.HEITI),
    (re.compile(rf"^（([{CHINESE}]+)）"), std.KAITI),
    (re.compile(r"^(\d+)[.．]"), std.FANGSONG),
    (re.compile(r"^（(\d+)）"), std.FANGSONG),
)
"""The four levels of numbering: 一、 （一） 1. （1）."""
HALF = re.compile(rf"^(?:\([{CHINESE}\d]+\)|\d+、)")
"""Numbers written otherwise: half-width brackets, an Arabic numeral with 、."""
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@dataclass(frozen=True)
class Fault:
    """One departure: where, which rule (`paper`, `margin`, `lines`, `font`, `size`, `numbering`, `page number`), what was
    found and what the layout asks."""

    place: str
    rule: str
    found: str
    wanted: str


def check(data: bytes) -> list[Fault]:
    """The faults of a document, in reading order. Refused when it is no .docx."""
    document = opened(data)
    looks = _Looks(document)
    found = [*_pages(document, looks)]
    counts = [0, 0, 0, 0]
    titled = False
    for n, paragraph in enumerate(paragraphs(document), 1):
        text = paragraph.text.strip()
        if not text:
            continue
        place = f"第{n}段“{text[:12]}{'…' if len(text) > 12 else ''}”"
        if next(paragraph._p.iterancestors(f"{W}tc"), None) is not None:
            found += _faces(looks, paragraph, place, None, None)
            continue
        style = std.STYLES.get(paragraph.style.name if paragraph.style is not None else "")
        if style is None and not titled and looks.centred(paragraph):
            style, titled = std.STYLES["公文标题"], True
        titled = titled or (style is not None and style.name in ("公文标题", "公文红头"))
        level = _level(text)
        if half := HALF.match(text):
            found.append(Fault(place, "numbering", half.group(), "一、 （一） 1. （1）"))
        if style is None or style.name in std.TEXT or style.name.endswith("级标题"):
            wanted = LEVELS[level][1] if level in (0, 1) else std.FANGSONG
            found += _faces(looks, paragraph, place, wanted, 16.0)
            found += _pitch(looks, paragraph, place)
            if level is not None:
                found += _count(counts, level, text, place)
        else:
            found += _faces(looks, paragraph, place, style.font, style.size)
            if style.name in ("公文标题", "公文红头"):
                counts = [0, 0, 0, 0]
    return found


def _pages(document: Any, looks: _Looks) -> Iterator[Fault]:
    for n, section in enumerate(document.sections, 1):
        place = f"第{n}节"
        size = (section.page_width.mm, section.page_height.mm)
        if any(abs(a - b) > std.TOLERANCE for a, b in zip(size, std.PAGE, strict=True)):
            yield Fault(place, "paper", "{:.0f} × {:.0f} mm".format(*size), "A4, 210 × 297 mm")
        for side, wanted in std.MARGINS.items():
            margin = getattr(section, f"{side}_margin")
            if margin is None or abs(margin.mm - wanted) > std.TOLERANCE:
                yield Fault(
                    place, "margin", f"{side} {margin.mm if margin is not None else 0:.1f} mm", f"{wanted:.0f} mm"
                )
        grid = section._sectPr.find(qn("w:docGrid"))
        pitch = int(grid.get(qn("w:linePitch"), "0")) / 20 if grid is not None and grid.get(qn("w:type")) else 0.0
        area = section.page_height.pt - section.top_margin.pt - section.bottom_margin.pt
        lines = int(area / pitch + 0.02) if pitch else 0
        if lines != std.LINES:
            yield Fault(place, "lines", f"{lines or '—'}", f"{std.LINES}")
        yield from _numbers(document, looks, section, place)


def _numbers(document: Any, looks: _Looks, section: Any, place: str) -> Iterator[Fault]:
    """Page numbers stand outside: right on odd pages, left on even ones, 四号宋体, between dashes."""
    apart = document.settings.odd_and_even_pages_header_footer
    for name, footer, side in (("单页", section.footer, "right"), ("双页", section.even_page_footer, "left")):
        if name == "双页" and not apart:
            yield Fault(place, "page number", "单双页相同", "单页居右、双页居左")
            continue
        held = [p for p in footer.paragraphs if any("PAGE" in (i.text or "") for i in p._p.iter(f"{W}instrText"))]
        simple = [
            p for p in footer.paragraphs if any("PAGE" in i.get(qn("w:instr"), "") for i in p._p.iter(f"{W}fldSimple"))
        ]
        if not held and not simple:
            yield Fault(place, "page number", f"{name}无页码", "— 1 —")
            continue
        paragraph = (held or simple)[0]
        if paragraph.alignment is None or paragraph.alignment.name.lower() != side:
            yield Fault(
                place,
                "page number",
                f"{name} {paragraph.alignment.name if paragraph.alignment is not None else 'left'}",
                side,
            )
        if "—" not in paragraph.text:
            yield Fault(place, "page number", f"{name}“{paragraph.text.strip()}”", "— 1 —")
        for fault in _faces(looks, paragraph, f"{place}{name}", std.SONGTI, 14.0):
            yield Fault(fault.place, "page number", fault.found, fault.wanted)


def _level(text: str) -> int | None:
    return next((n for n, (pattern, _) in enumerate(LEVELS) if pattern.match(text)), None)


def _count(counts: list[int], level: int, text: str, place: str) -> Iterator[Fault]:
    match = LEVELS[level][0].match(text)
    assert match is not None
    number = numeral(match.group(1))
    if number not in (counts[level] + 1, 1):
        yield Fault(place, "numbering", match.group(), str(counts[level] + 1))
    counts[level] = number
    counts[level + 1 :] = [0] * (3 - level)


def _faces(looks: _Looks, paragraph: Any, place: str, font: str | None, size: float | None) -> Iterator[Fault]:
    """Fonts and sizes of the runs: each East Asian font named; `None` asks only that."""
    faced, sized = set(), set()
    for run in paragraph.runs:
        if not run.text.strip():
            continue
        face, points = looks.face(run, paragraph), looks.size(run, paragraph)
        if not face:
            faced.add(("—", font or std.FANGSONG))
        elif font is not None and face != font and face not in std.ALIKE[font] and not _lead(run, face):
            faced.add((face, font))
        if size is not None and points != size:
            sized.add((f"{points or 0:g} pt", f"{size:g} pt"))
    for found, wanted in sorted(faced):
        yield Fault(place, "font", found, wanted)
    for found, wanted in sorted(sized):
        yield Fault(place, "size", found, wanted)


def _lead(run: Any, face: str) -> bool:
    """Words such as 出席: may stand in 黑体 before the text."""
    return face in (std.HEITI, *std.ALIKE[std.HEITI]) and run.text.rstrip().endswith(("：", ":"))


def _pitch(looks: _Looks, paragraph: Any, place: str) -> Iterator[Fault]:
    """Text keeps the grid: an exact line pitch of another height makes other than 22 lines a page."""
    pitch = looks.pitch(paragraph)
    if pitch is not None and abs(pitch - std.PITCH) > 0.15:
        yield Fault(place, "lines", f"{pitch:g} pt", f"{std.PITCH:g} pt")


class _Looks:
    """What a run looks like in the end: its own settings, its style's and those behind it, the document's."""

    def __init__(self, document: Any) -> None:
        self.defaults = document.styles.element.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")

    def _properties(self, run: Any, paragraph: Any) -> Iterator[Any]:
        yield run._r.rPr
        if run.style is not None:
            yield from self._style(run.style)
        if paragraph.style is not None:
            yield from self._style(paragraph.style)
        yield self.defaults

    @staticmethod
    def _style(style: Any) -> Iterator[Any]:
        while style is not None:
            yield style.element.rPr
            style = style.base_style

    def face(self, run: Any, paragraph: Any) -> str:
        """The East Asian font, empty where none is named."""
        for properties in self._properties(run, paragraph):
            fonts = properties.find(qn("w:rFonts")) if properties is not None else None
            if fonts is not None and fonts.get(qn("w:eastAsia")):
                return str(fonts.get(qn("w:eastAsia")))
        return ""

    def size(self, run: Any, paragraph: Any) -> float | None:
        """In points."""
        for properties in self._properties(run, paragraph):
            size = properties.find(qn("w:sz")) if properties is not None else None
            if size is not None:
                return int(size.get(qn("w:val"))) / 2
        return None

    def pitch(self, paragraph: Any) -> float | None:
        """The exact line pitch in points; None where lines follow the grid."""
        form = paragraph.paragraph_format
        spacing, style = form.line_spacing, paragraph.style
        while spacing is None and style is not None:
            spacing, style = style.paragraph_format.line_spacing, style.base_style
        if isinstance(spacing, float):
            return None if spacing == 1.0 else spacing * std.PITCH
        return float(spacing.pt) if spacing is not None else None

    def centred(self, paragraph: Any) -> bool:
        """Whether a paragraph stands in the middle."""
        alignment = paragraph.alignment
        style = paragraph.style
        while alignment is None and style is not None:
            alignment, style = style.paragraph_format.alignment, style.base_style
        return alignment is not None and alignment.name == "CENTER"
