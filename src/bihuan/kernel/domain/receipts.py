"""Receipts, and their check without any database.

A receipt holds one event as it was hashed, its place in the tree, the proof and the signed checkpoint. Which hash the tree is
made with and when the checkpoint was made stand beside the note, which has no room for them: a wrong hash makes the proof fail,
the moment is the office's word.
"""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import dataclass
from typing import Any

from . import chain
from .merkle import HASHES, Tree
from .notes import Head, LogKey, read_note
from .refusal import N_, Refused

FORMAT = "bihuan-receipt/2"
SHORT = "BHR1:"


def leaf_data(hash_: str, body: str) -> bytes:
    """What is hashed into the tree: the event's link and its body, so that the tree vouches for both."""
    return f"{hash_}\n{body}".encode()


@dataclass(frozen=True)
class Receipt:
    """An event that the ledger vouches for. `key` is the public key; hashes are hex; `hash` names the tree's, one of
    merkle.HASHES; `at` is when the checkpoint was made, as ledgers write moments."""

    body: str
    previous: str
    index: int
    proof: tuple[str, ...]
    note: str
    key: bytes
    hash: str
    at: str

    def data(self) -> dict[str, Any]:
        """As it is written to a file."""
        return {
            "format": FORMAT, "event": json.loads(self.body), "previous": self.previous, "index": self.index,
            "proof": list(self.proof), "checkpoint": self.note, "key": base64.b64encode(self.key).decode(),
            "hash": self.hash, "at": self.at,
        }  # fmt: skip

    def text(self) -> str:
        """The file."""
        return json.dumps(self.data(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"

    def short(self) -> str:
        """The same for a QR code: only characters of its compact mode."""
        packed = zlib.compress(json.dumps(self.data(), ensure_ascii=False, separators=(",", ":")).encode(), 9)
        return SHORT + base64.b32encode(packed).decode().rstrip("=")


MAX_RECEIPT = 4 * 2**20


def read_receipt(text: str) -> Receipt:
    """A receipt from a file or from what a QR code said. Refused when it is none."""
    try:
        if text.startswith(SHORT):
            code = text.strip().removeprefix(SHORT)
            packed = base64.b32decode(code + "=" * (-len(code) % 8))
            text = zlib.decompressobj().decompress(packed, MAX_RECEIPT).decode()
        d = json.loads(text)
        if d["format"] != FORMAT or d["hash"] not in HASHES:
            raise ValueError(d["format"])
        proof = tuple(str(h) for h in d["proof"])
        body = chain.canonical(d["event"])
        return Receipt(
            body, str(d["previous"]), int(d["index"]), proof, str(d["checkpoint"]), base64.b64decode(d["key"]),
            str(d["hash"]), str(d["at"]),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, zlib.error):
        raise Refused(N_("This file is no receipt.")) from None


def check(receipt: Receipt, trusted: LogKey | None = None) -> tuple[dict[str, Any], Head]:
    """The event and the signed head that vouches for it. Refused, with the reason, when anything does not hold.

    1. the checkpoint's signature holds, by `trusted` where given, else by the key that the receipt itself names;
    2. the event's link follows from its body and the event before;
    3. the proof leads from that to the signed root.
    """
    if trusted is not None and trusted.public != receipt.key:
        raise Refused(N_("The receipt is signed with another key than the trusted one."))
    head = read_note(receipt.note, trusted or LogKey(receipt.note.partition("\n")[0], receipt.key))
    tree = Tree(receipt.hash)
    leaf = tree.leaf(leaf_data(chain.link(receipt.previous, receipt.body), receipt.body))
    try:
        proof = [bytes.fromhex(h) for h in receipt.proof]
    except ValueError:
        raise Refused(N_("This file is no receipt.")) from None
    if not tree.included(leaf, receipt.index, head.size, proof, bytes.fromhex(head.root)):
        raise Refused(N_("The event is not in the signed ledger: it was changed, or the receipt was."))
    event: dict[str, Any] = json.loads(receipt.body)
    return event, head
