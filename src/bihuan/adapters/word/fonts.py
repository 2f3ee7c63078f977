"""Which of the fonts that the layout names this machine lacks. They are named in documents, never shipped."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache

from .standard import ALIKE, FONTS


@cache
def missing() -> list[str] | None:
    """The fonts that are not installed here; None where the machine cannot say (no fontconfig). Asked once a process."""
    program = shutil.which("fc-list")
    if program is None:
        return None
    listed = subprocess.run([program, ":", "family"], capture_output=True, text=True, check=True, timeout=30).stdout
    have = {name.strip() for line in listed.splitlines() for name in line.split(",")}
    return [font for font in FONTS if not have & {font, *ALIKE[font]}]
