"""A worker that stands still inside its task, to be killed there: `python -m tests.db.dying <what its task calls>`."""

from __future__ import annotations

import sys
import time
from typing import NoReturn
from unittest.mock import patch


def stand(*_: object, **__: object) -> NoReturn:
    print("inside", flush=True)
    while True:
        time.sleep(60)


def main(hook: str) -> None:
    from bihuan.instruments.jobs.running import work

    with patch(hook, stand):
        work()
    print("never came there", flush=True)


if __name__ == "__main__":
    import django

    django.setup()
    main(sys.argv[1])
