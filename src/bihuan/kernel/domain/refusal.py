"""How the domain says no: one exception that carries a sentence and the place."""

from __future__ import annotations


def N_(text: str) -> str:
    """Mark a sentence for translation; the web translates it."""
    return text


class Refused(Exception):
    """The command cannot be done. `message % params` is the sentence; `field` names the place; `allowed` is False
    when somebody else could do it."""

    def __init__(self, message: str, *, field: str = "", allowed: bool = True, **params: object) -> None:
        super().__init__(message % params)
        self.message, self.field, self.allowed, self.params = message, field, allowed, params

    @classmethod
    def like(cls, message: str, params: dict[str, object], field: str) -> Refused:
        """The refusal of another part (an engine's, say) at a field of ours."""
        error = cls("", field=field)
        error.message, error.params = message, params
        error.args = (message % params if params else message,)
        return error
