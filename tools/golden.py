"""The golden file of every type of event ever written: `tools/golden.py FOLDER` adds what is new, and changes nothing that is there.

FOLDER holds samples that the suite left there when it ran with BIHUAN_GOLDEN=FOLDER. A key whose meaning changed is never
overwritten: old records keep it, so a changed meaning needs another key or another type.
"""

import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests" / "data" / "event-types.json"
LONGEST = 2_000


def samples(folder: Path) -> dict[str, dict[str, object]]:
    """For each type the sample that holds most keys, and of those the shortest."""
    found: dict[str, dict[str, object]] = {}
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            told = json.loads(line)
            have = found.get(told["type"])
            if have is None or _rank(told["data"]) < _rank(have):
                found[told["type"]] = told["data"]
    return found


def _rank(data: dict[str, object]) -> tuple[int, int]:
    return -len(data), len(json.dumps(data, ensure_ascii=False))


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.conf.settings")
    os.environ.setdefault("BIHUAN_DATA", sys.argv[1])
    import django

    django.setup()
    from bihuan.kernel.registry.events import types

    golden = json.loads(GOLDEN.read_text("utf-8")) if GOLDEN.exists() else {}
    have = samples(Path(sys.argv[1]))
    for name, kind in types.items():
        entry = golden.setdefault(name, {"data": {}, "sample": None})
        for key, shape in (kind.data or {}).items():
            if key.removesuffix("?") not in {k.removesuffix("?") for k in entry["data"]}:
                entry["data"][key] = shape
        if name in have and len(json.dumps(have[name], ensure_ascii=False)) <= LONGEST:
            entry["sample"] = entry["sample"] or have[name]
    text = json.dumps(dict(sorted(golden.items())), ensure_ascii=False, indent=1, sort_keys=True)
    GOLDEN.write_text(text + "\n", "utf-8")
    without = [name for name, entry in golden.items() if entry["sample"] is None]
    print(f"{len(golden)} types, {len(without)} without a sample: {', '.join(without)}")
    return 1 if without else 0


if __name__ == "__main__":
    sys.exit(main())
