"""Templates of letters by audience, in catalogue/letters; days of tasks as month and day."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.conf import settings

from bihuan.kernel.domain.kinds import BadCatalogue


@dataclass(frozen=True)
class Template:
    """A template. `kinds` are the kinds of unit of its audience, `without` functions whose units have no such letter, `kind` what
    its tasks become, `scheme` the assessment that goes by it."""

    id: str
    name: str
    name_en: str
    mechanism: str
    audience: str
    title: str
    kinds: tuple[str, ...]
    without: tuple[str, ...]
    kind: str
    scheme: str
    copies: int
    source: str
    confirmed: bool
    body: dict[str, Any]

    def wording(self, year: int) -> dict[str, Any]:
        """The wording of a year."""
        tasks = [{"text": t["text"], "due": [f"{year}-{d}" for d in t["due"]]} for t in self.body["tasks"]]
        return {
            **{k: str(v).replace("{year}", str(year)) for k, v in self.body.items() if isinstance(v, str)},
            "targets": [dict(t) for t in self.body["targets"]],
            "tasks": tasks,
        }

    def days(self, year: int) -> tuple[date, date]:
        """First and last day of the validity."""
        return date(year, 1, 1), date(year, 12, 31)


@cache
def templates() -> dict[str, Template]:
    """By id. BadCatalogue names the file and what is wrong."""
    found = {}
    for path in sorted((settings.CATALOGUE / "letters").glob("*.toml")):
        data = tomllib.loads(path.read_text("utf-8"))
        try:
            made = Template(
                **{**data, "kinds": tuple(data["kinds"]), "without": tuple(data["without"]), "body": data["body"]}
            )
            for target in made.body["targets"]:
                target |= {k: str(target.get(k, "")) for k in ("metric", "sign", "value")}
            made.wording(2026)
        except (TypeError, KeyError) as error:
            raise BadCatalogue(f"{path.name}: {error}") from None
        found[made.id] = made
    return found
