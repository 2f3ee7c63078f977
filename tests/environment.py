"""The environment of the tests, set before Django reads its settings (loaded by `-p tests.environment`)."""

import os
import shutil
import tempfile
from pathlib import Path

DATA_DIR = Path(tempfile.mkdtemp(prefix="bihuan-test-"))
(DATA_DIR / "static").mkdir()
os.environ["BIHUAN_DATA"] = str(DATA_DIR)
os.environ["BIHUAN_SECRET_KEY"] = "tests only"
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps an event loop in the thread of the test


def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    shutil.rmtree(DATA_DIR, ignore_errors=True)
