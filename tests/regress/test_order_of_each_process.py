"""A path drew its rows in the order of a set of names, which is another one in each process of the server."""

import os
import subprocess
import sys

CODE = """
from bihuan.cli.common import ROOT
from bihuan.engines.approvals.catalogue import catalogue
print(catalogue(ROOT / "catalogue" / "approvals").order)
"""


def test_the_order_of_approvals_is_the_same_in_every_process() -> None:
    orders = {
        subprocess.run(
            [sys.executable, "-c", CODE],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in "01234"
    }
    assert len(orders) == 1
