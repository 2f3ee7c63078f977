"""A new installation has nobody; the shell makes the first administrators."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from bihuan.cli import main
from bihuan.kernel.orgs.models import Person, Post

pytestmark = pytest.mark.django_db


def test_a_new_installation_gets_its_first_administrators() -> None:
    def run(*words: str):
        return CliRunner().invoke(main, ["administrator", *words, "--name", "示例", "--unit", "管委会办公室"])

    assert "--district" in run("system", "sys1").output
    first = run("system", "sys1", "--district", "示例区")
    password = first.output.strip().rpartition(" ")[2]
    assert Person.objects.get(username="sys1").check_password(password)
    assert run("security", "sec1").exit_code == 0
    again = run("audit", "sys1")
    assert (again.exit_code, "holds a post already" in again.output) == (1, True)
    assert sorted(Post.objects.values_list("role", flat=True)) == ["security", "system"]
