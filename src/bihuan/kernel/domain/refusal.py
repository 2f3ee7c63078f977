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


def need(text: str, field: str) -> str:
    """A text without white space around it. Refused when nothing is left, or when it is longer than any field."""
    if not text.strip():
        raise Refused(N_("Please write it down: this field is empty."), field=field)
    if len(text) > 10_000:
        raise Refused(N_("This text has %(n)s characters; at most 10,000 fit."), field=field, n=len(text))
    return text.strip()


def must(part: bool) -> None:
    """Refused, as something that others could do, unless the unit has a part in the step."""
    if not part:
        raise Refused(N_("Your unit has no part in this step."), allowed=False)
