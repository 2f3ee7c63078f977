"""Where matters stand, without folding what was folded before.

The hash of a stream's last event stands for its whole history, so a state that was folded under that hash is the state
now. A process remembers the states it has met; whoever decides by one must append behind its very hash, which fails when
the stream has gone on.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

from bihuan.kernel.domain.kinds import Kind
from bihuan.kernel.domain.state import State, fold
from bihuan.kernel.ledger import selectors as ledger

from .catalogue import kind_edition
from .projection import stream_of

REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Remembered:
    """The state of a matter and where its stream ends."""

    state: State
    seq: int
    hash: str

    @property
    def end(self) -> tuple[int, str]:
        """What `append` continues from."""
        return self.seq, self.hash


_kept: OrderedDict[str, Remembered] = OrderedDict()
_lock = Lock()


def remember(number: int, state: State, end: tuple[int, str]) -> None:
    """Keep a state under the end of its stream. Harmless if the transaction is taken back: nothing can be appended behind
    a hash that exists nowhere."""
    with _lock:
        _kept[stream_of(number)] = Remembered(state, *end)
        _kept.move_to_end(stream_of(number))
        while len(_kept) > REMEMBERED:
            _kept.popitem(last=False)


def forget() -> None:
    """Fold everything anew."""
    with _lock:
        _kept.clear()


def remembered(number: int) -> Remembered | None:
    """Where a matter stood when this process last met it."""
    return _kept.get(stream_of(number))


def head(number: int) -> tuple[Remembered, Kind]:
    """Where a matter stands, and the edition of its kind."""
    return _at(number, ledger.end(stream_of(number)))


def heads(numbers: Sequence[int]) -> dict[int, tuple[Remembered, Kind]]:
    """`head` of many matters; one query where all were met before."""
    ends = ledger.ends([stream_of(n) for n in numbers])
    return {n: _at(n, ends[stream_of(n)]) for n in numbers}


def _at(number: int, end: tuple[int, str]) -> tuple[Remembered, Kind]:
    """By a stream's end: as met under that very end, else folded."""
    found = remembered(number)
    if found is None or found.end != end:
        stream = ledger.stream(stream_of(number))
        state = fold(stream.events)
        assert state is not None, f"matter {number} has no events"
        found = Remembered(state, *stream.end)
        remember(number, state, stream.end)
    return found, kind_edition(found.state.kind, found.state.edition)
