"""The key that signs checkpoints: made once, kept beside the data, readable by its owner alone."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization as s
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def key() -> Ed25519PrivateKey:
    """The signing key. ImproperlyConfigured when its file holds none."""
    return _key(Path(settings.LEDGER_KEY))


@cache
def _key(path: Path) -> Ed25519PrivateKey:
    if not path.exists():
        made = Ed25519PrivateKey.generate()
        pem = made.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption())
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(pem)
        except FileExistsError:
            pass  # another process made it a moment ago
    try:
        found = s.load_pem_private_key(path.read_bytes(), None)
    except ValueError:
        raise ImproperlyConfigured(f"{path} holds no Ed25519 key") from None
    if not isinstance(found, Ed25519PrivateKey):
        raise ImproperlyConfigured(f"{path} holds no Ed25519 key")
    return found
