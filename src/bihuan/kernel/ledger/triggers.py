"""Triggers that refuse UPDATE and DELETE on the ledger, on both databases. Installed after every migrate."""

from typing import Any

from django.db import connections

TABLES = ("ledger_event", "ledger_leaf", "ledger_node", "ledger_checkpoint")
FUNCTION = (
    "CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$"
)


def _install(vendor: str, table: str) -> list[str]:
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
            for verb in ("update", "delete")
        ]
    return [
        f"CREATE OR REPLACE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION ledger_refuse()",
        f"CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION ledger_refuse()",
    ]


def _remove(vendor: str, table: str) -> list[str]:
    if vendor == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {table}_no_{verb}" for verb in ("update", "delete")]
    return [f"DROP TRIGGER IF EXISTS {table}_no_{name} ON {table}" for name in ("change", "truncate")]


def install(using: str = "default") -> None:
    """Put the triggers in place; harmless when they are."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(FUNCTION)
        for table in TABLES:
            for statement in _install(connection.vendor, table):
                cursor.execute(statement)


def remove(using: str = "default") -> None:
    """Take the triggers away. Only tests and tamper drills do this; `verify` is what finds a change afterwards."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for table in TABLES:
            for statement in _remove(connection.vendor, table):
                cursor.execute(statement)


def after_migrate(sender: Any, using: str = "default", **kwargs: Any) -> None:
    """Signal handler of `post_migrate`."""
    if set(TABLES) <= set(connections[using].introspection.table_names()):
        install(using)
