"""Templates as they are rendered: laid out for people on disk, without the indentation on the wire."""

from __future__ import annotations

import re
from pathlib import Path

from django.template import Origin
from django.template.loaders import app_directories

INDENT = re.compile(r"\n[ \t]+")


ROOMS = tuple(str(p) for p in sorted(Path(__file__).resolve().parents[1].glob("*/templates")))


class Loader(app_directories.Loader):
    """The loader of the rooms' folders, then of apps' folders; in HTML it drops the spaces at the beginning of lines, a third of a list
    page."""

    def get_dirs(self) -> list[str | Path]:
        """Folders, our own first: they replace pages of allauth."""
        return [*ROOMS, *super().get_dirs()]

    def get_contents(self, origin: Origin) -> str:
        """The source of a template."""
        text = super().get_contents(origin)
        return INDENT.sub("\n", text) if origin.name.endswith(".html") else text
