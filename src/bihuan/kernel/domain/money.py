"""Money as whole fen, shown in 万元 or 亿元 as offices write it."""

from __future__ import annotations

FEN_OF_WAN = 1_000_000


def wan(fen: int | None) -> str:
    """Fen in 万元 without needless zeros: 1234500000 is 1234.5; empty for None."""
    if fen is None:
        return ""
    whole, rest = divmod(abs(fen), FEN_OF_WAN)
    text = f"{whole}.{rest:06}".rstrip("0").rstrip(".") if rest else str(whole)
    return f"-{text}" if fen < 0 else text


def spoken(fen: int | None) -> str:
    """As people say it, rounded to two places: 3.2亿元 from 亿 up, else 4500万元; empty for None."""
    if fen is None:
        return ""
    big = abs(fen) >= FEN_OF_WAN * 10_000
    hundredths = round(abs(fen) / (FEN_OF_WAN * (10_000 if big else 1)) * 100)
    whole, rest = divmod(hundredths, 100)
    text = f"{whole}.{rest:02}".rstrip("0").rstrip(".") if rest else str(whole)
    return f"{'-' if fen < 0 else ''}{text}{'亿元' if big else '万元'}"
