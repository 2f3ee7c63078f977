"""Signed checkpoints and receipts, and their check without any database.

A checkpoint is a signed note (the text format that transparency logs share): origin, size, root, then our lines, then an
Ed25519 signature. A receipt holds one event as it was hashed, its place in the tree, the proof and the checkpoint.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from . import chain
from .merkle import HASHES, Tree
from .refusal import N_, Refused

ORIGIN = "bihuan-ledger"
FORMAT = "bihuan-receipt/1"
SHORT = "BHR1:"
ED25519 = b"\x01"


def leaf_data(hash_: str, body: str) -> bytes:
    """What is hashed into the tree: the event's link and its body, so that the tree vouches for both."""
    return f"{hash_}\n{body}".encode()


@dataclass(frozen=True)
class Checkpoint:
    """The head of the tree at a moment. `root` in hex, `at` as ledgers write moments, `hash` one of merkle.HASHES."""

    size: int
    root: str
    at: str
    hash: str

    def text(self) -> str:
        """What is signed."""
        root = base64.b64encode(bytes.fromhex(self.root)).decode()
        return f"{ORIGIN}\n{self.size}\n{root}\nhash {self.hash}\nat {self.at}\n"


def key_id(public: bytes) -> bytes:
    """The four bytes by which a note names its key."""
    return sha256(ORIGIN.encode() + b"\n" + ED25519 + public).digest()[:4]


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    """The 32 bytes of the public key."""
    return key.public_key().public_bytes_raw()


def fingerprint(public: bytes) -> str:
    """How people compare keys: 16 hex digits in groups of four."""
    digest = sha256(public).hexdigest()[:16]
    return " ".join(digest[i : i + 4] for i in range(0, 16, 4))


def sign(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """The signed note."""
    text = checkpoint.text()
    seal = base64.b64encode(key_id(public_bytes(key)) + key.sign(text.encode())).decode()
    return f"{text}\n— {ORIGIN} {seal}\n"


def signer(note: str) -> bytes:
    """The id of the key that a note says it is signed with; empty when it is no note."""
    try:
        return base64.b64decode(note.rstrip().rpartition(" ")[2], validate=True)[:4]
    except (ValueError, binascii.Error):
        return b""


def read_note(note: str, public: bytes) -> Checkpoint:
    """The checkpoint of a note whose signature by `public` holds. Refused otherwise."""
    text, blank, seals = note.partition("\n\n")
    text += "\n"
    try:
        origin, size, root, *more = text.splitlines()
        said = dict(line.partition(" ")[::2] for line in more)
        found = Checkpoint(int(size), base64.b64decode(root, validate=True).hex(), said["at"], said["hash"])
        seal = base64.b64decode(seals.strip().removeprefix(f"— {ORIGIN} "), validate=True)
    except (ValueError, KeyError, binascii.Error):
        raise Refused(N_("This is no checkpoint.")) from None
    if not blank or origin != ORIGIN or found.hash not in HASHES or found.text() != text:
        raise Refused(N_("This is no checkpoint."))
    if seal[:4] != key_id(public):
        raise Refused(N_("The checkpoint is signed with another key."))
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(seal[4:], text.encode())
    except (InvalidSignature, ValueError):
        raise Refused(N_("The signature of the checkpoint does not hold.")) from None
    return found


@dataclass(frozen=True)
class Receipt:
    """An event that the ledger vouches for. `key` is the public key; hashes are hex."""

    body: str
    previous: str
    index: int
    proof: tuple[str, ...]
    note: str
    key: bytes

    def data(self) -> dict[str, Any]:
        """As it is written to a file."""
        return {
            "format": FORMAT, "event": json.loads(self.body), "previous": self.previous, "index": self.index,
            "proof": list(self.proof), "checkpoint": self.note, "key": base64.b64encode(self.key).decode(),
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
        if d["format"] != FORMAT:
            raise ValueError(d["format"])
        proof = tuple(str(h) for h in d["proof"])
        body = chain.canonical(d["event"])
        return Receipt(
            body, str(d["previous"]), int(d["index"]), proof, str(d["checkpoint"]), base64.b64decode(d["key"])
        )
    except (ValueError, KeyError, TypeError, AttributeError, zlib.error):
        raise Refused(N_("This file is no receipt.")) from None


def check(receipt: Receipt, trusted: bytes | None = None) -> tuple[dict[str, Any], Checkpoint]:
    """The event and the checkpoint that vouches for it. Refused, with the reason, when anything does not hold.

    1. the checkpoint's signature holds, by `trusted` where given, else by the key that the receipt itself names;
    2. the event's link follows from its body and the event before;
    3. the proof leads from that to the signed root.
    """
    if trusted is not None and trusted != receipt.key:
        raise Refused(N_("The receipt is signed with another key than the trusted one."))
    head = read_note(receipt.note, receipt.key)
    tree = Tree(head.hash)
    leaf = tree.leaf(leaf_data(chain.link(receipt.previous, receipt.body), receipt.body))
    try:
        proof = [bytes.fromhex(h) for h in receipt.proof]
    except ValueError:
        raise Refused(N_("This file is no receipt.")) from None
    if not tree.included(leaf, receipt.index, head.size, proof, bytes.fromhex(head.root)):
        raise Refused(N_("The event is not in the signed ledger: it was changed, or the receipt was."))
    event: dict[str, Any] = json.loads(receipt.body)
    return event, head
