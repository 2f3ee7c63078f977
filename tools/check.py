"""Lint, types, layers, messages, sizes, secrets: everything that needs no running program."""

import re
import subprocess
import sys
from pathlib import Path

import polib
from messages import CATALOGUES, gathered, lacking
from moments import utc_days

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|(?<!\d)\d{17}[\dXx](?!\d)|(?<!\d)1[3-9]\d{9}(?!\d)"
)
ADDRESS = re.compile(r"pypi\.org|files\.pythonhosted|registry\.npmjs|npmmirror|tuna\.tsinghua")
INLINE = re.compile(r'<script(?![^>]*(?:\bsrc=|type="application/json"))|\son\w+=|\sstyle=')
"""What the content security policy would refuse; JSON in a script tag is data."""
LIMITS = {".html": 140, ".css": 160, ".js": 160}
"""Longest line of templates, style sheets and scripts."""
TRANSLATED = re.compile(r"\{% *blocktranslate\b([^%]*)%\}(.*?)\{% *endblocktranslate *%\}", re.S)
MODULE = 390
"""Longest module in lines; the aim is 300."""


def tracked() -> list[Path]:
    out = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / line for line in out.splitlines()]


def faults() -> list[str]:
    found = []
    for path in tracked():
        name = path.relative_to(ROOT)
        if not path.is_file():
            continue
        if path.stat().st_size > 600_000:
            found.append(f"{name}: {path.stat().st_size} bytes is too large for the repository")
        if path.suffix in (".xlsx", ".png") or "requirements" in name.parts or name.name == "package-lock.json":
            continue
        text = path.read_text("utf-8")
        if (hit := SECRET.search(text)) and "test_register_reader" not in name.name:
            found.append(f"{name}: looks like a secret or a person's number: {hit.group()[:6]}…")
        if name.parts[0] != "tools" and ADDRESS.search(text):
            found.append(f"{name}: names a package registry")
        if (
            path.suffix == ".py"
            and "migrations" not in name.parts
            and name.parts[0] == "src"
            and text.count("\n") > MODULE
        ):
            found.append(f"{name}: {text.count(chr(10))} lines; split it by meaning")
        if path.suffix == ".py" and "migrations" not in name.parts and name.parts[0] == "src":
            found += utc_days(name.as_posix(), text)
        if name.parts[0] == "src" and path.suffix in LIMITS and (path.suffix != ".html" or "templates" in name.parts):
            limit = LIMITS[path.suffix]
            found += [
                f"{name}:{n}: over {limit} characters"
                for n, line in enumerate(text.splitlines(), 1)
                if len(line) > limit
            ]
        if path.suffix == ".html":
            for head, body in TRANSLATED.findall(text):
                if "\n" in body and "trimmed" not in head:
                    found.append(
                        f"{name}: {body[:40]!r} over several lines must be trimmed: indentation is dropped on loading"
                    )
        if path.suffix == ".html" and INLINE.search(text):
            found.append(f"{name}: inline script or style")
    for path in CATALOGUES:
        found += [f"{path.parent.parent.name}: {line}" for line in lacking(polib.pofile(str(path)), gathered())]
    return found


def longest() -> dict[str, tuple[int, str]]:
    """The longest line of each kind of our files, and where it stands."""
    found: dict[str, tuple[int, str]] = {}
    for path in tracked():
        name = path.relative_to(ROOT)
        if (
            path.suffix in (".html", ".css", ".js", ".py")
            and name.parts[0] == "src"
            and "migrations" not in name.parts
            and path.is_file()
        ):
            for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
                found[path.suffix] = max(found.get(path.suffix, (0, "")), (len(line), f"{name}:{number}"))
    return found


FORMAT = [
    "djangofmt",
    "--indent-width",
    "2",
    "--line-length",
    "120",
    *map(str, sorted(ROOT.glob("src/bihuan/web/*/templates"))),
]


def main() -> int:
    code = 0
    for command in (
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "-q", "."],
        ["mypy"],
        ["lint-imports"],
        ["deptry", "src"],
        ["python", "-m", "django", "makemigrations", "--check", "--dry-run", "--settings", "bihuan.conf.settings"],
        [*FORMAT, "--check"],
    ):
        print("==", " ".join(command), flush=True)
        code |= subprocess.run([str(BIN / command[0]), *command[1:]], cwd=ROOT).returncode
    print("== sizes, secrets, messages", flush=True)
    found = faults()
    print("longest lines:", ", ".join(f"{kind} {n} ({where})" for kind, (n, where) in longest().items()))
    print("\n".join(found) or "nothing found")
    return 1 if code or found else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["format"]:
        sys.exit(subprocess.run([str(BIN / FORMAT[0]), *FORMAT[1:]], cwd=ROOT).returncode)
    sys.exit(main())
