"""The page that checks receipts offline: one file with everything inside, to be opened from disk."""

from __future__ import annotations

from pathlib import Path

STATIC = Path(__file__).resolve().parents[1] / "static"
SCRIPTS = ("vendor/nacl-fast.min.js", "vendor/sha256.min.js", "vendor/sm3.js", "web/verifier.js")
PAGE = Path(__file__).parent / "offline.html"


def verifier() -> str:
    """The whole page. FileNotFoundError while the front-end packages are not installed."""
    scripts = [(STATIC / name).read_text("utf-8").replace("</script", "<\\/script") for name in SCRIPTS]
    # each library must find the page's global object, as if it were loaded by address
    return PAGE.read_text("utf-8").replace("<!--scripts-->", "".join(f"<script>{s}</script>\n" for s in scripts))
