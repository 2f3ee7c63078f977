"""The key that signs checkpoints: made once, kept beside the data, readable by its owner alone."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization as s
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from bihuan.kernel.domain.kept import kept


def key() -> Ed25519PrivateKey:
    """The signing key. ImproperlyConfigured when its file holds none."""
    return _key(Path(settings.LEDGER_KEY))


@cache
def _key(path: Path) -> Ed25519PrivateKey:
    pem = kept(path, _made)
    try:
        found = s.load_pem_private_key(pem, None)
    except ValueError:
        raise ImproperlyConfigured(f"{path} holds no Ed25519 key") from None
    if not isinstance(found, Ed25519PrivateKey):
        raise ImproperlyConfigured(f"{path} holds no Ed25519 key")
    return found


def _made() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption())
