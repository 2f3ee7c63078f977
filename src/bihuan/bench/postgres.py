"""A PostgreSQL of our own for tests and benches: a temporary cluster on 127.0.0.1 that ends with the caller."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .ports import free_port


def programs() -> Path | None:
    """The folder of initdb and postgres, if this machine has them."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((f for f in folders if (f / "initdb").exists() and (f / "postgres").exists()), None)


@contextmanager
def cluster() -> Iterator[str]:
    """Start a cluster and yield its DATABASE_URL. As root it runs as the user postgres, which PostgreSQL demands."""
    folder = programs()
    assert folder, "no PostgreSQL here"
    home = tempfile.mkdtemp(prefix="bihuan-pg-")
    user = "postgres" if os.getuid() == 0 else None
    if user:
        shutil.chown(home, user)
    port = free_port()
    data = f"{home}/data"
    quiet: dict[str, Any] = {"user": user, "cwd": home, "stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT}
    init: list[Any] = [folder / "initdb", "-D", data, "-U", "bihuan", "-A", "trust", "-E", "UTF8", "--locale=C"]
    subprocess.run(init, check=True, **quiet)
    options = ["-c", f"unix_socket_directories={home}", "-c", "max_connections=60", "-c", "shared_buffers=256MB"]
    start: list[Any] = [folder / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port), *options]
    server = subprocess.Popen(start, **quiet)
    try:
        ready: list[Any] = [folder / "pg_isready", "-h", "127.0.0.1", "-p", str(port), "-t", "30"]
        for _ in range(100):
            if subprocess.run(ready, **quiet).returncode == 0:
                break
            if server.poll() is not None:
                raise RuntimeError("PostgreSQL did not start")
        yield f"postgres://bihuan@127.0.0.1:{port}/postgres"
    finally:
        server.send_signal(signal.SIGINT)  # fast: open connections do not hold it up
        server.wait(30)
        shutil.rmtree(home, ignore_errors=True)
