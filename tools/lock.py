"""Refresh requirements/*.txt: hashes, every platform, no registry address."""

import subprocess
import sys
from pathlib import Path

UV = [str(Path(sys.executable).parent / "uv"), "pip", "compile", "--universal", "--python-version", "3.11"]
UV += ["--generate-hashes", "--no-header", "--no-annotate", "--quiet", "pyproject.toml", "--group", "build"]


def main() -> None:
    subprocess.run([*UV, "-o", "requirements/app.txt"], check=True)
    subprocess.run([*UV, "--group", "dev", "-o", "requirements/dev.txt"], check=True)
    lines = Path("requirements/app.txt").read_text().splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("uv=="))
    end = next((i for i in range(start + 1, len(lines)) if not lines[i].startswith(" ")), len(lines))
    Path("requirements/uv.txt").write_text("\n".join(lines[start:end]) + "\n")


if __name__ == "__main__":
    main()
