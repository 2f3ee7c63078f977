"""Every test runs on data of its own; nothing here reads ../shared or the network."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from uuid import uuid4

os.environ["BIHUAN_DATA"] = tempfile.mkdtemp(prefix="bihuan-test-")
os.environ.setdefault("BIHUAN_SECRET_KEY", "tests only")
os.environ["BIHUAN_CHECK_EVENTS"] = "true"  # every event is held against what its type says it holds
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps an event loop in the test's thread

import pytest
from hypothesis import settings as hypothesis

hypothesis.register_profile("suite", deadline=None)  # a busy machine is no fault of what is tested
hypothesis.load_profile("suite")

DATA = Path(__file__).parent / "data"


def pytest_sessionfinish(session: pytest.Session) -> None:
    shutil.rmtree(os.environ["BIHUAN_DATA"], ignore_errors=True)


@cache
def _kept() -> Path | None:
    """Where a migrated SQLite database of this state of the code is kept between runs; None on PostgreSQL."""
    from django.conf import settings

    if settings.DATABASES["default"]["ENGINE"] != "django.db.backends.sqlite3":
        return None
    root = Path(__file__).parents[1]
    said = hashlib.sha256(sys.version.encode())
    made_by = [
        root / "requirements/app.txt",
        *sorted((root / "src").rglob("migrations/*.py")),
        *sorted((root / "src/bihuan/kernel").rglob("*.py")),
    ]
    for path in made_by:
        said.update(path.read_bytes())
    return root / ".pytest_cache" / f"migrated-{said.hexdigest()[:16]}.sqlite3"


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """A database copied from an earlier run is migrated no second time; each run still has its own, in its own folder."""
    kept = _kept()
    return kept is not None and kept.exists()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings, django_db_keepdb: bool) -> None:
    """Begin with the migrated database of an earlier run where there is one."""
    from django.db import connection

    kept = _kept()
    if django_db_keepdb and kept is not None:
        shutil.copy(kept, connection.settings_dict["TEST"]["NAME"])


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_keepdb: bool, django_db_blocker) -> None:
    """Keep the migrated database for the next run, and no older one."""
    kept = _kept()
    if django_db_keepdb or kept is None:
        return
    from django.db import connection

    kept.parent.mkdir(exist_ok=True)
    mine = kept.with_suffix(f".{os.getpid()}")
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(mine)])
    for old in kept.parent.glob("migrated-*.sqlite3"):
        old.unlink(missing_ok=True)
    mine.replace(kept)


@pytest.fixture(autouse=True, scope="session")
def _samples() -> Iterator[None]:
    """With BIHUAN_GOLDEN=FOLDER a sample of every event that is written goes there, for tools/golden.py."""
    folder = os.environ.get("BIHUAN_GOLDEN")
    if not folder:
        yield
        return
    from bihuan.kernel.registry import events

    check = events.check
    with (Path(folder) / f"{os.getpid()}.jsonl").open("a", encoding="utf-8") as out:

        def checked(name: str, data) -> None:
            check(name, data)
            out.write(json.dumps({"type": name, "data": data}, ensure_ascii=False) + "\n")

        events.check = checked
        yield
        events.check = check


@pytest.fixture(autouse=True)
def _fast(settings) -> None:
    """Cheap password hashes; calendars forgotten, and directories too, since each test has its own; a ledger of its own too."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.WHITENOISE_AUTOREFRESH = True
    settings.LEDGER_WITNESS = Path(os.environ["BIHUAN_DATA"]) / f"witness-{uuid4()}.note"
    from bihuan.kernel.calendars import selectors as calendars
    from bihuan.kernel.matters import catalogue, remembered
    from bihuan.kernel.orgs import selectors as orgs

    calendars.forget()
    catalogue.forget()
    remembered.forget()
    orgs.forget()


@pytest.fixture
def open_ledger(transactional_db) -> Iterator[None]:
    """Transactional tests empty their tables at the end, which the ledger's triggers would refuse; the search tables
    belong to no model, so they are emptied here."""
    from bihuan.kernel.ledger import triggers
    from bihuan.kernel.matters.finding import MATTERS, SUBJECTS

    triggers.install()
    yield
    triggers.remove()
    MATTERS.clear()
    SUBJECTS.clear()


@pytest.fixture
def at(d):
    """A browser of a persona: `at("jfj1").get("/")`."""
    from django.test import Client

    def signed_in(who: str) -> Client:
        client = Client()
        client.force_login(d.people[who], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in


@pytest.fixture
def d(db):
    """A small district with its personas."""
    from .support import District

    return District()
