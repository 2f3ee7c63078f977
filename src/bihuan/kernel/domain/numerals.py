"""Chinese numerals as titles and headings write them: 第十次, 一、."""

from __future__ import annotations

from datetime import date

CHINESE = "一二三四五六七八九十"


def chinese(n: int) -> str:
    """1 to 99 as 一 … 九十九; beyond in digits."""
    digits = "〇一二三四五六七八九"
    if not 1 <= n <= 99:
        return str(n)
    tens, ones = divmod(n, 10)
    return (("" if tens == 1 else digits[tens]) + "十" if tens else "") + (digits[ones] if ones else "")


def numeral(text: str) -> int:
    """一 is 1, 十二 is 12, 二十 is 20; plain digits as they are."""
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return CHINESE.index(text) + 1
    return (CHINESE.index(tens) + 1 if tens else 1) * 10 + (CHINESE.index(ones) + 1 if ones else 0)


def day_text(day: date) -> str:
    """A day as papers write it: 2024年4月24日."""
    return f"{day.year}年{day.month}月{day.day}日"
