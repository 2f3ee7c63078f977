"""Starting Django from the shell."""

from __future__ import annotations

import os


def django_ready() -> None:
    """Start Django once, for the commands that need it."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.conf.settings")
    django.setup()
