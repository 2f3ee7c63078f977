"""What apps show on pages that belong to nobody: the menu, the desk, the page of a matter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .registry import Registry


@dataclass(frozen=True)
class Menu:
    """An entry of the navigation: its part (`work`, `mechanisms`, `record`, or the role of an administrator), words, icon, the page it
    opens with that page's arguments, and its order in its part."""

    name: str
    section: str
    title: Any
    icon: str
    page: str
    arguments: tuple[Any, ...] = ()
    order: int = 100


@dataclass(frozen=True)
class Line:
    """A line of the desk: how many or until when, what, and the page it opens; `tone` is red, amber, green, grey, or plain."""

    mark: str
    text: str
    page: str
    arguments: tuple[Any, ...] = ()
    query: str = ""
    tone: str = "amber"
    after: str = ""


@dataclass(frozen=True)
class Panel:
    """What an app puts on a page that is not its own.

    `place` is the page; `show(viewer, about, now)` what it shows: lines for `desk` (about is None); a context for the part of the
    same name on the page of a `matter`, or lines; first values for the form when a matter is `assign`ed. An empty answer shows nothing.
    """

    name: str
    place: str
    show: Callable[[Any, Any, datetime], Any]
    order: int = 100


menus: Registry[Menu] = Registry("menu entry")
panels: Registry[Panel] = Registry("panel")
_claims: dict[str, str] = {}


def register(*found: Menu | Panel) -> None:
    """Say entries of the navigation and panels."""
    for entry in found:
        if isinstance(entry, Menu):
            menus.add(entry.name, entry)
        else:
            panels.add(entry.name, entry)


def claim(menu: str, *pages: str) -> None:
    """Say that pages belong to an entry of the navigation. ValueError for one that another entry has."""
    for page in pages:
        if _claims.setdefault(page, menu) != menu:
            raise ValueError(f"the page {page!r} belongs to {_claims[page]!r} already")


def section(name: str) -> list[Menu]:
    """The entries of one part of the navigation, in order."""
    return sorted((m for m in menus if m.section == name), key=lambda m: m.order)


def belongs(page: str) -> str:
    """The entry of the navigation that a page belongs to; the page's own name where nobody claims it."""
    return _claims.get(page) or next((m.name for m in menus if m.page == page and not m.arguments), page)


def shown(place: str, viewer: Any, about: Any, now: datetime) -> Iterator[tuple[Panel, Any]]:
    """The panels of a place that have something to show, in order, each with what it shows."""
    for panel in sorted((p for p in panels if p.place == place), key=lambda p: p.order):
        if answer := panel.show(viewer, about, now):
            yield panel, answer
