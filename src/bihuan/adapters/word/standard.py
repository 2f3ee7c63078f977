"""The settings of GB/T 9704-2012 that a document is built by and checked against.

Lengths in millimetres, sizes and line pitch in points. The type area is 156 × 225 mm with 22 lines of 28 characters.
"""

from __future__ import annotations

from dataclasses import dataclass

PAGE = (210.0, 297.0)
MARGINS = {"top": 37.0, "left": 28.0, "right": 26.0, "bottom": 35.0}
"""天头 37 mm, 订口 28 mm, and what the type area leaves."""
TOLERANCE = 1.0
"""The standard allows 1 mm."""
LINES = 22
PITCH = 28.95
FOOTER = 25.0
"""From the page's edge, so that the number stands 7 mm below the type area."""

FANGSONG, HEITI, KAITI, SONGTI, XIAOBIAOSONG = "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体", "方正小标宋简体"
FONTS = (FANGSONG, HEITI, KAITI, SONGTI, XIAOBIAOSONG)
ALIKE = {FANGSONG: ("仿宋", "FangSong"), KAITI: ("楷体", "KaiTi"), HEITI: ("SimHei",), SONGTI: ("SimSun",), XIAOBIAOSONG: ("方正小标宋_GBK",)}  # fmt: skip
"""Names under which the same face is known elsewhere."""


@dataclass(frozen=True)
class Style:
    """How one part of a document is set. `indent` is the first line's, in characters; `align` as in Word."""

    name: str
    font: str
    size: float
    align: str = "both"
    indent: int = 0
    right: int = 0
    red: bool = False
    pitch: float = PITCH


STYLES = {
    s.name: s
    for s in (
        Style("公文红头", XIAOBIAOSONG, 36, "center", red=True, pitch=48),
        Style("公文字号", FANGSONG, 16, "center"),
        Style("公文标题", XIAOBIAOSONG, 22, "center", pitch=33),
        Style("公文主送", FANGSONG, 16, "left"),
        Style("公文正文", FANGSONG, 16, indent=2),
        Style("公文一级标题", HEITI, 16, indent=2),
        Style("公文二级标题", KAITI, 16, indent=2),
        Style("公文落款", FANGSONG, 16, "right", right=4),
        Style("公文表头", HEITI, 12, "center", pitch=18),
        Style("公文表格", FANGSONG, 12, "left", pitch=18),
        Style("公文版记", FANGSONG, 14, "left", indent=0, pitch=24),
    )
}
TEXT = ("公文正文", "公文主送", "公文落款")
