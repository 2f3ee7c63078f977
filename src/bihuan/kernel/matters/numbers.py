"""Numbers of matters: from the sequence of the table on PostgreSQL, so that writers never wait; on SQLite the writer is alone anyway."""

from __future__ import annotations

from django.db import connection

NEXT = "SELECT nextval(pg_get_serial_sequence('matters_matter', 'number')) FROM generate_series(1, %s)"


def take(n: int = 1) -> list[int]:
    """The next `n` numbers. Must run in the transaction that uses them."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(NEXT, [n])
            return [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT COALESCE(MAX(number), 0) FROM matters_matter")
        first = cursor.fetchone()[0] + 1
        return list(range(first, first + n))
