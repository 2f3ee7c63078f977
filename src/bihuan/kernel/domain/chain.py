"""The hash chain of a stream: canonical JSON (RFC 8785) and SHA-256.

Values are strings, integers, booleans, null, lists and objects whose keys stay in the basic plane (there code point order
is the UTF-16 order of RFC 8785). For those, sorted keys and minimal escapes are exactly RFC 8785; floats are refused, so
numbers never depend on a printer.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

GENESIS = "0" * 64

_encode = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, check_circular=False
).encode


def check(value: Any, where: str = "$") -> None:
    """TypeError when a value has no single canonical form, naming the place."""
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or (not key.isascii() and max(key) > "\uffff"):
                raise TypeError(f"{where}: key {key!r} is no string of the basic plane")
            check(item, f"{where}.{key}")
    elif isinstance(value, list):
        for i, item in enumerate(value):
            check(item, f"{where}[{i}]")
    elif isinstance(value, int) and not isinstance(value, bool):
        if abs(value) > 2**53 - 1:
            raise TypeError(f"{where}: {value} is beyond the integers that JSON keeps exact")
    elif value is not None and not isinstance(value, str | bool):
        raise TypeError(f"{where}: {type(value).__name__} has no canonical form")


def canonical(value: dict[str, Any]) -> str:
    """RFC 8785 text of a checked value."""
    check(value)
    return _encode(value)


def link(previous: str, body: str) -> str:
    """The hash (64 hex digits) of a body that follows `previous`."""
    return sha256(f"{previous}\n{body}".encode()).hexdigest()


def digest(text: str) -> str:
    """The SHA-256 (64 hex digits) of a text."""
    return sha256(text.encode()).hexdigest()
