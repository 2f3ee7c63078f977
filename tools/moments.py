"""Days taken from moments without a zone: `.date()` on an aware datetime gives the day in UTC, eight hours late here."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CLOCKS = "src/bihuan/kernel/domain/clocks.py"
"""The one module that may: `local_day` stands there."""
NAIVE = {
    ("src/bihuan/engines/registers/dates.py", "read_date"): "a cell of a sheet has no zone",
    ("src/bihuan/engines/registers/statements.py", "day_of"): "a cell of a sheet has no zone",
}
"""Functions in which `.date()` is taken of a naive datetime, and why."""
MOMENT = re.compile(r"^(?:now|at|moment|\w+_at)$")
"""How moments are called here: what lies under such a name is aware."""
PARTS = {"year", "month", "day", "hour", "weekday", "isoweekday", "isocalendar", "strftime", "time", "timetuple"}
LOCAL = {"astimezone", "localtime", "strptime", "combine"}
"""Calls whose answer is local or naive by what was asked for, when they stand right before."""


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _local(node: ast.expr) -> bool:
    """Said right here to be local or naive: `x.astimezone(ZONE)`, `datetime.now(ZONE)`, `datetime.strptime(…)`."""
    return isinstance(node, ast.Call) and (_name(node) in LOCAL or (_name(node) == "now" and bool(node.args)))


def _moment(node: ast.expr) -> bool:
    return bool(MOMENT.match(_name(node))) and not _local(node)


class _Look(ast.NodeVisitor):
    def __init__(self, name: str) -> None:
        self.name, self.inside, self.found = name, [""], list[str]()

    def _enter(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.inside.append(node.name)
        self.generic_visit(node)
        self.inside.pop()

    visit_FunctionDef = visit_AsyncFunctionDef = _enter

    def _say(self, node: ast.expr, what: str) -> None:
        if (self.name, self.inside[-1]) not in NAIVE:
            self.found.append(f"{self.name}:{node.lineno}: {what} of a moment is that of UTC; use clocks.local_day")

    def visit_Call(self, node: ast.Call) -> None:
        f = node.func
        if isinstance(f, ast.Attribute) and f.attr == "date" and not node.args and not node.keywords:
            if not _local(f.value):
                self._say(node, ".date()")
        elif isinstance(f, ast.Attribute) and f.attr == "date" and _name(f.value) == "datetime" and len(node.args) == 1:
            self._say(node, "datetime.date()")
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if node.attr in PARTS and _moment(node.value):
            self._say(node, f".{node.attr}")
        self.generic_visit(node)

    def visit_FormattedValue(self, node: ast.FormattedValue) -> None:
        if _moment(node.value) and node.format_spec is not None and "%" in ast.unparse(node.format_spec):
            self._say(node, "writing out the day")
        self.generic_visit(node)


def utc_days(name: str, text: str) -> list[str]:
    """Where a module (its path from the root, its text) takes the day of a moment in UTC, a line each."""
    if name == CLOCKS:
        return []
    look = _Look(name)
    look.visit(ast.parse(text))
    return look.found
