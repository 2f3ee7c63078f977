"""Starting Django from the shell."""

from __future__ import annotations

import os


def django_ready() -> None:
    """Start Django once, for the commands that need it."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.conf.settings")
    django.setup()


def lacking() -> str:
    """What the database lacks before this edition may run on it, as one sentence; empty when it is up to date."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        return ""
    first = plan[0][0]
    return f"The database lacks {len(plan)} migrations, the first: {first.app_label} {first.name}. Run: bihuan manage migrate"
