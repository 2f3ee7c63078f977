"""Which process a worker is, and whether it still lives.

Linux tells it of processes of the same machine, container and user; of any other nobody here can say.
"""

from __future__ import annotations

import os
import socket
from functools import cache
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

PROC = Path("/proc")


@cache
def place() -> str:
    """Where processes can be told from here: machine since its start, container, user; empty where nothing can be told."""
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text("ascii").strip()
        space = os.readlink(PROC / "self/ns/pid")
    except OSError:
        return ""
    return sha256(f"{socket.gethostname()} {boot} {space} {os.getuid()}".encode()).hexdigest()[:16]


def begun(pid: int) -> str:
    """When a process began, in ticks since the machine's start; empty when there is none or it is dead and only not yet buried."""
    try:
        told = (PROC / str(pid) / "stat").read_text("ascii", "replace")
    except OSError:
        return ""
    state, *rest = told.rpartition(")")[2].split()
    return "" if state in "ZXx" else rest[18]


@cache
def _named(pid: int) -> str:
    return f"{place()}:{pid}:{begun(pid)}" if place() else f":{pid}:{uuid4().hex}"


def me() -> str:
    """The name of this process: no other has it, before or after; at most 64 characters."""
    return _named(os.getpid())


def lives(name: str) -> bool | None:
    """Whether the process of a name still lives; None when that cannot be told from here."""
    where, _, rest = name.partition(":")
    pid, _, since = rest.partition(":")
    if not where or where != place() or not pid.isdecimal() or not since:
        return None
    return begun(int(pid)) == since
