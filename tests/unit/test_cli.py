"""The shell without a database, and settings that fail loudly."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bihuan.cli import main

DATA = Path(__file__).resolve().parents[1] / "data"


def run(*arguments: str):
    return CliRunner().invoke(main, list(arguments))


def test_a_register_is_read_as_json_and_in_words() -> None:
    found = json.loads(run("registers", "read", str(DATA / "fire-hazards.xlsx"), "--json").output)
    expected = json.loads((DATA / "fire-hazards.expected.json").read_text("utf-8"))
    assert found == {**expected, "errors": []}
    assert "防火门闭门器损坏3处" in run("registers", "read", str(DATA / "fire-hazards.xlsx")).output


def test_an_unreadable_register_exits_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("甲,乙\n", "utf-8")
    result = run("registers", "read", str(tmp_path / "x.csv"))
    assert (result.exit_code, "No row names" in result.output) == (1, True)


def test_reading_and_counting_need_no_database() -> None:
    code = "import sys; from bihuan.cli import main; main(sys.argv[1:], standalone_mode=False); sys.exit('django' in sys.modules)"
    for arguments in (
        ["registers", "read", str(DATA / "whitelist.xlsx"), "--json"],
        ["calendar", "add", "2025-09-30", "3"],
    ):
        assert subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True).returncode == 0, arguments


@pytest.mark.parametrize(
    ("start", "n", "due", "provisional"),
    [("2025-09-30", "3", "2025-10-11", False), ("2026-12-28", "10", "2027-01-11", True)],
)
def test_adding_working_days_explains_itself(start: str, n: str, due: str, provisional: bool) -> None:
    output = run("calendar", "add", start, n).output
    assert output.startswith(due)
    assert ("provisional" in output) is provisional
    assert f"{start} is not counted" in output


@pytest.mark.parametrize(
    "arguments",
    [
        ("calendar", "add", "2025-13-01", "3"),
        ("calendar", "add", "2025-01-01", "-1"),
        ("calendar", "add", "1999-01-01", "1"),
        ("registers", "read", "nowhere.xlsx"),
    ],
)
def test_odd_arguments_are_refused(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code
    assert arguments[2] in result.output or "-1" in result.output


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BIHUAN_DEBUG", "perhaps"),
        ("BIHUAN_MAX_UPLOAD_MB", "many"),
        ("BIHUAN_MAX_UPLOAD_MB", "0"),
        ("BIHUAN_SESSION_MINUTES", "1"),
        ("BIHUAN_LEDGER_ORIGIN", "two words"),
        ("BIHUAN_LEDGER_ORIGIN", "a+b"),
        ("BIHUAN_LEDGER_ORIGIN", "x" * 201),
        ("BIHUAN_LEDGER_SIGNER", "device"),
        ("BIHUAN_LEDGER_SIGNER", "command:"),
        ("BIHUAN_LEDGER_SIGNER", "command:'open"),
        ("DATABASE_URL", "mysql://x/y"),
        ("DATABASE_URL", "nonsense"),
    ],
)
def test_an_odd_setting_stops_the_start_with_its_name(name: str, value: str, tmp_path: Path) -> None:
    environment = {**os.environ, "BIHUAN_DATA": str(tmp_path), name: value}
    code = "import django; from django.conf import settings; settings.DEBUG"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**environment, "DJANGO_SETTINGS_MODULE": "bihuan.conf.settings"},
        capture_output=True,
        text=True,
    )
    assert done.returncode
    assert name in done.stderr


def test_the_secret_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "BIHUAN_DATA": str(tmp_path),
        "BIHUAN_SECRET_KEY": "",
        "DJANGO_SETTINGS_MODULE": "bihuan.conf.settings",
    }
    code = "from django.conf import settings; print(settings.SECRET_KEY)"
    keys = {
        subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    }
    assert len(keys) == 1
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_case_is_judged_in_the_shell_and_the_edition_of_2025_refuses(tmp_path) -> None:
    case = Path(__file__).resolve().parents[2] / "demo" / "major-case.json"
    answer = CliRunner().invoke(main, ["fire", "determine", str(case), "--json"])
    assert answer.exit_code == 0
    told = json.loads(answer.output)
    assert (told["major"], told["how"]) == (True, "comprehensive")
    assert told["comprehensive"]["thresholds"][0]["counted"] == ["7.3.1", "7.3.2", "7.3.7"]
    later = tmp_path / "later.json"
    later.write_text(case.read_text("utf-8").replace("2024", "2026"), "utf-8")
    refused = CliRunner().invoke(main, ["fire", "determine", str(later)])
    assert refused.exit_code == 1
    assert "2025" in refused.output
    later.write_text("{", "utf-8")
    assert CliRunner().invoke(main, ["fire", "determine", str(later)]).exit_code == 1
