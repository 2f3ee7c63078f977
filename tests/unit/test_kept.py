"""A secret is made once, whoever starts first, and nobody else may read it."""

from __future__ import annotations

import secrets
from pathlib import Path
from threading import Barrier, Thread

from bihuan.kernel.domain.kept import kept


def test_many_starters_get_the_same_secret_whole(tmp_path: Path) -> None:
    path, barrier, found = tmp_path / "data" / "secret", Barrier(12), []

    def start() -> None:
        barrier.wait()
        found.append(kept(path, lambda: secrets.token_bytes(4_000)))

    threads = [Thread(target=start) for _ in range(12)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(set(found)) == 1
    assert len(found[0]) == 4_000
    assert path.stat().st_mode & 0o077 == 0
    assert [p.name for p in path.parent.iterdir()] == ["secret"]
