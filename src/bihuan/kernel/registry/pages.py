"""What apps show on pages that belong to nobody: the menu, the desk, the page of a matter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .registry import Registry


@dataclass(frozen=True)
class Menu:
    """An entry of the navigation: which part of it (`work`, `mechanisms`, `record`, or an administrator's), its words and icon, the
    page it opens, the order in its part, and the pages that belong to it."""

    name: str
    section: str
    title: Any
    icon: str
    page: str
    order: int = 100
    arguments: tuple[Any, ...] = ()
    pages: Sequence[str] = ()


@dataclass(frozen=True)
class Line:
    """A line of the desk: how many or until when, what, and the page it opens."""

    mark: str
    text: str
    page: str
    arguments: tuple[Any, ...] = ()
    query: str = ""


@dataclass(frozen=True)
class Panel:
    """What an app puts on a page that is not its own.

    `place` is the page (`desk`, `matter`, `assign`), `show(viewer, about, now)` gives what it shows: lines for the desk (`about` is None),
    a context for `template` on the page of a matter, first values for the form that assigns it. Nothing shown: an empty answer.
    """

    name: str
    place: str
    show: Callable[[Any, Any, datetime], Any]
    template: str = ""
    order: int = 100
    words: Mapping[str, Any] = field(default_factory=dict)


menus: Registry[Menu] = Registry("menu entry")
panels: Registry[Panel] = Registry("panel")


def register(*found: Menu | Panel) -> None:
    """Say entries of the navigation and panels."""
    for entry in found:
        if isinstance(entry, Menu):
            menus.add(entry.name, entry)
        else:
            panels.add(entry.name, entry)


def section(name: str) -> list[Menu]:
    """The entries of one part of the navigation, in order."""
    return sorted((m for m in menus if m.section == name), key=lambda m: m.order)


def belongs(page: str) -> str:
    """The entry that a page belongs to; its own name where nobody claims it."""
    return next((m.name for m in menus if page == m.page or page in m.pages), page)


def shown(place: str, viewer: Any, about: Any, now: datetime) -> Iterable[tuple[Panel, Any]]:
    """The panels of a place that have something to show, in order."""
    for panel in sorted((p for p in panels if p.place == place), key=lambda p: p.order):
        if answer := panel.show(viewer, about, now):
            yield panel, answer
