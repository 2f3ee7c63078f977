"""The whole suite: on SQLite with the browser where Chromium is present, then on PostgreSQL where it is present.

BIHUAN_REQUIRE=browser,postgres,office turns an absence into a failure, so that nothing is silently skipped.
"""

import os
import shutil
import subprocess
import sys

from bihuan.bench.postgres import cluster, programs

REQUIRED = {word for word in os.environ.get("BIHUAN_REQUIRE", "").split(",") if word}
PYTEST = [sys.executable, "-m", "pytest", "-q", "-n", os.environ.get("BIHUAN_TEST_WORKERS", "2")]


def run(title: str, *arguments: str, **environment: str) -> int:
    print(f"== {title}", flush=True)
    return subprocess.run([*PYTEST, *arguments], env={**os.environ, **environment}).returncode


def main() -> int:
    unknown = REQUIRED - {"browser", "postgres", "office"}
    if unknown:
        print(f"BIHUAN_REQUIRE knows browser, postgres and office, not {', '.join(sorted(unknown))}")
        return 2
    if not shutil.which("soffice"):
        print("LibreOffice is not here: papers are not looked at page by page")
        if "office" in REQUIRED:
            return 1
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not browser:
        print("Chromium is not here: browser tests are left out")
        if "browser" in REQUIRED:
            return 1
    code = run("SQLite", *([] if browser else ["-m", "not browser"]), DATABASE_URL="")
    if programs() is None:
        print("PostgreSQL is not here: its run is left out")
        return code or int("postgres" in REQUIRED)
    with cluster() as url:
        return (
            run(
                "PostgreSQL",
                "tests/db",
                "tests/web",
                "tests/stories",
                "tests/regress",
                "-m",
                "not browser",
                DATABASE_URL=url,
            )
            or code
        )


if __name__ == "__main__":
    sys.exit(main())
