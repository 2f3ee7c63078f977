"""The kinds of papers: their blocks, who issues them, the fields a template may name. In catalogue/papers."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings

from bihuan.adapters.word import Column, Form, Line, Rows, build
from bihuan.kernel.domain.kinds import BadCatalogue

ISSUERS = ("officer", "head", "leader")


@dataclass(frozen=True)
class Kind:
    """A kind of paper. `about` names its group of fields, `issuer` who may issue it at least, `series` its number's word."""

    id: str
    name: str
    name_en: str
    about: str
    issuer: str
    series: str
    blocks: tuple[dict[str, Any], ...]


@cache
def kinds() -> dict[str, Kind]:
    """By id. BadCatalogue names the file and what is wrong."""
    found = {}
    for path in sorted((settings.CATALOGUE / "papers").glob("*.toml")):
        if path.stem == "fields":
            continue
        data = tomllib.loads(path.read_text("utf-8"))
        kind = Kind(**{**data, "blocks": tuple(data["blocks"])})
        if kind.issuer not in ISSUERS or kind.about not in _fields()["about"]:
            raise BadCatalogue(f"{path.name}: issuer {kind.issuer!r}, about {kind.about!r}")
        found[kind.id] = kind
    return found


@cache
def _fields() -> dict[str, Any]:
    data = tomllib.loads((settings.CATALOGUE / "papers" / "fields.toml").read_text("utf-8"))
    _free(data, "fields.toml")
    return data


def _free(value: Any, where: str) -> None:
    """BadCatalogue for a field that is called like a method of dictionaries: its tag would say the method."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if hasattr(dict, key):
                raise BadCatalogue(f"{where}: a field cannot be called {key}")
            _free(inner, f"{where}, {key}")
    elif isinstance(value, list):
        for inner in value:
            _free(inner, where)


def sample(kind: Kind) -> dict[str, Any]:
    """One example of every field that a template of this kind may name."""
    return {"paper": _fields()["paper"], **_fields()["about"][kind.about]}


def fields(kind: Kind) -> list[tuple[str, str]]:
    """The fields with their examples, as `meeting.title`; `item.title for item in agenda` for those of a list."""
    out: list[tuple[str, str]] = []
    for name, value in sample(kind).items():
        out += _named(name, value)
    return out


def _named(name: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [pair for k, v in value.items() for pair in _named(f"{name}.{k}", v)]
    if isinstance(value, list):
        return [(f"{name}[]{inner.removeprefix('x')}", shown) for inner, shown in _named("x", value[0])]
    return [(name, str(value))]


@cache
def own_template(kind_id: str) -> bytes:
    """The catalogue's template of a kind as a .docx, to fill or to edit in Word."""
    return build([_block(b) for b in kinds()[kind_id].blocks])


def _block(b: dict[str, Any]) -> Line | Rows | Form:
    if "table" in b:
        return Rows([Column(head, width, text, align) for head, width, text, align in b["table"]], b.get("each", ""))
    if "form" in b:
        return Form([(label, text) for label, text in b["form"]])
    return Line(b["style"], b["text"], b.get("rule", False), b.get("lead", ""))
