"""A process that appends to one stream; started by test_h24_chain.py."""

from __future__ import annotations

import sys


def main(stream: str, who: str, n: int) -> None:
    from django.utils import timezone

    from bihuan.kernel.domain.state import Event
    from bihuan.kernel.ledger.services import StaleStream, note

    for i in range(n):
        while True:
            try:
                data = {"file": "0" * 64, "matter": i}
                note(stream=stream, event=Event("FileSeen", timezone.now(), who, "", data), at=timezone.now())
                break
            except StaleStream:
                continue


if __name__ == "__main__":
    import django

    django.setup()
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
