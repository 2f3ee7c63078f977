"""A proposal at once: the project that loses most by waiting takes the best bank that still has room."""

from __future__ import annotations

from collections import defaultdict

from .problem import Problem, fits, limit, points


def first(p: Problem) -> dict[str, str]:
    """Project → bank; what people laid down stands, the rest breaks nothing."""
    chosen = {n: b for n, b in p.fixed.items() if b is not None}
    room = {b.id: b.capacity for b in p.banks}
    seats = {b.id: b.most if b.most is not None else len(p.needs) for b in p.banks}
    grouped: dict[tuple[str, str], int] = defaultdict(int)

    def take(need: str, bank: str) -> None:
        n = p.need[need]
        room[bank] -= n.amount
        seats[bank] -= 1
        grouped[bank, n.group] += n.amount

    for need, bank in chosen.items():
        take(need, bank)
    able = {
        n: sorted(((points(p, p.need[n], p.bank[b]), b) for b in banks), key=lambda x: (-x[0], x[1]))
        for n, banks in fits(p).items()
    }

    def regret(need: str) -> tuple[int, int, int, str]:
        best = [v for v, _ in able[need]]
        return (len(best), -(best[0] - best[1]) if len(best) > 1 else 0, -p.need[need].amount, need)

    for need in sorted((n for n in able if able[n]), key=regret):
        n = p.need[need]
        for _, bank in able[need]:
            b = p.bank[bank]
            if (
                room[bank] >= n.amount
                and seats[bank] > 0
                and (not n.group or grouped[bank, n.group] + n.amount <= limit(b))
            ):
                chosen[need] = bank
                take(need, bank)
                break
    return chosen
