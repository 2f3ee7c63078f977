"""Checkpoints as signed notes, in the text form that other logs and their witnesses share.

A checkpoint is three lines: the log's name (its origin), the number of leaves, the root in base64 (C2SP tlog-checkpoint). A
signed note is that text, a blank line and signatures, each `— NAME base64(key id || signature)` (C2SP signed-note). Whoever
witnesses a log adds a line; a reader heeds the lines of the keys it knows and leaves the others alone.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from .refusal import N_, Refused

ED25519 = b"\x01"
"""The type of our signatures among those that notes may carry."""
LONGEST = 200
"""Characters of the longest name that a log of ours may have."""
MOST = 100
"""Signatures that a note may carry."""


class Signer(Protocol):
    """What signs checkpoints: a key in a file, a command, a device."""

    @property
    def public(self) -> bytes:
        """The 32 bytes of its Ed25519 public key."""

    def sign(self, data: bytes) -> bytes:
        """The signature of `data`. Refused, with the reason, when none comes."""


def is_name(text: str) -> bool:
    """Whether a log or a witness may be called so: something, without spaces, plus signs and what does not print."""
    return bool(text) and text.isprintable() and " " not in text and "+" not in text


def fingerprint(public: bytes) -> str:
    """How people compare keys: 16 hex digits in groups of four."""
    digest = sha256(public).hexdigest()[:16]
    return " ".join(digest[i : i + 4] for i in range(0, 16, 4))


def _base64(text: str) -> bytes:
    """ValueError for anything but the one way to write those bytes."""
    found = base64.b64decode(text, validate=True)
    if base64.b64encode(found).decode() != text:
        raise ValueError(text)
    return found


@dataclass(frozen=True)
class LogKey:
    """An Ed25519 public key (32 bytes) under the name of the log that signs with it."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes by which a signature names its key."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def text(self) -> str:
        """As witnesses and auditors are given it: NAME+ID+KEY."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"

    def signed(self, text: str, signature: bytes) -> bool:
        """Whether a signature of a text holds."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


def read_key(text: str) -> LogKey:
    """The key of a text NAME+ID+KEY. Refused when it is none, or of another kind than Ed25519."""
    try:
        name, _id, key = text.strip().split("+", 2)
        found = LogKey(name, _base64(key)[1:])
        if found.text() != text.strip() or not is_name(name) or len(found.public) != 32:
            raise ValueError(text)
    except ValueError:
        raise Refused(N_("This is no public key of a log: it is written NAME+ID+KEY.")) from None
    return found


@dataclass(frozen=True)
class Head:
    """The head of a tree: the log's name, the number of its leaves, the root in hex."""

    origin: str
    size: int
    root: str

    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(bytes.fromhex(self.root)).decode()}\n"


def sign(head: Head, signer: Signer) -> str:
    """The note. Refused when the signer's answer is no signature by its own key."""
    key, text = LogKey(head.origin, signer.public), head.text()
    signature = signer.sign(text.encode())
    if not key.signed(text, signature):
        raise Refused(N_("What the signer gave is no signature by its key."))
    return f"{text}\n— {key.name} {base64.b64encode(key.id + signature).decode()}\n"


def _parts(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """The text and its signatures: names, and key ids with signatures. ValueError for what is no note."""
    text, blank, seals = note.rpartition("\n\n")
    lines = seals.split("\n")
    if not blank or lines.pop() or not 0 < len(lines) <= MOST or not all(c >= " " or c == "\n" for c in note):
        raise ValueError("no note")
    found = []
    for line in lines:
        dash, name, seal = line.split(" ")
        signature = _base64(seal)
        if dash != "—" or not is_name(name) or len(signature) < 5:
            raise ValueError(line)
        found.append((name, signature))
    return text + "\n", found


def _head(text: str) -> Head:
    """ValueError for any other text than the three lines."""
    origin, size, root = text.removesuffix("\n").split("\n")
    found = Head(origin, int(size), _base64(root).hex())
    if found.text() != text or not is_name(origin) or not 0 <= found.size < 2**63 or len(found.root) != 64:
        raise ValueError(text)
    return found


def told(note: str) -> Head:
    """What a note says, whoever signed it: no signature is checked. Refused for what is no checkpoint."""
    try:
        return _head(_parts(note)[0])
    except ValueError:
        raise Refused(N_("This is no checkpoint.")) from None


def read_note(note: str, *keys: LogKey) -> Head:
    """The head of a note that one of these keys of its log signed; lines by other keys are left alone.

    Refused when it is no checkpoint or has extension lines, when it is of another log than the keys, when none of them signed,
    and when a signature by one of them does not hold.
    """
    found = told(note)
    text, seals = _parts(note)
    known = {(key.name, key.id): key for key in keys if key.name == found.origin}
    if keys and not known:
        raise Refused(N_("The checkpoint is of another log: %(origin)s."), origin=found.origin)
    ours = [(key, seal[4:]) for name, seal in seals if (key := known.get((name, seal[:4])))]
    if not ours:
        raise Refused(N_("The checkpoint is signed with another key."))
    if not all(key.signed(text, signature) for key, signature in ours):
        raise Refused(N_("The signature of the checkpoint does not hold."))
    return found
