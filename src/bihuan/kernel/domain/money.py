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
    """As people say it: 3.2亿元 from 亿 up, else 4500万元; 亿 to four places, which is whole 万元."""
    if fen is None:
        return ""
    if abs(fen) < FEN_OF_WAN * 10_000:
        return f"{wan(fen)}万元"
    tens = round(abs(fen) / FEN_OF_WAN)
    whole, rest = divmod(tens, 10_000)
    text = f"{whole}.{rest:04}".rstrip("0").rstrip(".") if rest else str(whole)
    return f"{'-' if fen < 0 else ''}{text}亿元"
