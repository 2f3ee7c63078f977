"""Checkpoints in a folder that another office keeps, and the comparison of a ledger with such a folder.

The folder holds, for each checkpoint, `N.checkpoint` (the signed note, as any witness of logs reads it; who witnesses it adds
a line) and `N.leaves`: a line with the hash of the tree and when the checkpoint was made, then stream, seq and leaf hash of
the events since the checkpoint before. `KEY.pub` holds a public key of the log. Nothing in it tells what an event says.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from bihuan.kernel.domain import notes, receipts
from bihuan.kernel.domain.merkle import HASHES, Tree
from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.domain.state import stamp

from .checkpoints import BATCH, make
from .models import Checkpoint, Leaf
from .tree import continues
from .verifying import Broken, extend, head_broken, rows

DIGITS = 12


def names(folder: Path) -> list[int]:
    """The sizes of the checkpoints in a folder. Refused when a file's name is no size."""
    try:
        return sorted(int(p.stem) for p in folder.glob("*.checkpoint"))
    except ValueError:
        raise Refused(N_("%(folder)s holds a checkpoint whose name is no number."), folder=str(folder)) from None


def trusted(folder: Path) -> list[notes.LogKey]:
    """The public keys that a folder holds. Refused for a file that is none."""
    found = []
    for path in sorted(folder.glob("*.pub")):
        try:
            found.append(notes.read_key(path.read_text("utf-8")))
        except (Refused, UnicodeDecodeError):
            raise Refused(N_("%(file)s is no public key."), file=path.name) from None
    return found


def export(*, folder: Path, at: datetime) -> list[int]:
    """Make a checkpoint and write what the folder lacks; the sizes written.

    Refused when the newest checkpoint there is not a part of this ledger: the folder is right, or it belongs to another.
    """
    folder.mkdir(parents=True, exist_ok=True)
    head = make(at=at)
    have = names(folder)
    if head is None:
        raise Refused(N_("The ledger is empty."))
    if have:
        _continues(folder, have[-1], head)
    written, last = [], have[-1] if have else 0
    for row in Checkpoint.objects.filter(size__gt=last).order_by("size"):
        leaves = Leaf.objects.filter(index__gte=last, index__lt=row.size).order_by("index")
        stem = folder / f"{row.size:0{DIGITS}}"
        draft = stem.with_suffix(".part")
        with draft.open("w", encoding="utf-8", newline="\n") as file:
            file.write(f"{row.hash}\t{stamp(row.at)}\n")
            for stream, seq, hash_ in leaves.values_list("stream", "seq", "hash").iterator(BATCH):
                file.write(f"{stream}\t{seq}\t{hash_}\n")
        draft.replace(stem.with_suffix(".leaves"))
        key = notes.LogKey(row.origin, bytes.fromhex(row.key))
        name = notes.fingerprint(key.public).replace(" ", "")
        (folder / f"{name}.pub").write_text(key.text() + "\n", "utf-8", newline="\n")
        stem.with_suffix(".checkpoint").write_text(row.note, "utf-8", newline="\n")
        written.append(row.size)
        last = row.size
    return written


def _continues(folder: Path, size: int, head: Checkpoint) -> None:
    """Refused unless the tree of `head` continues the folder's checkpoint of `size`, by consistency proof."""
    if not continues(notes.read_note(_note(folder, size), *trusted(folder)), head):
        raise Refused(
            N_("The checkpoints in %(folder)s contradict this ledger. Run: bihuan verify --against %(folder)s"),
            folder=str(folder),
        )


def _note(folder: Path, size: int) -> str:
    try:
        return (folder / f"{size:0{DIGITS}}.checkpoint").read_text("utf-8")
    except UnicodeDecodeError:
        return ""  # no checkpoint, which whoever reads it says


def compare(folder: Path) -> Iterator[int | Broken]:
    """Hold the ledger against a folder; yields Broken places and, at the end, how many events were compared.

    1. the folder itself: each signed root follows from its leaves;
    2. each event that the folder knows is here with the same hash. Refused for a folder without checkpoints.
    """
    sizes = names(folder)
    if not sizes:
        raise Refused(N_("%(folder)s holds no checkpoints."), folder=str(folder))
    keys = trusted(folder)
    kept: dict[tuple[str, int], str] = {}
    edge: list[bytes] = []
    tree, size = Tree(next(_leaves(folder, sizes[0]))[2]), 0
    for wanted in sizes:
        hashes = []
        leaves = _leaves(folder, wanted)
        next(leaves)
        for stream, seq, hash_ in leaves:
            kept[stream, seq] = hash_
            hashes.append(bytes.fromhex(hash_))
        edge = extend(tree, size, edge, hashes)
        size += len(hashes)
        broken = list(head_broken(_note(folder, wanted), keys, tree, edge, size))
        yield from broken
        if broken:
            return
    yield from _events(kept, tree)
    yield size


def _leaves(folder: Path, size: int) -> Iterator[tuple[str, int, str]]:
    """The leaves of a checkpoint's file: ("", 0, hash of the tree) first, then stream, seq and leaf hash. Refused where it is damaged."""
    path = folder / f"{size:0{DIGITS}}.leaves"
    try:
        with path.open(encoding="utf-8") as file:
            algorithm, _at = file.readline().rstrip("\n").split("\t")
            if algorithm not in HASHES:
                raise ValueError(algorithm)
            yield "", 0, algorithm
            for line in file:
                stream, seq, hash_ = line.rstrip("\n").split("\t")
                bytes.fromhex(hash_)
                yield stream, int(seq), hash_
    except (ValueError, FileNotFoundError):
        raise Refused(N_("%(file)s is damaged or missing."), file=path.name) from None


def _events(kept: dict[tuple[str, int], str], tree: Tree) -> Iterator[Broken]:
    total, missing = len(kept), 0
    ends: dict[str, int] = {}
    for stream, seq, _, _, body, hash_, *_ in rows():
        ends[stream] = seq
        leaf = kept.pop((stream, seq), None)
        if leaf is not None and tree.leaf(receipts.leaf_data(hash_, body)).hex() != leaf:
            yield Broken(stream, seq, N_("the event differs from the one in the kept checkpoint"))
    for stream, seq in sorted(kept):
        missing += 1
        cut = seq > ends.get(stream, 0)
        yield Broken(
            stream,
            seq,
            N_("cut off: the kept checkpoint has this event") if cut else N_("the event is gone from the middle"),
        )
    if missing:
        yield Broken(
            "checkpoint", total, N_("%(missing)s of %(total)s kept events are gone: cut, or an older copy was restored"),
            {"missing": missing, "total": total},
        )  # fmt: skip
