"""An index of documents by number: FTS5 on SQLite, a GIN array on PostgreSQL, one answer.

Tables: `search_NAME` (id, text, fresh; on PostgreSQL also grams) and on SQLite `search_NAME_grams`, an FTS5 table that keeps
the grams and no text. A document is written in the transaction of what it describes, as fresh: until `settle` (the worker)
has entered its grams it is found by looking at its text. So writing costs one row, and nothing is ever missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction

from .grams import grams, needed

NAMES = ("matter", "subject")
BATCH = 2_000


def _token(gram: str) -> str:
    """A gram as FTS5's ascii tokenizer keeps it whole: ASCII signs move to the private use area."""
    return "".join(c if c.isalnum() or not c.isascii() else chr(0xE000 + ord(c)) for c in gram)


def _tokens(text: str) -> str:
    return " ".join(map(_token, sorted(grams(text))))


def create(vendor: str, name: str) -> list[str]:
    """The statements that make an index's tables."""
    table = f"search_{name}"
    fresh = f"CREATE INDEX {table}_fresh ON {table} (id) WHERE fresh"
    if vendor == "sqlite":
        return [
            f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, text TEXT NOT NULL, fresh BOOLEAN NOT NULL)",
            fresh,
            f"CREATE VIRTUAL TABLE {table}_grams USING fts5(grams, content='', detail=none, columnsize=0, tokenize='ascii')",
        ]
    return [
        f"CREATE TABLE {table} (id bigint PRIMARY KEY, text text NOT NULL, fresh boolean NOT NULL, grams text[])",
        fresh,
        f"CREATE INDEX {table}_grams ON {table} USING gin (grams)",
    ]


class Index:
    """One index. `name` is one of NAMES."""

    def __init__(self, name: str) -> None:
        self.table = f"search_{name}"

    def add(self, number: int, text: str) -> None:
        """Write a document that is not there yet."""
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {self.table} (id, text, fresh) VALUES (%s, %s, TRUE)", [number, text])

    def put(self, documents: Sequence[tuple[int, str]]) -> None:
        """Write documents, (number, searchable text), anew or over what was there."""
        if not documents:
            return
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                self._withdraw(cursor, [i for i, _ in documents])
                cursor.executemany(
                    f"INSERT OR REPLACE INTO {self.table} (id, text, fresh) VALUES (%s, %s, TRUE)", documents
                )
                return
            cursor.executemany(
                f"INSERT INTO {self.table} (id, text, fresh) VALUES (%s, %s, TRUE) ON CONFLICT (id) DO UPDATE "
                "SET text = excluded.text, fresh = TRUE, grams = NULL",
                documents,
            )

    def _withdraw(self, cursor: Any, numbers: Sequence[int]) -> None:
        """Take the grams of settled documents out of FTS5, which needs to be told what they were."""
        marks = ", ".join(["%s"] * len(numbers))
        cursor.execute(f"SELECT id, text FROM {self.table} WHERE NOT fresh AND id IN ({marks})", numbers)
        gone = [(i, _tokens(text)) for i, text in cursor.fetchall()]
        cursor.executemany(
            f"INSERT INTO {self.table}_grams ({self.table}_grams, rowid, grams) VALUES ('delete', %s, %s)", gone
        )

    @transaction.atomic
    def settle(self, at_most: int = BATCH) -> int:
        """Enter the grams of fresh documents; how many. Any number of workers may do so."""
        lock = " FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id, text FROM {self.table} WHERE fresh ORDER BY id LIMIT {int(at_most)}{lock}")
            rows = cursor.fetchall()
            if connection.vendor == "postgresql":
                cursor.executemany(
                    f"UPDATE {self.table} SET fresh = FALSE, grams = %s WHERE id = %s",
                    [(sorted(grams(t)), i) for i, t in rows],
                )
            elif rows:
                cursor.executemany(
                    f"INSERT INTO {self.table}_grams (rowid, grams) VALUES (%s, %s)", [(i, _tokens(t)) for i, t in rows]
                )
                cursor.executemany(f"UPDATE {self.table} SET fresh = FALSE WHERE id = %s", [(i,) for i, _ in rows])
        return len(rows)

    def clear(self) -> None:
        """Forget everything."""
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {self.table}")
            if connection.vendor == "sqlite":
                cursor.execute(f"INSERT INTO {self.table}_grams ({self.table}_grams) VALUES ('delete-all')")

    def _settled(self, words: Sequence[str], more: str) -> tuple[str, list[Any]]:
        """SQL for the numbers of settled documents that hold all words, and its parameters."""
        must: set[str] = set().union(*map(needed, words))
        long = [w for w in words if len(w) > 2]
        if connection.vendor == "postgresql":
            exact = "".join(" AND position(%s in text) > 0" for _ in long)
            return f"SELECT id FROM {self.table} WHERE grams @> %s{exact}{more.format(id='id')}", [sorted(must), *long]
        match = " AND ".join(f'"{_token(g)}"' for g in sorted(must))
        fts = f"{self.table}_grams"
        if not long:
            return f"SELECT rowid AS id FROM {fts} WHERE {fts} MATCH %s{more.format(id='rowid')}", [match]
        exact = "".join(" AND instr(t.text, %s) > 0" for _ in long)
        return (
            f"SELECT g.rowid AS id FROM {fts} g CROSS JOIN {self.table} t ON t.id = g.rowid "
            f"WHERE {fts} MATCH %s{exact}{more.format(id='g.rowid')}",
            [match, *long],
        )

    def _fresh(self, words: Sequence[str], more: str) -> tuple[str, list[Any]]:
        """The same for fresh documents, whose text is looked at."""
        find = "position(%s in text) > 0" if connection.vendor == "postgresql" else "instr(text, %s) > 0"
        exact = "".join(f" AND {find}" for _ in words)
        return f"SELECT id FROM {self.table} WHERE fresh{exact}{more.format(id='id')}", list(words)

    def ids(self, words: Iterable[str], *, before: int | None = None, limit: int) -> list[int]:
        """The numbers of the latest documents that hold all words, newest first, below `before`."""
        words = list(words)
        more = (" AND {id} < %s" if before is not None else "") + " ORDER BY {id} DESC LIMIT " + str(int(limit))
        found: set[int] = set()
        with connection.cursor() as cursor:
            for sql, params in (self._settled(words, more), self._fresh(words, more)):
                cursor.execute(sql, [*params, before] if before is not None else params)
                found.update(row[0] for row in cursor.fetchall())
        return sorted(found, reverse=True)[:limit]

    def query(self, words: Iterable[str]) -> tuple[str, list[Any]]:
        """SQL and parameters for the numbers of all documents that hold all words."""
        words = list(words)
        (settled, a), (fresh, b) = self._settled(words, ""), self._fresh(words, "")
        return f"{settled} UNION ALL {fresh}", [*a, *b]
