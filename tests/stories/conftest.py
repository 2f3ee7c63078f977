from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from ..support import District


@pytest.fixture
def at(d: District) -> Callable[[str], Client]:
    """A browser of a persona."""

    def signed_in(who: str) -> Client:
        client = Client()
        client.force_login(d.people[who], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in
