"""How the streams of financing are called. What a row's stream follows from never changes."""

from __future__ import annotations

from .models import Appetite, Choice, Edition, Figure, File, Movement, Proof, Push, Statement, Step

CONDITIONS = "conditions:financing"


def of_file(file: File) -> str:
    """A file: its head, its figures, and the steps of the office and the developer."""
    return f"financing:{file.code}"


def of_push(push: Push) -> str:
    """What one bank was asked and answered. A push has a stream of its own, so that a bank's receipts tell nothing of others."""
    return f"push:{push.code}"


def of_step(step: Step) -> str:
    """A step: of its push, else of its file. What a bank keeps for its people stands apart, since the developer does not see it."""
    if step.push is None:
        return of_file(step.file)
    return f"duty:{step.push.code}" if step.what == "duty" else of_push(step.push)


def of_proof(proof: Proof) -> str:
    """Evidence, with its step."""
    return of_step(proof.step)


def of_figure(figure: Figure) -> str:
    """A figure, with its file."""
    return of_file(figure.file)


def of_account(file: File) -> str:
    """Statements of a file's supervised account, and their lines."""
    return f"account:{file.code}"


def of_line(row: Statement | Movement) -> str:
    """A statement or one of its lines, with the account."""
    return of_account(row.file)


def of_appetite(row: Appetite) -> str:
    """What a bank can take on."""
    return f"appetite:{row.bank.code}"


def of_choice(file: File) -> str:
    """Which lead bank people decided on for a file."""
    return f"choice:{file.code}"


def of_chosen(row: Choice) -> str:
    """A choice, by its file."""
    return of_choice(row.file)


def of_edition(row: Edition) -> str:
    """Editions of the condition sets, all in one."""
    return CONDITIONS


def of_lender(file: File, bank: str) -> str:
    """What another lender was told."""
    return f"lender:{file.code}:{bank}"
