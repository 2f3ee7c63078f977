"""One shape for every registry: names to entries, each said once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

Entry = TypeVar("Entry")


class Registry(Generic[Entry]):
    """Entries by name, in the order in which they were said."""

    def __init__(self, what: str) -> None:
        self.what = what
        self._entries: dict[str, Entry] = {}

    def add(self, name: str, entry: Entry) -> None:
        """Enter one. ValueError when the name is taken by another entry: two apps would speak for one thing."""
        if self._entries.setdefault(name, entry) != entry:
            raise ValueError(f"{self.what} {name!r} is registered twice")

    def put(self, name: str, entry: Entry) -> None:
        """Enter another in its place."""
        self._entries[name] = entry

    def get(self, name: str) -> Entry | None:
        """The entry of a name; None when nobody said it."""
        return self._entries.get(name)

    def __getitem__(self, name: str) -> Entry:
        return self._entries[name]

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[Entry]:
        return iter(list(self._entries.values()))

    def items(self) -> list[tuple[str, Entry]]:
        """Names and entries."""
        return list(self._entries.items())

    def remove(self, name: str) -> None:
        """Forget one: for tests that bring a toy app."""
        del self._entries[name]
