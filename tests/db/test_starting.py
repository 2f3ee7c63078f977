"""A database older than the program stops the start with one sentence."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from click.testing import CliRunner
from django.db.migrations.executor import MigrationExecutor

from bihuan.cli import main
from bihuan.conf.starting import lacking

pytestmark = pytest.mark.django_db


class Lacks:
    """A migration that was not applied."""

    app_label, name = "matters", "0099_more"


@pytest.mark.parametrize("command", [["serve"], ["worker", "--once"]])
def test_an_unmigrated_database_stops_the_start_with_one_sentence(command: list[str]) -> None:
    with patch.object(MigrationExecutor, "migration_plan", return_value=[(Lacks, False)]):
        result = CliRunner().invoke(main, command)
    assert result.exit_code == 1
    assert (
        result.output
        == "Error: The database lacks 1 migrations, the first: matters 0099_more. Run: bihuan manage migrate\n"
    )


def test_a_migrated_database_lacks_nothing() -> None:
    assert lacking() == ""
