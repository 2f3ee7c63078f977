"""What every form of a command is made of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.kinds import Kind
from bihuan.kernel.domain.state import State

from ..surface.fields import TEXT


class CommandForm(forms.Form):
    """Base: knows the state it was opened for. `build` makes the command; the service puts the real actor in."""

    title: Any = ""
    button: Any = _("Confirm")
    hint: Any = ""

    version = forms.IntegerField(widget=forms.HiddenInput)
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, state: State, kind: Kind, viewer: Viewer, today: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.state, self.kind, self.viewer, self.today = state, kind, viewer, today
        self.seen: State | None = None
        """The state when the form was opened, once it comes back."""
        self.prepare()

    def prepare(self) -> None:
        """Fill choices and defaults from the state."""

    def build(self, actor: c.Actor, at: datetime) -> c.Command:
        """The command that was asked for."""
        raise NotImplementedError

    def typed(self) -> dict[str, str]:
        """What the person typed, by label, to be shown again when somebody else was first."""
        shown = {}
        for name, field in self.fields.items():
            value = self.data.get(name)
            if name not in ("version", "token") and value:
                shown[str(field.label or name)] = str(value)
        return shown

    @property
    def d(self) -> dict[str, Any]:
        """Cleaned values."""
        return self.cleaned_data


class ReasonForm(CommandForm):
    """A step that needs a reason and nothing else."""

    reason = forms.CharField(label=_("Reason"), widget=TEXT)
    command: type[c.Command] = c.Return

    def build(self, actor: c.Actor, at: datetime) -> c.Command:
        return self.command(actor, at, self.d["reason"])  # type: ignore[call-arg]
