"""A bare answer of as many bytes as asked for: what the server itself needs for a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """WSGI: /N answers with N bytes."""
    size = int(environ["PATH_INFO"].strip("/") or 0)
    start("200 OK", [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(size))])
    return [b"x" * size]


if __name__ == "__main__":
    import sys

    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    port, processes, threads = map(int, sys.argv[1:])
    Granian(
        "bihuan.bench.floor:application", port=port, interface=Interfaces.WSGI, workers=processes, blocking_threads=threads,
        log_level=LogLevels.error,
    ).serve()  # fmt: skip
