"""The server as a person starts and stops it: it answers, and Ctrl-C ends everything it started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

BIHUAN = [sys.executable, "-m", "bihuan"]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")


def test_it_serves_and_ctrl_c_stops_what_it_started(tmp_path: Path) -> None:
    environment = {**os.environ, "BIHUAN_DATA": str(tmp_path), "DATABASE_URL": ""}
    subprocess.run([*BIHUAN, "manage", "migrate", "-v", "0"], env=environment, check=True)
    with subprocess.Popen(
        [*BIHUAN, "serve", "--port", "0"], env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as server:
        assert server.stdout
        url = next(line.split()[0] for line in server.stdout if line.startswith("http://"))
        deadline = time.monotonic() + 30
        status = 0
        while status != 200 and time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(url + "sign-in/", timeout=5) as page:
                    status = page.status
                    assert "闭环" in page.read().decode()
            except OSError:
                time.sleep(0.1)
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children")
        started = [int(p) for p in children.read_text().split()] if children.exists() else []
        os.killpg(server.pid, signal.SIGINT)
        assert server.wait(30) == 0
    assert status == 200
    time.sleep(0.3)
    assert [p for p in started if alive(p)] == []
