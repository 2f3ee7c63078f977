"""Triggers that refuse UPDATE and DELETE on the ledger, on both databases. Installed after every migrate."""

from typing import Any

from django.db import connections

TABLE = "ledger_event"
SQLITE = [
    f"CREATE TRIGGER IF NOT EXISTS {TABLE}_no_{verb} BEFORE {verb.upper()} ON {TABLE} "
    "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
    for verb in ("update", "delete")
]
POSTGRES = [
    "CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$",
    f"CREATE OR REPLACE TRIGGER {TABLE}_no_change BEFORE UPDATE OR DELETE ON {TABLE} "
    "FOR EACH ROW EXECUTE FUNCTION ledger_refuse()",
    f"CREATE OR REPLACE TRIGGER {TABLE}_no_truncate BEFORE TRUNCATE ON {TABLE} EXECUTE FUNCTION ledger_refuse()",
]
REMOVE = {
    "sqlite": [f"DROP TRIGGER IF EXISTS {TABLE}_no_{verb}" for verb in ("update", "delete")],
    "postgresql": [f"DROP TRIGGER IF EXISTS {TABLE}_no_{name} ON {TABLE}" for name in ("change", "truncate")],
}


def install(using: str = "default") -> None:
    """Put the triggers in place; harmless when they are."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for statement in SQLITE if connection.vendor == "sqlite" else POSTGRES:
            cursor.execute(statement)


def remove(using: str = "default") -> None:
    """Take the triggers away. Only tests and tamper drills do this; `verify` is what finds a change afterwards."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for statement in REMOVE[connection.vendor]:
            cursor.execute(statement)


def after_migrate(sender: Any, using: str = "default", **kwargs: Any) -> None:
    """Signal handler of `post_migrate`."""
    if TABLE in connections[using].introspection.table_names():
        install(using)
