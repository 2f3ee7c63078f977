"""kill -9 at random moments under load: what was acknowledged is there, once, and nobody is told twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys


def test_nothing_acknowledged_is_lost_and_nothing_told_twice() -> None:
    env = {**os.environ, "DATABASE_URL": ""}
    out = subprocess.run(
        [sys.executable, "-m", "bihuan", "chaos", "--kills", "6", "--seed", "7", "--json"],
        env=env,
        capture_output=True,
        text=True,
        timeout=240,
    )
    found = json.loads(out.stdout)
    assert found["verdict"] == "all is there, once", found
    assert (found["kills"], found["lost"], found["duplicate"], found["notices_twice"], found["notices_missing"]) == (
        6,
        0,
        0,
        0,
        0,
    )
    assert found["acknowledged"] > 20
    assert found["notices_sent"] > 0
