"""What signs checkpoints: a key in a file (made once, kept beside the data, readable by its owner alone), or a command."""

from __future__ import annotations

import base64
import shlex
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives import serialization as s
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from bihuan.kernel.domain.kept import kept
from bihuan.kernel.domain.notes import Signer
from bihuan.kernel.domain.refusal import N_, Refused

PATIENCE = 10
"""Seconds that a command has to sign: others wait for the transaction of a checkpoint."""


class FileSigner:
    """A private key in memory."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @property
    def public(self) -> bytes:
        return self._key.public_key().public_bytes_raw()

    def sign(self, data: bytes) -> bytes:
        return self._key.sign(data)


@dataclass(frozen=True)
class CommandSigner:
    """A program that holds the key, or reaches the device that does: data on its input, the signature in base64 on its output."""

    words: tuple[str, ...]
    public: bytes

    def sign(self, data: bytes) -> bytes:
        try:
            done = subprocess.run(self.words, input=data, capture_output=True, timeout=PATIENCE, check=True)
            return base64.b64decode(done.stdout.strip(), validate=True)
        except subprocess.CalledProcessError as error:
            why = error.stderr.decode("utf-8", "replace").strip()[-200:] or f"exit {error.returncode}"
        except (OSError, ValueError, subprocess.TimeoutExpired) as error:
            why = str(error)
        raise Refused(N_("The command that signs checkpoints gave no signature: %(why)s"), why=why)


def signer() -> Signer | None:
    """What signs now; None where no key is kept. Refused when the file holds anything else than a key."""
    path = Path(settings.LEDGER_KEY)
    if not path.exists():
        return None
    try:
        if settings.LEDGER_SIGNER == "file":
            private = s.load_pem_private_key(path.read_bytes(), None)
            if isinstance(private, Ed25519PrivateKey):
                return FileSigner(private)
        else:
            public = s.load_pem_public_key(path.read_bytes())
            if isinstance(public, Ed25519PublicKey):
                return CommandSigner(_words(), public.public_bytes_raw())
    except (ValueError, TypeError):  # TypeError: it asks for a password
        pass
    raise Refused(N_("%(file)s holds no Ed25519 key."), file=place())


def made() -> Signer:
    """What signs now; its key is made where none is kept. Refused when it is not ours to make."""
    if settings.LEDGER_SIGNER != "file" and not Path(settings.LEDGER_KEY).exists():
        raise Refused(
            N_("Another program signs checkpoints: put the public part of its key into %(file)s."),
            file=place(),
        )
    kept(Path(settings.LEDGER_KEY), _key)
    found = signer()
    assert found is not None
    return found


def renewed(at: datetime) -> Signer:
    """Another key; what its file held before stands beside it under the moment `at`. Refused as `made`."""
    path = Path(settings.LEDGER_KEY)
    if settings.LEDGER_SIGNER == "file" and path.exists():
        path.rename(path.with_name(f"{path.name}.{at.astimezone(UTC):%Y%m%dT%H%M%S%f}"))
    return made()


def place() -> str:
    """Where the key is kept, for people."""
    return str(settings.LEDGER_KEY)


def _words() -> tuple[str, ...]:
    return tuple(shlex.split(settings.LEDGER_SIGNER.partition(":")[2]))


def _key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption())
